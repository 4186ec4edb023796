import { readFile } from 'node:fs/promises';
import { writeDurably } from '../durable-file.js';
import type { Manifest, ManifestEntry } from './manifest.js';

/** Text of the entries that were formatted before: of thousands only a few change from one write to the next. */
const formatted = new WeakMap<ManifestEntry, string>();

/** A manifest as it stands on disk: fields in their fixed order, two spaces, a newline at the end. */
export function formatManifest(manifest: Manifest): string {
  const { submissions, unlisted, ...head } = manifest;
  const start = JSON.stringify(head, null, 2).slice(0, -'\n}'.length);
  const lists = Object.entries({ submissions, unlisted }).map(
    ([name, entries]) => `,\n  "${name}": ${formatEntries(entries)}`,
  );
  return `${start}${lists.join('')}\n}\n`;
}

function formatEntries(entries: readonly ManifestEntry[]): string {
  return entries.length === 0 ? '[]' : `[\n    ${entries.map(formatEntry).join(',\n    ')}\n  ]`;
}

function formatEntry(entry: ManifestEntry): string {
  const before = formatted.get(entry);
  if (before !== undefined) return before;
  const text = JSON.stringify(entry, null, 2).replaceAll('\n', '\n    ');
  formatted.set(entry, text);
  return text;
}

/**
 * Writes a manifest so that a crash leaves the old or the new one, whole; says whether it wrote. One that differs
 * only in the tool's version is left alone, byte for byte: an upgrade is no news about the videos.
 * Throws the file system's own error.
 */
export async function writeManifest(path: string, manifest: Manifest): Promise<boolean> {
  const text = formatManifest(manifest);
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before !== null && ignoringVersion(before) === ignoringVersion(text)) return false;
  await writeDurably(path, text);
  return true;
}

/** The tool's version stands near the top, before anything a user writes. */
function ignoringVersion(text: string): string {
  return text.replace(
    /^(\{\s+"manifest": 1,\s+"tool": \{\s+"name": "shotlist",\s+"version": )"[^"]*"/,
    '$1""',
  );
}
