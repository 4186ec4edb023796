import { readFileSync } from 'node:fs';
import { writeDurably } from '../base/durable-file.js';
import { nullIfMissing } from '../base/files.js';
import type { Manifest, ManifestEntry } from './manifest.js';

/** Entries that are formatted together: of thousands only a few neighbours change from one write to the next. */
const BLOCK = 8;
/** Before the first entry, and before each other. */
const FIRST = Buffer.from('\n    ');
const BETWEEN = Buffer.from(',\n    ');

interface Block {
  readonly entries: readonly ManifestEntry[];
  readonly bytes: Uint8Array;
}

/** Formats one manifest again and again as it grows, and only what has changed since. */
export class ManifestText {
  #lists: readonly (readonly Block[])[] = [[], []];
  #head = '';

  /** The manifest as it stands on disk, in pieces; null where it is what it was the last time. */
  format({ submissions, unlisted, ...head }: Manifest): readonly Uint8Array[] | null {
    const start = JSON.stringify(head, null, 2).slice(0, -'\n}'.length);
    const lists = [submissions, unlisted].map((entries, index) => blocksOf(entries, this.#lists[index]));
    const isSame = start === this.#head && lists.every((list, index) => areSame(list, this.#lists[index]));
    this.#lists = lists;
    this.#head = start;
    if (isSame) return null;
    const pieces: Uint8Array[] = [Buffer.from(start)];
    for (const [index, name] of ['submissions', 'unlisted'].entries()) {
      const own = lists[index] ?? [];
      pieces.push(Buffer.from(`,\n  "${name}": [`));
      for (const [position, { bytes }] of own.entries()) {
        pieces.push(position === 0 ? FIRST : BETWEEN, bytes);
      }
      pieces.push(Buffer.from(own.length === 0 ? ']' : '\n  ]'));
    }
    return [...pieces, Buffer.from('\n}\n')];
  }
}

function areSame<T>(some: readonly T[], others: readonly T[] | undefined): boolean {
  return some.length === others?.length && some.every((one, index) => one === others[index]);
}

/** Entries by eights; those that are what they were in their place are taken again. */
function blocksOf(entries: readonly ManifestEntry[], before: readonly Block[] = []): readonly Block[] {
  const blocks: Block[] = [];
  for (let from = 0; from < entries.length; from += BLOCK) {
    const same = before[from / BLOCK];
    if (same && isAt(from, entries, same)) {
      blocks.push(same);
      continue;
    }
    const own = entries.slice(from, from + BLOCK);
    blocks.push({ entries: own, bytes: formatEntries(own) });
  }
  return blocks;
}

/** Whether a block's entries stand there, and no others in what would be the same block. */
function isAt(from: number, entries: readonly ManifestEntry[], block: Block): boolean {
  const own = block.entries;
  if (own.length !== Math.min(BLOCK, entries.length - from)) return false;
  for (let index = 0; index < own.length; index += 1) if (entries[from + index] !== own[index]) return false;
  return true;
}

/** Entries as they stand in the manifest, from the first's brace to the last's. */
function formatEntries(entries: readonly ManifestEntry[]): Uint8Array {
  const [before, after] = ['{\n  "": [\n    ', '\n  ]\n}'];
  return Buffer.from(JSON.stringify({ '': entries }, null, 2).slice(before.length, -after.length));
}

/** A manifest as it stands on disk: fields in their fixed order, two spaces, a newline at the end. UTF-8. */
export function formatManifest(manifest: Manifest): Buffer {
  return Buffer.concat(new ManifestText().format(manifest) ?? []);
}

/**
 * Writes a manifest so that a crash leaves the old or the new one, whole; says whether it wrote. One that differs
 * only in the tool's version is left alone, byte for byte: an upgrade is no news about the videos.
 * Throws the file system's own error.
 */
export async function writeManifest(path: string, manifest: Manifest): Promise<boolean> {
  return writeUnlessSame(path, [formatManifest(manifest)]);
}

/** The same of a manifest that is formatted already, in pieces. */
export async function writeUnlessSame(path: string, pieces: readonly Uint8Array[]): Promise<boolean> {
  // At once, because a long one takes several times longer in parts.
  const before = nullIfMissing(() => readFileSync(path));
  if (before && isMadeOf(before, pieces)) return false;
  const bytes = Buffer.concat(pieces);
  if (before && ignoringVersion(before) === ignoringVersion(bytes)) return false;
  await writeDurably(path, bytes);
  return true;
}

/** Whether the pieces, put together, are these bytes. */
function isMadeOf(bytes: Buffer, pieces: readonly Uint8Array[]): boolean {
  let at = 0;
  for (const piece of pieces) {
    const end = at + piece.length;
    if (!bytes.subarray(at, end).equals(piece)) return false;
    at = end;
  }
  return at === bytes.length;
}

/** The tool's version stands near the top, before anything a user writes. */
function ignoringVersion(bytes: Buffer): string {
  return bytes
    .toString()
    .replace(/^(\{\s+"manifest": 1,\s+"tool": \{\s+"name": "shotlist",\s+"version": )"[^"]*"/, '$1""');
}
