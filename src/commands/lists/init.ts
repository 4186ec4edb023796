import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import { findTree, whyNotWritten } from '../../base/files.js';
import { shellWord } from '../../base/text.js';
import { visible } from '../../ui/visible.js';
import { type Console, fail, shownPath } from '../console.js';

const LIST = 'film.yaml';
const BOARD = 'boards/paper-boat.png';
const IGNORED = '.gitignore';
const WORKFLOW = '.github/workflows/shotlist.yml';
const SCHEMA = '.shotlist/shotlist.schema.json';

/** Files of a new project, and the file of this package that each is a copy of. */
const FILES: readonly { readonly to: string; readonly from: string; readonly what: string }[] = [
  { to: LIST, from: 'examples/starter/film.yaml', what: 'a shot list of one shot' },
  { to: BOARD, from: 'examples/starter/boards/paper-boat.png', what: 'its board' },
  { to: SCHEMA, from: 'schemas/shotlist.schema.json', what: 'for editors: completes and explains fields' },
  { to: IGNORED, from: 'examples/starter/gitignore', what: 'keeps clips out of git, manifests in' },
  { to: WORKFLOW, from: 'examples/starter/workflow.yml', what: 'checks and prices every pull request' },
];

/** `shotlist init`: makes a project in a folder. Existing files are never overwritten. */
export async function init(directory: string, console: Console): Promise<ExitCode> {
  const folder = resolve(directory);
  const { stdout } = console;
  const kept: string[] = [];
  for (const { to, from, what } of FILES) {
    // An existing list has its own boards.
    if (to === BOARD && kept.includes(LIST)) continue;
    const content = await readFile(join(packageFolder(), from));
    try {
      const written = await writeNew(join(folder, to), content);
      if (written) stdout.write(`wrote  ${shownPath(join(folder, to))}  ${what}\n`);
      else kept.push(to);
    } catch (error) {
      const message = `${shownPath(join(folder, to))} cannot be written: ${whyNotWritten(error as NodeJS.ErrnoException)}`;
      const hint = 'the files listed as written stay; existing files were not touched';
      return fail(console, { exit: Exit.cannotWrite, message, hint });
    }
  }
  for (const file of kept) stdout.write(`kept   ${shownPath(join(folder, file))}  was there already\n`);
  stdout.write(await nextSteps(folder, kept));
  return Exit.done;
}

/** Writes a new file. Returns false, and changes nothing, if the file exists. */
async function writeNew(path: string, content: Uint8Array): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Text about the steps left to a person: lines for an existing `.gitignore`, a workflow in the wrong place, the next command. */
async function nextSteps(folder: string, kept: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const missing = kept.includes(IGNORED) ? await missingFrom(join(folder, IGNORED)) : [];
  if (missing.length > 0) {
    lines.push(`\nAdd these lines to ${shownPath(join(folder, IGNORED))}:\n${missing.join('\n')}`);
  }
  const top = findTree(folder);
  const below = relative(top, await realpath(folder))
    .split(sep)
    .join('/');
  if (below !== '' && !kept.includes(WORKFLOW)) {
    const place = visible(below);
    lines.push(
      `\nGitHub reads workflows only at the top of a repository: move ${place}/${WORKFLOW} to ${dirname(WORKFLOW)}/ there, and set its LIST to ${place}/${LIST}.`,
    );
  }
  const list = shellWord(shownPath(join(folder, LIST)));
  return `${lines.join('\n')}${lines.length > 0 ? '\n' : ''}\nTo rehearse it, free of charge: shotlist run ${list} --provider local\n`;
}

/** Patterns of our `.gitignore` that an existing one lacks. */
async function missingFrom(path: string): Promise<readonly string[]> {
  const linesOf = async (file: string) => (await readFile(file, 'utf8')).split(/\r?\n/);
  const there = new Set(await linesOf(path));
  const ours = await linesOf(join(packageFolder(), 'examples/starter/gitignore'));
  return ours.filter((line) => line !== '' && !line.startsWith('#') && !there.has(line));
}

/** Folder of this package, both for its sources and for its bundle. */
function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('shotlist/package.json'));
}
