import { extname } from 'node:path';
import type { CutPiece } from '../cut.js';
import { type ClipWords, clipName } from './clip-name.js';
import type { OtherFiles } from './other-files.js';
import type { DeliveredClip, DeliveryRecord } from './record.js';

/** A piece of the cut and the file in the folder that it is. */
export interface NamedClip {
  readonly piece: CutPiece;
  readonly clip: DeliveredClip;
  /** Whether it has yet to be copied. */
  readonly isNew: boolean;
}

/** Two clips under one name, or one under a name that is taken. */
export interface NameClash {
  readonly file: string;
  /** Ids, or file names, of the two. */
  readonly between: readonly [string, string];
}

export interface NamingOptions {
  readonly record: DeliveryRecord;
  readonly others: OtherFiles;
  readonly pattern: string;
  readonly profile: string | null;
  readonly title: string;
}

/**
 * Gives each clip of a cut its file: the one it was delivered as, or a new one under the next version of its shot. A
 * version is a render: another content key, or other bytes. A number whose name somebody's other file has is passed over: it
 * may be a version that a lost record counted. Pure.
 */
export function nameClips(
  pieces: readonly CutPiece[],
  { record, others, pattern, profile, title }: NamingOptions,
):
  | { readonly ok: true; readonly clips: readonly NamedClip[] }
  | { readonly ok: false; readonly clash: NameClash } {
  const versions = new Map<string, DeliveredClip[]>();
  for (const clip of record.clips) push(versions, shotName(clip), clip);
  // File systems that take Cliff and cliff for one name are most.
  const taken = new Map(takenNames(record).map((file) => [file.toLowerCase(), file]));
  const named: NamedClip[] = [];
  for (const piece of pieces) {
    const { entry } = piece;
    const { key, shot, take, part } = entry;
    const { bytes, sha256, file: from } = piece.clip;
    const before = versions.get(shotName(entry)) ?? [];
    const delivered = before.find((clip) => clip.key === key && clip.sha256 === sha256);
    if (delivered) {
      named.push({ piece, clip: delivered, isNew: false });
      continue;
    }
    const nameOf = (version: number) => {
      const words: ClipWords = { ...wordsOf(piece), version, profile, title };
      return `${clipName(pattern, words)}${extname(from).toLowerCase()}`;
    };
    const isOthers = (file: string) => {
      const other = others.get(file.toLowerCase());
      return other !== undefined && other !== sha256;
    };
    let version = Math.max(0, ...before.map((clip) => clip.version)) + 1;
    while (isOthers(nameOf(version)) && nameOf(version + 1) !== nameOf(version)) version += 1;
    const file = nameOf(version);
    const other = taken.get(file.toLowerCase());
    if (other !== undefined) return { ok: false, clash: { file, between: [other, entry.id] } };
    taken.set(file.toLowerCase(), entry.id);
    const clip: DeliveredClip = { shot, take, part, version, key, file, bytes, sha256 };
    push(versions, shotName(entry), clip);
    named.push({ piece, clip, isNew: true });
  }
  return { ok: true, clips: named };
}

function wordsOf({ entry }: CutPiece): Omit<ClipWords, 'version' | 'profile' | 'title'> {
  const { scene, shot, variant_of, take, part } = entry;
  const variant =
    variant_of !== null && shot.startsWith(`${variant_of}.`) ? shot.slice(variant_of.length + 1) : null;
  return { scene, shot, variant, take, part };
}

/** What versions are counted of. */
function shotName({ shot, part }: Pick<DeliveredClip, 'shot' | 'part'>): string {
  return `${shot} ${part ?? ''}`;
}

function takenNames({ clips, timelines }: DeliveryRecord): readonly string[] {
  return [...clips, ...timelines.flatMap(({ files }) => files)].map(({ file }) => file);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
