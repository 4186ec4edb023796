import { open, readFile } from 'node:fs/promises';
import type { ErrorObject } from 'ajv';
import { writeDurably } from '../base/durable-file.js';
import { explainSchemaErrors } from '../base/schema-problem.js';
import validate from '../generated/validate-manifest.js';
import type { Manifest } from './manifest.js';

export type ReadManifest =
  | { readonly kind: 'read'; readonly manifest: Manifest; readonly text: string }
  /** The file does not exist. */
  | { readonly kind: 'none' }
  /** `message` is one sentence that names the file. */
  | { readonly kind: 'unreadable'; readonly message: string };

/** Largest manifest that is read, bytes: 10,000 shots need about 15 MB. */
const LARGEST = 256 * 1024 * 1024;

/**
 * Reads a manifest of unknown origin: bounded in size, and checked against `schemas/manifest.schema.json`.
 * Never throws: the file system's errors are `unreadable` too.
 */
export async function readManifest(path: string): Promise<ReadManifest> {
  const text = await readText(path);
  if (typeof text !== 'string') return text;
  const unreadable = (problem: string) => ({ kind: 'unreadable', message: `${path}: ${problem}.` }) as const;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const what = /^<{7}/m.test(text) ? 'git left a merge conflict in it' : 'it is not JSON';
    return unreadable(`${what}; shotlist manifest <list> writes it again`);
  }
  const version = (value as { manifest?: unknown } | null)?.manifest;
  if (typeof version === 'number' && version > 1) {
    return unreadable(`a newer version of Shotlist wrote it (manifest ${version}); use that version here`);
  }
  if (validate(value)) return { kind: 'read', manifest: value as Manifest, text };
  const [problem] = explainSchemaErrors((validate.errors ?? []) as ErrorObject[]);
  // Messages about schema problems name the shot list.
  const said = problem?.message.replace(/^the list\b/, 'the manifest');
  return unreadable(problem ? `${said}${placeOf(problem.path)}` : 'it is not a manifest');
}

function placeOf(path: readonly (string | number)[]): string {
  return path.length > 0 ? `, at ${path.join('.')}` : '';
}

async function readText(path: string): Promise<string | ReadManifest> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      // Reading a device may never end.
      if (!stats.isFile()) return { kind: 'unreadable', message: `${path}: it is no regular file.` };
      if (stats.size > LARGEST)
        return { kind: 'unreadable', message: `${path}: it is too large to be a manifest.` };
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'none' };
    return { kind: 'unreadable', message: `${path} cannot be read: ${message}.` };
  }
}

/** The text of a manifest: fields in their fixed order, two spaces, a newline at the end. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Writes a manifest so that a crash leaves the old or the new one, whole. Returns true if it wrote. A manifest that
 * differs only in the tool's version stays as it is, byte for byte: an upgrade changes nothing about the videos.
 * Throws the file system's own error.
 */
export async function writeManifest(path: string, manifest: Manifest): Promise<boolean> {
  const text = formatManifest(manifest);
  const before = await readFile(path).catch(() => null);
  if (before?.equals(Buffer.from(text))) return false;
  if (before && withoutVersion(before.toString()) === withoutVersion(text)) return false;
  await writeDurably(path, text);
  return true;
}

/** The text without the tool's version, which is near the top, before anything that a user writes. */
function withoutVersion(text: string): string {
  return text.replace(
    /^(\{\s+"manifest": 1,\s+"tool": \{\s+"name": "shotlist",\s+"version": )"[^"]*"/,
    '$1""',
  );
}
