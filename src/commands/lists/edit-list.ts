import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { writeDurably } from '../../base/durable-file.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { whyNotWritten } from '../../base/files.js';
import { nearest } from '../../base/text.js';
import { type FieldEdits, setField } from '../../edit/set-field.js';
import type { Diagnostic } from '../../language/diagnostic.js';
import type { Shot, ShotList } from '../../language/shot-list.js';
import type { Source } from '../../language/source.js';
import { visible } from '../../ui/visible.js';
import { type Console, exitOf, type Failure, fail, showDiagnostics } from '../console.js';
import type { ListFlags } from '../list-flags.js';

/** What became of an edit: a line for each choice, or why nothing was written. */
export type Edited =
  | { readonly kind: 'edited'; readonly lines: readonly string[] }
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** How an edit reads the list, and which text of it the choices were made on. */
export interface EditOptions {
  readonly flags: ListFlags;
  /** SHA-256 of that text; where the file has another by now, nothing is written. Any unless said. */
  readonly revision?: string | undefined;
}

/** Tells what became of an edit, and returns the exit code. */
export async function showEdited(edited: Edited, console: Console): Promise<ExitCode> {
  if (edited.kind === 'refused') return fail(console, edited.failure);
  if (edited.kind === 'wrong') {
    await showDiagnostics(console.stderr, edited.diagnostics, console);
    return exitOf(edited.diagnostics);
  }
  for (const line of edited.lines) console.stdout.write(`${line}\n`);
  return Exit.done;
}

/** A refusal as an edit's outcome. */
export function refused(failure: Failure): Edited {
  return { kind: 'refused', failure };
}

/** Said where the list is another than the one that the choices were made on. */
export const CHANGED: Failure = {
  exit: Exit.failed,
  message: 'the list was changed since',
  hint: 'look at it again, then try again',
};

/** What stands in a list for one id: a shot, or the variants that a matrix or a table makes of it. */
export interface WrittenShot {
  readonly id: string;
  /** Its place in `shots`, from 0. */
  readonly index: number;
  readonly variants: readonly Shot[];
  /** What is written on it, merged maps included, and nothing that it inherits. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** The shots of a list as they are written, by id. */
export function writtenShots({ shots, document }: ShotList): ReadonlyMap<string, WrittenShot> {
  const raw = (document.value as { shots: readonly WrittenShot['own'][] }).shots;
  const written = new Map<string, WrittenShot>();
  for (const shot of shots) {
    const id = shot.writtenId;
    const variants = [...(written.get(id)?.variants ?? []), shot];
    const index = Number(shot.place.path.at(-1));
    written.set(id, { id, index, variants, own: raw[index] ?? {} });
  }
  return written;
}

/** Why a list has no shot of that id, and what may have been meant. */
export function unknownShot(id: string, written: ReadonlyMap<string, WrittenShot>): Failure {
  const owner = [...written.values()].find(({ variants }) => variants.some((shot) => shot.id === id));
  if (owner) {
    const message = `${visible(id)} is one of the ${owner.variants.length} that \`${owner.id}\` stands for`;
    return { exit: Exit.usage, message, hint: `its line in the list is for them all: say ${owner.id}` };
  }
  const meant = nearest(id, written.keys());
  const message = `there is no shot ${visible(id)}`;
  return { exit: Exit.usage, message, ...(meant !== undefined && { hint: `did you mean ${meant}?` }) };
}

/** Writes fields into a list's own text, or says why not; the file is then as it was. */
export async function writeFields(source: Source, edits: FieldEdits): Promise<Failure | null> {
  if (edits.values.size === 0) return null;
  const text = setField(source, edits);
  if (text === null) {
    const message = `${visible(source.file)} is left as it is: \`${edits.field}\` cannot be written there without changing more`;
    return { exit: Exit.failed, message, hint: 'write it by hand, on the shot itself' };
  }
  return replaceList(source, byteOrderMark(source) + text);
}

/** Puts another text in place of a list, durably and with the file's own permissions, or says why not. */
export async function replaceList({ file, path, sha256 }: Source, text: string): Promise<Failure | null> {
  try {
    // Somebody may have saved it since it was read: theirs is not written over.
    if (hashOf(await readFile(path)) !== sha256) return CHANGED;
    await writeDurably(path, text, (await stat(path)).mode & 0o777);
    return null;
  } catch (error) {
    const why = whyNotWritten(error as NodeJS.ErrnoException);
    return { exit: Exit.cannotWrite, message: `${visible(file)} cannot be written: ${why}` };
  }
}

/** The mark that a file began with; a source's text is without it. */
function byteOrderMark({ text, sha256 }: Source): string {
  return hashOf(text) === sha256 ? '' : '\ufeff';
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
