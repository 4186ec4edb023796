import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Exit } from '../../base/exit.js';
import type { Manifest } from '../../manifest/manifest.js';
import { readManifest } from '../../manifest/manifest-file.js';
import { heldBy, holderOf } from '../directory/lock.js';
import { readManifests, renewed } from '../directory/manifests.js';
import type { RunRefused } from '../directory/obstacle.js';
import { serviceWords } from '../messages.js';
import type { Fold } from './fold.js';
import type { Source } from './reuse.js';
import { readRunState } from './run-state.js';

/**
 * Reads manifests of other runs, and the journals beside them. Each absolute path is that of a manifest, or of a run
 * directory for all its manifests. `now` is UTC, ISO 8601. Refuses manifests of another service than `service`: it would
 * not render the same clips.
 */
export async function readSources(
  paths: readonly string[],
  { service, now }: { readonly service: string; readonly now: string },
): Promise<{ readonly ok: true; readonly sources: readonly Source[] } | RunRefused> {
  const sources: Source[] = [];
  for (const path of paths) {
    const found = await sourcesAt(path, { service, now });
    if ('ok' in found) return found;
    sources.push(...found);
  }
  return { ok: true, sources };
}

/**
 * Refuses sources whose run may still be active: both runs would send, and pay for, the same submissions. With `force`, a
 * run whose state is not known from here counts as over. `own` is the directory of this run.
 */
export async function refuseLiveSources(
  paths: readonly string[],
  { own, force }: { readonly own: string; readonly force: boolean },
): Promise<RunRefused | null> {
  for (const path of paths) {
    const directory = (await isFolder(path)) ? path : dirname(path);
    const held = directory === own ? null : await holderOf(directory);
    if (held && (held.isAlive || !force)) return refused(Exit.unfinished, heldBy(directory, held));
  }
  return null;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function sourcesAt(
  path: string,
  { service, now }: { readonly service: string; readonly now: string },
): Promise<readonly Source[] | RunRefused> {
  const isWhole = await isFolder(path);
  const { manifests, problems } = isWhole ? await readManifests(path) : await readOne(path);
  if (problems[0]) return refused(Exit.invalid, `${problems[0].message} Nothing was sent.`);
  if (manifests.length === 0) return refused(Exit.missing, `There is no manifest ${path}. Nothing was sent.`);
  const other = manifests.find(({ manifest }) => manifest.service !== service)?.manifest.service;
  if (other !== undefined) return refused(Exit.usage, otherService(path, { from: other, to: service }));
  const directory = isWhole ? path : dirname(path);
  const state = await readRunState(directory, now);
  // After a killed run, the journal may know more than the manifest.
  const fold: Fold = state.kind === 'read' ? state.fold : new Map();
  const latest = (manifest: Manifest) =>
    fold.size > 0 ? renewed(manifest, { fold, toolVersion: '' }) : manifest;
  return manifests.map(({ manifest }) => ({ directory, manifest: latest(manifest) }));
}

async function readOne(path: string): Promise<Awaited<ReturnType<typeof readManifests>>> {
  const read = await readManifest(path);
  const manifests = read.kind === 'read' ? [{ name: path, manifest: read.manifest }] : [];
  return { manifests, problems: read.kind === 'unreadable' ? [{ name: path, message: read.message }] : [] };
}

function refused(exit: RunRefused['exit'], message: string): RunRefused {
  return { ok: false, exit, message };
}

function otherService(path: string, { from, to }: { readonly from: string; readonly to: string }): string {
  return `${path} belongs to ${serviceWords(from)}, and this run is for ${serviceWords(to)}. Nothing was sent.`;
}
