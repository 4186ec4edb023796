import { open } from 'node:fs/promises';
import type { ErrorObject } from 'ajv';
import { explain } from '../base/schema-problem.js';
import validate from '../generated/validate-manifest.js';
import type { Manifest } from './manifest.js';

export type ReadManifest =
  | { readonly kind: 'read'; readonly manifest: Manifest; readonly text: string }
  /** There is no such file. */
  | { readonly kind: 'none' }
  /** One sentence that names the file. */
  | { readonly kind: 'unreadable'; readonly message: string };

/** Largest manifest taken, bytes: a hundred thousand shots need about 150 MB. */
const LARGEST = 256 * 1024 * 1024;

/**
 * Reads a manifest, trusting nothing: bounded in size, and checked against `schemas/manifest.schema.json`.
 * The file system's errors are failures in words too.
 */
export async function readManifest(path: string): Promise<ReadManifest> {
  const text = await readText(path);
  if (typeof text !== 'string') return text;
  const unreadable = (problem: string) => ({ kind: 'unreadable', message: `${path}: ${problem}.` }) as const;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable('it is not JSON');
  }
  const version = (value as { manifest?: unknown } | null)?.manifest;
  if (typeof version === 'number' && version > 1) {
    return unreadable(`a newer version of Shotlist wrote it (manifest ${version}); use that version here`);
  }
  if (validate(value)) return { kind: 'read', manifest: value as Manifest, text };
  const [problem] = explain((validate.errors ?? []) as ErrorObject[]);
  // A schema's problems speak of shot lists, which most are about.
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
      // A device may never end.
      if (!stats.isFile()) return { kind: 'unreadable', message: `${path}: it is no regular file.` };
      if (stats.size > LARGEST)
        return { kind: 'unreadable', message: `${path}: it is too large to be a manifest.` };
      // Decoded as one: in parts, as they are read, a long one takes several times longer.
      return (await file.readFile()).toString();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'none' };
    return { kind: 'unreadable', message: `${path} cannot be read: ${message}.` };
  }
}
