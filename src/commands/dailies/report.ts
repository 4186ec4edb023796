import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeDurably } from '../../base/durable-file.js';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { whyNotWritten } from '../../base/files.js';
import { pageHtml } from '../../dailies/page.js';
import { pageCsv } from '../../dailies/page-csv.js';
import { pageMarkdown } from '../../dailies/page-markdown.js';
import { BYTE_ORDER_MARK } from '../../ui/csv.js';
import { createStatusLine } from '../../ui/status-line.js';
import { type Console, fail, shownPath } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { stopOnSignals } from '../signals.js';
import { drawContactSheet, removePages } from './contact-sheet.js';
import { inspectRest } from './inspect-rest.js';
import { openRendered, type RenderedRun, readRendered } from './rendered-run.js';
import { runPage } from './run-page.js';

export interface ReportFlags extends ListFlags {
  readonly csv?: boolean;
  readonly markdown?: boolean;
  /** The PNG to write, or true for the usual one. */
  readonly contactSheet?: string | true;
}

/** `shotlist report`: writes the dailies page of a run; with a flag, prints them as CSV or Markdown. */
export async function report(run: string, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const opened = await openLooked(run, { flags, console });
  if (typeof opened === 'number') return opened;
  if (flags.csv || flags.markdown) {
    const from = process.cwd();
    // A picture's address in Markdown is a URL; in a spreadsheet, a path is to be found by.
    const refer = (path: string) => (flags.csv ? pathFrom(from, path) : addressFrom(from, path));
    const data = await runPage(opened, { flags, refer });
    const mark = console.stdout.isTTY ? '' : BYTE_ORDER_MARK;
    console.stdout.write(flags.csv ? `${mark}${pageCsv(data)}` : pageMarkdown(data));
    return Exit.done;
  }
  if (flags.contactSheet) return contactSheet(opened, flags, console);
  const page = join(opened.directory, 'report', 'index.html');
  const data = await runPage(opened, { flags, refer: (path) => addressFrom(dirname(page), path) });
  try {
    await mkdir(dirname(page), { recursive: true });
    await writeDurably(page, pageHtml(data, null));
  } catch (error) {
    const why = whyNotWritten(error as NodeJS.ErrnoException);
    return fail(console, { exit: Exit.cannotWrite, message: `${shownPath(page)} cannot be written: ${why}` });
  }
  console.stdout.write(`The dailies: ${shownPath(page)}\nTo look at them: ${pathToFileURL(page).href}\n`);
  return Exit.done;
}

/** Opens a run whose clips have been looked at, as far as that can be done now; tells what is wrong, and returns the exit code then. */
export async function openLooked(
  run: string,
  { flags, console }: { readonly flags: ListFlags; readonly console: Console },
): Promise<RenderedRun | ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const inspected = await inspectRest(opened, console);
  if (inspected === 'stopped') {
    return fail(console, { exit: Exit.interrupted, message: 'stopped before all clips were inspected' });
  }
  if (inspected === 'same') return opened;
  const again = await readRendered(run, flags);
  return 'exit' in again ? fail(console, again) : again;
}

async function contactSheet(run: RenderedRun, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const data = await runPage(run, { flags, refer: (path) => path });
  const { contactSheet: file } = flags;
  const isOurs = typeof file !== 'string';
  const to = isOurs ? join(run.directory, 'report', 'contact-sheet.png') : resolve(file);
  const line = createStatusLine(console.stderr, effects.now);
  const onPage = (page: number, pages: number) => line.show(`Drawing page ${page} of ${pages}`);
  const drawn = await stopOnSignals((signal) =>
    drawContactSheet(data, { to, env: console.env, signal, onPage }),
  ).finally(() => line.clear());
  if ('exit' in drawn) return fail(console, drawn);
  // What a longer film has left behind would pass for a page of this one. Elsewhere, it may be anybody's.
  if (isOurs) await removePages(to, drawn.length + 1);
  console.stdout.write(drawn.map((path) => `The contact sheet: ${shownPath(path)}\n`).join(''));
  return Exit.done;
}

function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

/** A file's address on a page in `folder`: relative, so that both can be moved together. */
function addressFrom(folder: string, path: string): string {
  const steps = relative(folder, path).split(sep);
  // On another Windows drive nothing is relative.
  if (steps[0]?.endsWith(':')) return pathToFileURL(path).href;
  return steps.map(encodeURIComponent).join('/');
}
