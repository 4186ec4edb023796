import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Check, ManifestEntry, Output } from '../../manifest/manifest.js';
import { flagsOf } from '../../media/flags.js';
import type { Inspection, InspectOptions } from '../../media/inspect-clip.js';
import { STILLS, stillNames } from '../../media/still-names.js';
import type { Fold, KeyState } from '../journal/fold.js';
import { askedAspect } from './asked-aspect.js';

/** Looks at a clip with the ffmpeg of this machine; `none` is why there is none, in sentences. */
export type LookAtClip = (options: InspectOptions) => Promise<Inspection | { readonly none: string }>;

export interface Looking {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list's folder. */
  readonly folder: string;
  /** The shape of its pictures, such as `16:9`; null where the list says none. */
  readonly aspect: string | null;
  readonly fold: Fold;
  readonly look: LookAtClip;
  readonly signal: AbortSignal;
}

/** A clip that is here. */
export type ClipHere = Output & { readonly [Name in 'file' | 'sha256' | 'media']: NonNullable<Output[Name]> };

/** Whether a still is here, by its path in the run directory. */
export type HasStill = (still: string) => boolean;

/** The stills that are here now, listed at once: for thousands of clips that is one call instead of one each. */
export function stillsIn(directory: string): HasStill {
  let names: readonly string[] = [];
  try {
    names = readdirSync(join(directory, STILLS));
  } catch {
    // A folder that is missing or cannot be listed holds no stills that can be used: they are made again.
  }
  const stills = new Set(names);
  return (still) => stills.has(basename(still));
}

/** The clips of a key that were not looked at yet, or whose stills are gone. */
export function unseenClips(
  { outputs }: Pick<ManifestEntry, 'outputs'>,
  {
    directory,
    hasStill = (still) => existsSync(join(directory, still)),
  }: { readonly directory: string; readonly hasStill?: HasStill | undefined },
): readonly ClipHere[] {
  return outputs.filter((output): output is ClipHere => {
    const { file, sha256, media, check } = output;
    if (file === null || sha256 === null || media === null) return false;
    // Of one that cannot be decoded there may be no stills.
    if (check?.pictures && check.flags.some(({ code }) => code === 'damaged')) return false;
    if (check?.pictures && hasStill(stillNames(file).middle)) return false;
    return existsSync(join(directory, file));
  });
}

export type LookedAt =
  | { readonly kind: 'looked'; readonly check: Check }
  /** Only its facts were compared, and why. */
  | { readonly kind: 'facts'; readonly check: Check; readonly why: string }
  | { readonly kind: 'stopped' };

/** Compares a clip with what was asked for, and keeps its stills. Never throws for a bad clip or a full disk. */
export async function lookAtClip(known: KeyState, clip: ClipHere, looking: Looking): Promise<LookedAt> {
  const { directory, folder, aspect, fold, signal } = looking;
  const { seconds, audio, input } = known.submission;
  const look = await sightOf(clip, looking);
  if (signal.aborted) return { kind: 'stopped' };
  const asked = { seconds, audio, aspect: await askedAspect(input, { folder, aspect, fold }) };
  const seen = 'decoded' in look ? look.decoded : null;
  const check = { pictures: seen !== null, flags: flagsOf(asked, { facts: clip.media, decoded: seen }) };
  if ('decoded' in look) return { kind: 'looked', check };
  const why = 'none' in look ? look.none : `${join(directory, clip.file)}: ${look.message}.`;
  return { kind: 'facts', check, why };
}

async function sightOf({ file }: ClipHere, { directory, look, signal }: Looking): ReturnType<LookAtClip> {
  const { first, middle, last } = stillNames(file);
  const path = (name: string) => join(directory, name);
  const stills = { first: path(first), middle: path(middle), last: path(last) };
  const scratch = path(first.replace(/\.first\.jpg$/, '.looking'));
  try {
    if (signal.aborted) return { ok: false, message: 'it was stopped' };
    mkdirSync(path(STILLS), { recursive: true });
    return await look({ clip: path(file), stills, scratch, signal });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, message };
  }
}
