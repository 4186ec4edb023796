import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import { type Check, type FetchedClip, fetchedClips, type ManifestEntry } from '../../manifest/manifest.js';
import { isVideo } from '../../media/facts.js';
import { flagsOf } from '../../media/flags.js';
import { pictureAspect } from '../../media/picture.js';
import { STILLS, stillNames } from '../../media/still-names.js';
import { isChainedFrame, isLocalMedia, type NativeInput } from '../../models/native-input.js';
import { clipOf } from '../chains.js';
import { type InspectClip, type RunContext, record } from '../context.js';
import type { HeldDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/manifests.js';
import type { Job } from '../job.js';
import type { KeyState, KeyStates } from '../records/render.js';
import type { Step } from '../records/steps.js';

/** True if a still is in the run directory; the argument is its path there. */
type HasStill = (still: string) => boolean;

/** The stills in a run directory, listed once for all questions. */
export function stillsIn(directory: string): HasStill {
  const names = new Set(namesOf(join(directory, STILLS)));
  return (still) => names.has(basename(still));
}

function namesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Without its stills, a clip is inspected again.
    return [];
  }
}

/**
 * Clips of a submission that no run has inspected; with `hasStill`, also those whose stills are gone. A clip is inspected
 * once, on whatever machine: its record says what was found.
 */
export function uninspectedClips(
  entry: Pick<ManifestEntry, 'outputs'>,
  { directory, hasStill = null }: { readonly directory: string; readonly hasStill?: HasStill | null },
): readonly FetchedClip[] {
  return fetchedClips(entry).filter(({ file, check }) => {
    // A clip that cannot be decoded may have no stills, and what is no video has none.
    if (check?.pictures && check.flags.some(({ code }) => code === 'damaged' || code === 'unreadable'))
      return false;
    if (check && (!hasStill || (check.pictures && hasStill(stillNames(file).middle)))) return false;
    return existsSync(join(directory, file));
  });
}

/** The jobs with clips that no run has inspected. */
export function uninspectedJobs(run: RunContext, jobs: readonly Job[]): readonly Job[] {
  return jobs.filter(({ key, ids }) => {
    const known = ids.length > 0 && run.deps.inspect ? run.records.get(key) : undefined;
    return known?.state === 'done' && uninspectedClips(known, { directory: run.directory }).length > 0;
  });
}

/** Inspects a job's clips, keeps their stills, and records and reports the result. */
export async function inspectJob(run: RunContext, job: Job): Promise<void> {
  const { records, directory, folder, aspect, deps, brakes, reporter } = run;
  const { inspect } = deps;
  const known = records.get(job.key);
  if (!inspect || !known) return;
  const context = {
    directory,
    folder,
    aspect,
    keyStates: records.keyStates,
    inspect,
    signal: brakes.allStopped,
  };
  for (const clip of uninspectedClips(known, { directory })) {
    const inspected = await inspectOne(known, clip, context);
    if (!inspected) return;
    const { check, notDecoded } = inspected;
    if (notDecoded !== null) reporter.notInspected(notDecoded);
    await record(run, job, inspectedStep(known, clip, check));
    reporter.checked(job, { file: clip.file, ...check });
  }
}

/** Clips inspected at a time: one decoder uses several cores. */
const INSPECTIONS = 2;

/**
 * Inspects the clips of a run directory that no run has inspected or that have no stills, outside a run: records what is
 * new and renews the manifests. Stops early when `signal` aborts. Rejects with the file system's own error.
 */
export async function inspectDirectory(
  options: Omit<InspectContext, 'keyStates'> & {
    readonly held: HeldDirectory;
    /** Content keys whose clips are inspected. */
    readonly keys: ReadonlySet<string>;
    readonly toolVersion: string;
    /** Called after each clip. */
    readonly onInspected: () => void;
  },
): Promise<void> {
  const { directory, held, keys, toolVersion, onInspected } = options;
  const { state, lock } = held;
  const records = state.open({ service: state.service ?? '', permit: () => lock.assertHeld() });
  const limit = pLimit(INSPECTIONS);
  const hasStill = stillsIn(directory);
  const inspectKey = async (key: string) => {
    const known = records.get(key);
    if (known?.state !== 'done') return;
    for (const clip of uninspectedClips(known, { directory, hasStill })) {
      if (options.signal.aborted) return;
      const inspected = await inspectOne(known, clip, { ...options, keyStates: records.keyStates });
      onInspected();
      if (!inspected || inspected.notDecoded !== null || clip.check?.pictures) continue;
      await records.append(key, inspectedStep(known, clip, inspected.check));
    }
  };
  try {
    await records.begin();
    const all = await Promise.allSettled([...keys].map((key) => limit(() => inspectKey(key))));
    const failed = all.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    await records.close();
  }
  await renewManifests({ directory, keyStates: records.keyStates, toolVersion });
}

