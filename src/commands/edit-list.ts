import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { writeDurably } from '../durable-file.js';
import { type FieldEdits, setField } from '../edit/set-field.js';
import { whyNotWritten } from '../emulator/file-trouble.js';
import { Exit } from '../exit.js';
import { nearest } from '../nearest.js';
import type { Shot, ShotList } from '../shotlist/shot-list.js';
import type { Source } from '../shotlist/source.js';
import { visible } from '../ui/visible.js';
import type { Failure } from './console.js';

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
  const text = setField(source, edits);
  if (text === null) {
    const message = `${visible(source.file)} is left as it is: \`${edits.field}\` cannot be written there without changing more`;
    return { exit: Exit.failed, message, hint: 'write it by hand, on the shot itself' };
  }
  return replaceList(source, byteOrderMark(source) + text);
}

/** Puts another text in place of a list, durably and with the file's own permissions, or says why not. */
export async function replaceList({ file, path }: Source, text: string): Promise<Failure | null> {
  try {
    await writeDurably(path, text, (await stat(path)).mode & 0o777);
    return null;
  } catch (error) {
    const why = whyNotWritten(error as NodeJS.ErrnoException);
    return { exit: Exit.cannotWrite, message: `${visible(file)} cannot be written: ${why}` };
  }
}

/** The mark that a file began with; a source's text is without it. */
function byteOrderMark({ text, sha256 }: Source): string {
  return createHash('sha256').update(text).digest('hex') === sha256 ? '' : '\ufeff';
}
