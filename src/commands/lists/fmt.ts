import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Exit, type ExitCode } from '../../base/exit.js';
import { shellWord } from '../../base/text.js';
import { formatCount } from '../../base/units.js';
import { formatList } from '../../edit/format.js';
import type { Diagnostic } from '../../language/diagnostic.js';
import { parse, type Source } from '../../language/document.js';
import { readSource } from '../../language/load.js';
import { formatDiagnostics } from '../../ui/diagnostics.js';
import { visible } from '../../ui/visible.js';
import { type Console, colorOf, exitOf, fail, widthOf } from '../console.js';
import { replaceList } from './edit-list.js';

/** Flags of `shotlist fmt`. */
export interface FmtFlags {
  /** Names the lists that are not formatted; writes nothing. */
  readonly check?: boolean;
}

/** Name for a list that is read from standard input and written to standard output. */
const STDIN = '-';

/** `shotlist fmt`: rewrites lists in the standard layout; keeps comments, order and line breaks. `-` is standard input. */
export async function fmt(files: readonly string[], flags: FmtFlags, console: Console): Promise<ExitCode> {
  if (files.includes(STDIN)) return fmtStdin(files, flags, console);
  const exits: ExitCode[] = [];
  const unformatted: string[] = [];
  for (const file of files) {
    const source = readSource(file);
    const laidOut = 'code' in source ? showProblem([source], undefined, console) : layOut(source, console);
    if (typeof laidOut === 'number') exits.push(laidOut);
    else if (laidOut.isNew && flags.check) unformatted.push(file);
    else if (laidOut.isNew) exits.push(await replace(laidOut, console));
  }
  if (unformatted.length > 0) exits.push(listUnformatted(unformatted, console));
  else if (flags.check && exits.length === 0) {
    console.stdout.write(`${formatCount(files.length, 'list')}, all formatted\n`);
  }
  return exits.find((exit) => exit !== Exit.done) ?? Exit.done;
}

interface LaidOut {
  readonly source: Source;
  readonly text: string;
  /** True if the bytes of the file would change. */
  readonly isNew: boolean;
}

/** The list in the standard layout. If it cannot be laid out, shows the reason and returns the exit code. */
function layOut(source: Source, console: Console): LaidOut | ExitCode {
  const { document, diagnostics } = parse(source);
  if (!document) return showProblem(diagnostics, source.text, console);
  const text = formatList(source.text);
  if (text === null) {
    const message = `${visible(source.file)} is left unchanged: in the standard layout it would mean something else`;
    const hint = 'this is a fault of `shotlist fmt`; please report it with the list';
    return fail(console, { exit: Exit.failed, message, hint });
  }
  return { source, text, isNew: createHash('sha256').update(text).digest('hex') !== source.sha256 };
}

async function replace({ source, text }: LaidOut, console: Console): Promise<ExitCode> {
  const failure = await replaceList(source, text);
  if (failure) return fail(console, failure);
  console.stdout.write(`${visible(source.file)}: formatted\n`);
  return Exit.done;
}

function listUnformatted(files: readonly string[], { stdout, stderr }: Console): ExitCode {
  for (const file of files) stdout.write(`${visible(file)}: not formatted\n`);
  stderr.write(`hint: shotlist fmt ${files.map((file) => visible(shellWord(file))).join(' ')}\n`);
  return Exit.failed;
}

async function fmtStdin(files: readonly string[], { check }: FmtFlags, console: Console): Promise<ExitCode> {
  if (files.length > 1) {
    const message = '`-` is a list on standard input, and no other list can be given with it';
    return fail(console, { exit: Exit.usage, message });
  }
  const source = await readStdin(console);
  if (!source) {
    return fail(console, { exit: Exit.invalid, message: 'standard input is not UTF-8 text' });
  }
  const laidOut = layOut(source, console);
  if (typeof laidOut === 'number') return laidOut;
  if (!check) console.stdout.write(laidOut.text);
  else if (laidOut.isNew) console.stdout.write(`${visible(source.file)}: not formatted\n`);
  return check && laidOut.isNew ? Exit.failed : Exit.done;
}

async function readStdin({ stdin }: Console): Promise<Source | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes) || bytes.includes(0)) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { file: 'standard input', path: '', text: new TextDecoder().decode(bytes), sha256 };
}

function showProblem(
  diagnostics: readonly Diagnostic[],
  text: string | undefined,
  console: Console,
): ExitCode {
  const { stderr } = console;
  const sources = new Map(text === undefined ? [] : diagnostics.map(({ file }) => [file, text]));
  const screen = { color: colorOf(stderr, console), width: widthOf(stderr) };
  stderr.write(formatDiagnostics(diagnostics, { format: 'pretty', sources, ...screen }));
  return exitOf(diagnostics);
}
