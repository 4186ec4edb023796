import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../manifest/manifest.js';
import { readManifest } from '../../manifest/manifest-file.js';

export const MANIFEST = 'manifest.json';
/** A profile's name is a key of the list: letters, digits, `-`, `_` and `.`. */
export const MANIFESTS = /^manifest(?:\.([\w.-]+))?\.json$/;

/** Each profile has a manifest of its own, and all share the journal and the clips. */
export function manifestName(profile: string | null): string {
  return profile === null ? MANIFEST : `manifest.${profile}.json`;
}

/** One that cannot be used, and why, in a sentence. */
export interface UnreadManifest {
  readonly name: string;
  readonly message: string;
}

export interface NamedManifest {
  readonly name: string;
  readonly manifest: Manifest;
}

/** The manifests of a directory, one for each profile, in the order of their names, and why others cannot be read. */
export async function readManifests(
  directory: string,
): Promise<{ readonly manifests: readonly NamedManifest[]; readonly problems: readonly UnreadManifest[] }> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const manifests: NamedManifest[] = [];
  const problems: UnreadManifest[] = [];
  for (const name of names.filter((one) => MANIFESTS.test(one)).sort()) {
    const read = await readManifest(join(directory, name));
    if (read.kind === 'read') manifests.push({ name, manifest: read.manifest });
    else if (read.kind === 'unreadable') problems.push({ name, message: read.message });
  }
  return { manifests, problems };
}