function inspectedStep({ outputs }: KeyState, { file, sha256 }: FetchedClip, check: Check): Step {
  const index = outputs.findIndex((output) => output.file === file);
  return { type: 'inspected', index, sha256, ...check };
}

/** Values that inspections of one run directory share. */
interface InspectContext {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list's folder. */
  readonly folder: string;
  /** Shape of the list's pictures, such as `16:9`; null if the list gives none. */
  readonly aspect: string | null;
  readonly keyStates: KeyStates;
  readonly inspect: InspectClip;
  readonly signal: AbortSignal;
}

interface Inspected {
  readonly check: Check;
  /** Reason, in a sentence, why only the facts were compared; null if the clip was decoded. */
  readonly notDecoded: string | null;
}

/** Inspects a clip and keeps its stills; null if it was stopped. Never throws for a bad clip or a full disk. */
async function inspectOne(
  known: KeyState,
  clip: FetchedClip,
  context: InspectContext,
): Promise<Inspected | null> {
  const { directory, signal } = context;
  const { seconds, audio, input } = known.submission;
  if (!isVideo(clip.media)) {
    const nothing = { seconds, audio, aspect: null };
    const flags = flagsOf(nothing, { facts: clip.media, decoded: null });
    return { check: { pictures: true, flags }, notDecoded: null };
  }
  const answer = await decode(clip, context);
  if (signal.aborted) return null;
  const asked = { seconds, audio, aspect: await askedAspect(input, context) };
  const decoded = 'decoded' in answer ? answer.decoded : null;
  const check = { pictures: decoded !== null, flags: flagsOf(asked, { facts: clip.media, decoded }) };
  if ('decoded' in answer) return { check, notDecoded: null };
  return {
    check,
    notDecoded: 'none' in answer ? answer.none : `${join(directory, clip.file)}: ${answer.message}.`,
  };
}

async function decode(
  { file }: FetchedClip,
  { directory, inspect, signal }: InspectContext,
): ReturnType<InspectClip> {
  const { first, middle, last } = stillNames(file);
  const path = (name: string) => join(directory, name);
  const stills = { first: path(first), middle: path(middle), last: path(last) };
  const scratch = path(first.replace(/\.first\.jpg$/, '.looking'));
  try {
    if (signal.aborted) return { ok: false, message: 'it was stopped' };
    mkdirSync(path(STILLS), { recursive: true });
    return await inspect({ clip: path(file), stills, scratch, signal });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, message };
  }
}

/**
 * The requested shape of a clip, width by height: the input's `aspect_ratio`, or the shape of the input's first
 * picture, which is the start image. A picture on the web has the list's shape. Null if the shape is not known, or if
 * the picture has changed.
 */
async function askedAspect(
  input: NativeInput,
  { folder, aspect, keyStates }: Pick<InspectContext, 'folder' | 'aspect' | 'keyStates'>,
): Promise<number | null> {
  const requested = ratioOf(input.aspect_ratio);
  if (requested !== null) return requested;
  for (const value of Object.values(input)) {
    if (isLocalMedia(value)) return pictureAspect(join(folder, value.$file), value.sha256);
    if (isChainedFrame(value)) {
      const media = clipOf(keyStates.get(value.key))?.media;
      return media ? media.width / media.height : null;
    }
    // Start images come before end images in every model.
    if (typeof value === 'string' && /^https?:\/\//.test(value)) return ratioOf(aspect);
    if (typeof value === 'object' && value !== null && '$url' in value) return ratioOf(aspect);
  }
  return null;
}

/** Width by height of a ratio such as `2.39:1`; null for anything else. */
function ratioOf(aspect: unknown): number | null {
  const [, width, height] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(String(aspect ?? '')) ?? [];
  return width === undefined ? null : Number(width) / Number(height);
}
