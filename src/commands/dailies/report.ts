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
import { openInspected } from './inspected-run.js';
import type { RenderedRun } from './rendered-run.js';
import { runPage } from './run-page.js';

/** Flags of `shotlist report`. */
export interface ReportFlags extends ListFlags {
  readonly csv?: boolean;
  readonly markdown?: boolean;
  /** PNG to write; true for the default path. */
  readonly contactSheet?: string | true;
}

/** `shotlist report`: writes the dailies page of a run, or prints CSV or Markdown, or draws a contact sheet. */
export async function report(run: string, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const opened = await openInspected(run, { flags, console });
  if (typeof opened === 'number') return opened;
  if (flags.csv) return printCsv(opened, flags, console);
  if (flags.markdown) return printMarkdown(opened, flags, console);
  if (flags.contactSheet) return writeContactSheet(opened, flags, console);
  return writePage(opened, flags, console);
}

async function printCsv(run: RenderedRun, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const data = await runPage(run, { flags, refer: (path) => pathFrom(process.cwd(), path) });
  const mark = console.stdout.isTTY ? '' : BYTE_ORDER_MARK;
  console.stdout.write(`${mark}${pageCsv(data)}`);
  return Exit.done;
}

async function printMarkdown(run: RenderedRun, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const data = await runPage(run, { flags, refer: (path) => addressFrom(process.cwd(), path) });
  console.stdout.write(pageMarkdown(data));
  return Exit.done;
}

async function writePage(run: RenderedRun, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const page = join(run.directory, 'report', 'index.html');
  const data = await runPage(run, { flags, refer: (path) => addressFrom(dirname(page), path) });
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

async function writeContactSheet(run: RenderedRun, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const data = await runPage(run, { flags, refer: (path) => path });
  const { contactSheet: file } = flags;
  const isDefault = typeof file !== 'string';
  const to = isDefault ? join(run.directory, 'report', 'contact-sheet.png') : resolve(file);
  const line = createStatusLine(console.stderr, effects.now);
  const onPage = (page: number, pages: number) => line.show(`Drawing page ${page} of ${pages}`);
  const drawn = await stopOnSignals((signal) =>
    drawContactSheet(data, { to, env: console.env, signal, onPage }),
  ).finally(() => line.clear());
  if ('exit' in drawn) return fail(console, drawn);
  // Further pages of an earlier, longer film would look like pages of this one. Files elsewhere may be the user's.
  if (isDefault) await removePages(to, drawn.length + 1);
  console.stdout.write(drawn.map((path) => `The contact sheet: ${shownPath(path)}\n`).join(''));
  return Exit.done;
}

function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

/** URL of a file on a page in `folder`; relative, so that both can be moved together. */
function addressFrom(folder: string, path: string): string {
  const steps = relative(folder, path).split(sep);
  // A file on another Windows drive has no relative path.
  if (steps[0]?.endsWith(':')) return pathToFileURL(path).href;
  return steps.map(encodeURIComponent).join('/');
}
