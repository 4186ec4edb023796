import { join } from 'node:path';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { writeManifest } from '../../manifest/manifest-file.js';
import type { Submission } from '../../plan/submission.js';
import type { Fold } from '../journal/fold.js';
import { readManifests } from '../journal/read-manifests.js';
import { summarize } from '../summary.js';
import { writeProblem } from './obstacle.js';

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
    approved: [],
    profile: null,
    budget: null,
  };
  return { ...summarize({ plan, fold, service, directory: '', toolVersion }), list };
}

function planned({ cost, ...entry }: ManifestEntry): Submission {
  return { ...entry, cost: { usd: cost.estimate, rate: null, date: null }, retries: 0 };
}
