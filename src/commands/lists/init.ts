import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import { findTree, whyNotWritten } from '../../base/files.js';
import { shellWord } from '../../base/text.js';
import { visible } from '../../ui/visible.js';
import { type Console, fail, shownPath } from '../console.js';
import { packageProblem } from './pinned-package.js';

/** Flags of `shotlist init`. */
export interface InitFlags {
  /** Package that the workflows install, as `npm install` takes it. */
  readonly package?: string;
}

const LIST = 'film.yaml';
const BOARD = 'boards/paper-boat.png';
/** Files of git, and ours that have their lines. */
const GIT_FILES = {
  '.gitignore': 'examples/starter/gitignore',
  '.gitattributes': 'examples/starter/gitattributes',
} as const;
const WORKFLOWS = '.github/workflows';
const SCHEMA = '.shotlist/shotlist.schema.json';
/** Variable that names the package to install: of a workflow, or of a repository. */
const PACKAGE = 'SHOTLIST_PACKAGE';

/** Files of a new project, and the file of this package that each is made of. */
const FILES: readonly { readonly to: string; readonly from: string; readonly what: string }[] = [
  { to: LIST, from: 'examples/starter/film.yaml', what: 'a shot list of one shot' },
  { to: BOARD, from: 'examples/starter/boards/paper-boat.png', what: 'its board' },
  { to: SCHEMA, from: 'schemas/shotlist.schema.json', what: 'for editors: completes and explains fields' },
  { to: '.gitignore', from: GIT_FILES['.gitignore'], what: 'keeps clips out of git, records in' },
  {
    to: '.gitattributes',
    from: GIT_FILES['.gitattributes'],
    what: 'keeps records the same on every machine',
  },
  {
    to: `${WORKFLOWS}/shotlist.yml`,
    from: 'examples/starter/price.yml',
    what: 'checks and prices every pull request',
  },
  {
    to: `${WORKFLOWS}/shotlist-nightly.yml`,
    from: 'examples/starter/nightly.yml',
    what: 'renders every night, within a limit',
  },
];

/** `shotlist init`: makes a project in a folder. Existing files are never overwritten. */
export async function init(directory: string, flags: InitFlags, console: Console): Promise<ExitCode> {
  const spec = flags.package;
  const problem = spec === undefined ? null : packageProblem(spec);
  if (problem !== null) return fail(console, { exit: Exit.usage, ...problem });
  const folder = resolve(directory);
  const { stdout } = console;
  const kept: string[] = [];
  for (const { to, from, what } of FILES) {
    // An existing list has its own boards.
    if (to === BOARD && kept.includes(LIST)) continue;
    const content = await readFile(join(packageFolder(), from));
    try {
      const path = join(folder, to);
      const written = await writeNew(
        path,
        isWorkflow(to) ? await filledIn(content, { folder, spec }) : content,
      );
      if (written) stdout.write(`wrote  ${shownPath(join(folder, to))}  ${what}\n`);
      else kept.push(to);
    } catch (error) {
      const message = `${shownPath(join(folder, to))} cannot be written: ${whyNotWritten(error as NodeJS.ErrnoException)}`;
      const hint = 'the files listed as written stay; existing files were not touched';
      return fail(console, { exit: Exit.cannotWrite, message, hint });
    }
  }
  for (const file of kept) stdout.write(`kept   ${shownPath(join(folder, file))}  was there already\n`);
  stdout.write(await nextSteps(folder, { kept, spec }));
  return Exit.done;
}

function isWorkflow(file: string): boolean {
  return file.startsWith(WORKFLOWS);
}

/** A workflow with the path of the list and the package to install. */
async function filledIn(
  workflow: Buffer,
  { folder, spec }: { readonly folder: string; readonly spec: string | undefined },
): Promise<Buffer> {
  const list = [...(await stepsBelowTop(folder)), LIST].join('/');
  const text = workflow
    .toString('utf8')
    .replace(/^( +LIST: ).*$/m, (_, name) => `${name}${yamlText(list)}`)
    .replace(new RegExp(`^( +${PACKAGE}: ).*$`, 'm'), (line, name) =>
      spec === undefined ? line : `${name}${yamlText(spec)}`,
    );
  return Buffer.from(text);
}

/** Text as a YAML scalar, quoted where it needs it. */
function yamlText(text: string): string {
  if (/^[\w./][\w./-]*$/.test(text)) return text;
  return /^[\x20-\x7e]+$/.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

/** Folders from the top of the repository down to the folder. */
async function stepsBelowTop(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const below = relative(findTree(folder), await realpath(folder));
  return below === '' ? [] : below.split(sep);
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

/** Text about the steps left to a person: lines for an existing file of git, workflows in the wrong place, the package, the next command. */
async function nextSteps(
  folder: string,
  { kept, spec }: { readonly kept: readonly string[]; readonly spec: string | undefined },
): Promise<string> {
  const lines: string[] = [];
  for (const [file, ours] of Object.entries(GIT_FILES)) {
    const missing = kept.includes(file) ? await missingFrom(join(folder, file), ours) : [];
    if (missing.length === 0) continue;
    lines.push(`\nAdd these lines to ${shownPath(join(folder, file))}:\n${missing.join('\n')}`);
  }
  const steps = await stepsBelowTop(folder);
  const written = FILES.map(({ to }) => to).filter((file) => isWorkflow(file) && !kept.includes(file));
  if (steps.length > 0 && written.length > 0) {
    const place = visible([...steps, WORKFLOWS].join('/'));
    lines.push(
      `\nGitHub reads workflows only at the top of a repository: move them from ${place}/ to ${WORKFLOWS}/ there.`,
    );
  }
  if (spec === undefined && written.length > 0) {
    lines.push(
      `\nThe workflows stop until you name the package that they install: set the repository variable ${PACKAGE} on GitHub.`,
    );
  }
  if (spec?.startsWith('shotlist@')) {
    lines.push(
      '\nOn npmjs.com, shotlist is not this program: keep that name only if npm asks a registry of yours.',
    );
  }
  if (spec !== undefined && kept.some(isWorkflow)) {
    const files = kept.filter(isWorkflow).map((file) => shownPath(join(folder, file)));
    lines.push(`\nSet ${PACKAGE} to ${visible(spec)} in ${files.join(' and ')}.`);
  }
  const list = shellWord(shownPath(join(folder, LIST)));
  return `${lines.join('\n')}${lines.length > 0 ? '\n' : ''}\nTo rehearse it, free of charge: shotlist run ${list} --provider local\n`;
}

/** Lines of our file that an existing one lacks, without comments. */
async function missingFrom(path: string, from: string): Promise<readonly string[]> {
  const linesOf = async (file: string) => (await readFile(file, 'utf8')).split(/\r?\n/);
  const there = new Set(await linesOf(path));
  const ours = await linesOf(join(packageFolder(), from));
  return ours.filter((line) => line !== '' && !line.startsWith('#') && !there.has(line));
}

/** Folder of this package, both for its sources and for its bundle. */
function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('shotlist/package.json'));
}
