import { readFile } from 'node:fs/promises';
import { writeDurably } from '../durable-file.js';
import type { Manifest, ManifestEntry } from './manifest.js';

/** Entries that are formatted together: of thousands only a few neighbours change from one write to the next. */
const BLOCK = 8;
const BETWEEN = ',\n    ';

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
    const before = new Map(this.#lists.flat().map((block) => [block.entries[0], block]));
    const lists = [submissions, unlisted].map((entries) => blocksOf(entries, before));
    const isSame = start === this.#head && lists.every((list, index) => areSame(list, this.#lists[index]));
    this.#lists = lists;
    this.#head = start;
    if (isSame) return null;
    const pieces: Uint8Array[] = [Buffer.from(start)];
    for (const [index, name] of ['submissions', 'unlisted'].entries()) {
      const own = lists[index] ?? [];
      pieces.push(Buffer.from(`,\n  "${name}": [`));
      for (const [position, { bytes }] of own.entries()) {
        pieces.push(Buffer.from(position === 0 ? BETWEEN.slice(1) : BETWEEN), bytes);
      }
      pieces.push(Buffer.from(own.length === 0 ? ']' : '\n  ]'));
    }
    return [...pieces, Buffer.from('\n}\n')];
  }
}

function areSame<T>(some: readonly T[], others: readonly T[] | undefined): boolean {
  return some.length === others?.length && some.every((one, index) => one === others[index]);
}

function blocksOf(
  entries: readonly ManifestEntry[],
  before: ReadonlyMap<ManifestEntry | undefined, Block>,
): readonly Block[] {
  const blocks: Block[] = [];
  for (let from = 0; from < entries.length; from += BLOCK) {
    const own = entries.slice(from, from + BLOCK);
    const same = before.get(own[0]);
    blocks.push(same && areSame(own, same.entries) ? same : { entries: own, bytes: formatEntries(own) });
  }
  return blocks;
}

function formatEntries(entries: readonly ManifestEntry[]): Uint8Array {
  const texts = entries.map((entry) => JSON.stringify(entry, null, 2).replaceAll('\n', '\n    '));
  return Buffer.from(texts.join(BETWEEN));
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
  return writeUnlessSame(path, formatManifest(manifest));
}

/** The same of a manifest that is formatted already. */
export async function writeUnlessSame(path: string, bytes: Buffer): Promise<boolean> {
  const before = await readFile(path).catch(() => null);
  if (before && (before.equals(bytes) || ignoringVersion(before) === ignoringVersion(bytes))) return false;
  await writeDurably(path, bytes);
  return true;
}

/** The tool's version stands near the top, before anything a user writes. */
function ignoringVersion(bytes: Buffer): string {
  return bytes
    .toString()
    .replace(/^(\{\s+"manifest": 1,\s+"tool": \{\s+"name": "shotlist",\s+"version": )"[^"]*"/, '$1""');
}
