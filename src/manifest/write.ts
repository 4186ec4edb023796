import { readFile } from 'node:fs/promises';
import { writeDurably } from '../durable-file.js';
import type { Manifest } from './manifest.js';

/** A manifest as it stands on disk: fields in their fixed order, two spaces, a newline at the end. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
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
