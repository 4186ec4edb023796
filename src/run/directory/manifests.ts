import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { readManifest, writeManifest } from '../../manifest/manifest-file.js';
import type { Submission } from '../../plan/plan.js';
import type { KeyStates } from '../records/render.js';
import { summarize } from '../summary.js';
import { writeProblem } from './obstacle.js';

/** Name of the manifest of a run without a profile. */
export const MANIFEST = 'manifest.json';

/** Names of manifests. A profile's name has letters, digits, `-`, `_` and `.`. */
export const MANIFESTS = /^manifest(?:\.([\w.-]+))?\.json$/;

/** Name of a profile's manifest. All profiles share the records and the clips. */
export function manifestName(profile: string | null): string {
  return profile === null ? MANIFEST : `manifest.${profile}.json`;
}

/** A manifest that cannot be read; `message` says why, in a sentence. */
export interface UnreadableManifest {
  readonly name: string;
  readonly message: string;
}

export interface NamedManifest {
  readonly name: string;
  readonly manifest: Manifest;
}

/** Reads the manifests of a directory, one for each profile, sorted by name; `problems` are those that it cannot read. */
export async function readManifests(directory: string): Promise<{
  readonly manifests: readonly NamedManifest[];
  readonly problems: readonly UnreadableManifest[];
}> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const manifests: NamedManifest[] = [];
  const problems: UnreadableManifest[] = [];
  for (const name of names.filter((one) => MANIFESTS.test(one)).sort()) {
    const read = await readManifest(join(directory, name));
    if (read.kind === 'read') manifests.push({ name, manifest: read.manifest });
    else if (read.kind === 'unreadable') problems.push({ name, message: read.message });
  }
  return { manifests, problems };
}

/**
 * Writes every manifest of a directory again from the records, as the next run of its list would. Only the holder of the
 * lock may call it. Returns the problems with writing, in sentences: the records are right in any case.
 */
export async function renewManifests(options: {
  readonly directory: string;
  readonly keyStates: KeyStates;
  readonly toolVersion: string;
}): Promise<readonly string[]> {
  const { directory, keyStates, toolVersion } = options;
  const problems: string[] = [];
  const { manifests } = await readManifests(directory);
  for (const { name, manifest } of manifests) {
    try {
      await writeManifest(join(directory, name), renewed(manifest, { keyStates, toolVersion }));
    } catch (error) {
      const problem = writeProblem(error);
      if (problem === null) throw error;
      problems.push(`${name} could not be brought up to date: ${problem} The next run writes it.`);
    }
  }
  return problems;
}

/** The manifest that a run of the same list would write now. */
function renewed(
  manifest: Manifest,
  { keyStates, toolVersion }: { readonly keyStates: KeyStates; readonly toolVersion: string },
): Manifest {
  const { service, list, scenes, submissions } = manifest;
  // `list` of the manifest already has the path.
  const plan = {
    list: { aspect: null, ...list, sha256: '', path: '', folder: '', name: '' },
    scenes,
    submissions: submissions.map(planned),
    approved: [],
    profile: null,
    budget: null,
  };
  return { ...summarize({ plan, keyStates, service, directory: '', toolVersion }), list };
}

function planned({ cost, ...entry }: ManifestEntry): Submission {
  return { ...entry, cost: { usd: cost.estimate, rate: null, date: null }, retries: 0 };
}
