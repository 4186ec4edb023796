import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { readManifest, writeManifest } from '../../manifest/manifest-file.js';
import type { Submission } from '../../plan/submission.js';
import type { Fold } from '../journal/fold.js';
import { summarize } from '../summary.js';
import { writeProblem } from './obstacle.js';

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

/**
 * Brings every manifest of a directory up to what the journal says by now, as the next run of its list would. Only for
 * who holds the lock. Returns what could not be written, in words; the journal is right all the same.
 */
export async function renewManifests(options: {
  readonly directory: string;
  readonly fold: Fold;
  readonly toolVersion: string;
}): Promise<readonly string[]> {
  const { directory, fold, toolVersion } = options;
  const problems: string[] = [];
  const { manifests } = await readManifests(directory);
  for (const { name, manifest } of manifests) {
    try {
      await writeManifest(join(directory, name), renewed(manifest, { fold, toolVersion }));
    } catch (error) {
      const problem = writeProblem(error);
      if (problem === null) throw error;
      problems.push(`${name} could not be brought up to date: ${problem} The next run writes it.`);
    }
  }
  return problems;
}

/** A manifest as a run of the very list that it is of would write it now. */
export function renewed(
  manifest: Manifest,
  { fold, toolVersion }: { readonly fold: Fold; readonly toolVersion: string },
): Manifest {
  const { service, list, scenes, submissions } = manifest;
  // A plan in all that a summary takes from one; where the list lies is known already.
  const plan = {
    list: { aspect: null, ...list, path: '', folder: '', name: '' },
    scenes,
    submissions: submissions.map(planned),
  };
  return { ...summarize({ plan, fold, service, directory: '', toolVersion }), list };
}

function planned({ cost, ...entry }: ManifestEntry): Submission {
  return { ...entry, cost: { usd: cost.estimate, rate: null, date: null }, retries: 0 };
}
