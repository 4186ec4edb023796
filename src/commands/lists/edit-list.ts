import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { writeDurably } from '../../base/durable-file.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { whyNotWritten } from '../../base/files.js';
import { nearestWord } from '../../base/text.js';
import { type FieldEdits, setField } from '../../edit/set-field.js';
import { type Diagnostic, sortDiagnostics } from '../../language/diagnostic.js';
import type { Source } from '../../language/document.js';
import { loadShotList } from '../../language/load.js';
import type { Shot, ShotList } from '../../language/shot-list.js';
import type { Catalog } from '../../models/catalog.js';
import { readCatalog } from '../../models/read-catalog.js';
import { makePlan } from '../../plan/make-plan.js';
import type { Plan } from '../../plan/plan.js';
import { visible } from '../../ui/visible.js';
import { type Console, exitOf, type Failure, fail, showDiagnostics } from '../console.js';
import { type ListFlags, loadOptions } from '../list-flags.js';

/** Outcome of an edit: a line for each choice, or the reason why nothing was written. */
export type EditOutcome =
  | { readonly kind: 'edited'; readonly lines: readonly string[] }
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** Options of an edit. */
export interface EditOptions {
  readonly flags: ListFlags;
  /** SHA-256 of the text that the choices were made on: nothing is written if the file has another; not checked unless given. */
  readonly revision?: string | undefined;
}

/** Shows the outcome of an edit; returns the exit code. */
export async function showEdited(edited: EditOutcome, console: Console): Promise<ExitCode> {
  if (edited.kind === 'refused') return fail(console, edited.failure);
  if (edited.kind === 'wrong') {
    await showDiagnostics(console.stderr, edited.diagnostics, console);
    return exitOf(edited.diagnostics);
  }
  for (const line of edited.lines) console.stdout.write(`${line}\n`);
  return Exit.done;
}

/** Outcome of an edit that was refused. */
export function refused(failure: Failure): EditOutcome {
  return { kind: 'refused', failure };
}

/** Failure of an edit whose list changed after the choices were made. */
export const LIST_CHANGED: Failure = {
  exit: Exit.failed,
  message: 'the list has changed since it was read',
  hint: 'look at it again, then try again',
};

/** One id as it is written in a list: a shot, or the variants that a matrix or a table makes of it. */
export interface WrittenShot {
  readonly id: string;
  /** Index in `shots`, from 0. */
  readonly index: number;
  readonly variants: readonly Shot[];
  /** Fields written on the shot itself, merge keys included, without inherited ones. */
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

/** Failure of an id that no shot has, with a hint at the id that may be meant. */
export function unknownShotFailure(id: string, written: ReadonlyMap<string, WrittenShot>): Failure {
  const owner = [...written.values()].find(({ variants }) => variants.some((shot) => shot.id === id));
  if (owner) {
    const message = `${visible(id)} is one of the ${owner.variants.length} variants of \`${owner.id}\``;
    return { exit: Exit.usage, message, hint: `they are one entry in the list: name ${owner.id}` };
  }
  const meant = nearestWord(id, written.keys());
  const message = `there is no shot ${visible(id)}`;
  return { exit: Exit.usage, message, ...(meant !== undefined && { hint: `did you mean ${meant}?` }) };
}

/** Writes fields into the text of a list. Returns the reason if it cannot; the file is then unchanged. */
export async function writeFields(source: Source, edits: FieldEdits): Promise<Failure | null> {
  if (edits.values.size === 0) return null;
  const text = setField(source, edits);
  if (text === null) {
    const message = `${visible(source.file)} is left unchanged: \`${edits.field}\` cannot be written there without changing more`;
    return { exit: Exit.failed, message, hint: 'write it by hand, on the shot itself' };
  }
  return replaceList(source, byteOrderMark(source) + text);
}

/** Replaces the text of a list, durably and with the permissions of the file. Returns the reason if it cannot. */
export async function replaceList({ file, path, sha256 }: Source, text: string): Promise<Failure | null> {
  try {
    // The file may have been saved since it was read: such a change is not overwritten.
    if (hashOf(await readFile(path)) !== sha256) return LIST_CHANGED;
    await writeDurably(path, text, (await stat(path)).mode & 0o777);
    return null;
  } catch (error) {
    const why = whyNotWritten(error as NodeJS.ErrnoException);
    return { exit: Exit.cannotWrite, message: `${visible(file)} cannot be written: ${why}` };
  }
}

/** The byte order mark of a file, which the text of its source lacks; empty if the file has none. */
function byteOrderMark({ text, sha256 }: Source): string {
  return hashOf(text) === sha256 ? '' : '\ufeff';
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A list in which takes are chosen, its plan, and the models that it may name. */
export interface ChoosableList {
  readonly list: ShotList;
  readonly plan: Plan;
  readonly catalog: Catalog;
}

/** Loads and plans a list. Shots that differ from what was approved are no error here. */
export async function planForChoices(
  file: string,
  flags: ListFlags,
): Promise<ChoosableList | { readonly diagnostics: readonly Diagnostic[] }> {
  const loaded = await loadShotList(file, loadOptions(flags));
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { diagnostics: loaded.diagnostics };
  const { catalog } = await readCatalog(list.folder);
  const planned = makePlan(list, catalog);
  const plan = planned.ok ? planned.value : planned.partial;
  const diagnostics = [...loaded.diagnostics, ...planned.diagnostics].filter(({ code }) => code !== 'SL113');
  const isSound = diagnostics.every(({ severity }) => severity !== 'error');
  return isSound && plan ? { list, plan, catalog } : { diagnostics: sortDiagnostics(diagnostics) };
}

/** Number of digits of a key in an approval: the same as in the names of clips. */
export const APPROVAL_DIGITS = 8;

/** Key of the selected take by id of the shot: of a split shot the key of its last part, which depends on all parts before. */
export function selectedKeys({ submissions }: Plan): ReadonlyMap<string, string> {
  return new Map(submissions.filter(({ selected }) => selected).map(({ shot, key }) => [shot, key]));
}
