import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeDurably } from '../durable-file.js';
import { whyNotWritten } from '../emulator/file-trouble.js';
import { Exit, type ExitCode } from '../exit.js';
import { pageHtml } from '../report/page.js';
import { type Console, fail } from './console.js';
import type { ListFlags } from './list-flags.js';
import { openRendered } from './rendered-run.js';
import { runPage } from './run-page.js';
import { shownPath } from './shown-path.js';

/** `shotlist report`: writes the dailies page of a run. */
export async function report(run: string, flags: ListFlags, console: Console): Promise<ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
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

/** A file's address on a page in `folder`: relative, so that both can be moved together. */
function addressFrom(folder: string, path: string): string {
  const steps = relative(folder, path).split(sep);
  // On another Windows drive nothing is relative.
  if (steps[0]?.endsWith(':')) return pathToFileURL(path).href;
  return steps.map(encodeURIComponent).join('/');
}
