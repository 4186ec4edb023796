import { readFile } from 'node:fs/promises';
import { writeDurably } from '../durable-file.js';
import type { Manifest, ManifestEntry } from './manifest.js';

/** Bytes of the entries that were formatted before: of thousands only a few change from one write to the next. */
const formatted = new WeakMap<ManifestEntry, Uint8Array>();
const BETWEEN = Buffer.from(',\n    ');

/** A manifest as it stands on disk: fields in their fixed order, two spaces, a newline at the end. UTF-8. */
export function formatManifest(manifest: Manifest): Buffer {
  const { submissions, unlisted, ...head } = manifest;
  const start = JSON.stringify(head, null, 2).slice(0, -'\n}'.length);
  const parts: Uint8Array[] = [Buffer.from(start)];
  for (const [name, entries] of Object.entries({ submissions, unlisted })) {
    parts.push(Buffer.from(`,\n  "${name}": [`));
    for (const [index, entry] of entries.entries()) {
      parts.push(index === 0 ? BETWEEN.subarray(1) : BETWEEN, formatEntry(entry));
    }
    parts.push(Buffer.from(entries.length === 0 ? ']' : '\n  ]'));
  }
  return Buffer.concat([...parts, Buffer.from('\n}\n')]);
}

function formatEntry(entry: ManifestEntry): Uint8Array {
  const before = formatted.get(entry);
  if (before) return before;
  const bytes = Buffer.from(JSON.stringify(entry, null, 2).replaceAll('\n', '\n    '));
  formatted.set(entry, bytes);
  return bytes;
}

/**
 * Writes a manifest so that a crash leaves the old or the new one, whole; says whether it wrote. One that differs
 * only in the tool's version is left alone, byte for byte: an upgrade is no news about the videos.
 * Throws the file system's own error.
 */
export async function writeManifest(path: string, manifest: Manifest): Promise<boolean> {
  const bytes = formatManifest(manifest);
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before !== null && ignoringVersion(before) === ignoringVersion(bytes.toString())) return false;
  await writeDurably(path, bytes);
  return true;
}

/** The tool's version stands near the top, before anything a user writes. */
function ignoringVersion(text: string): string {
  return text.replace(
    /^(\{\s+"manifest": 1,\s+"tool": \{\s+"name": "shotlist",\s+"version": )"[^"]*"/,
    '$1""',
  );
}
