import { runChild } from './child.js';
import type { Ffmpeg } from './ffmpeg.js';

/** How loud a sound is, by EBU R 128. */
export interface Loudness {
  /** LUFS, over all of it. */
  readonly integrated: number;
  /** dBTP. */
  readonly peak: number;
}

/** EBU R 128 allows peaks of -1 dBTP; lossy encoders, ours being one, overshoot by up to half a decibel. */
const PEAK = -1.5;
/** LU: what may remain of the difference between loud and quiet, as EBU's guidelines have it for drama on small devices. */
const RANGE = 11;
/** LUFS: the absolute gate of ITU-R BS.1770; below it there is nothing to measure. */
const SILENCE = -70;

/** Where the sound is and what may be done meanwhile. */
export interface LoudnessOptions {
  /** Arguments of ffmpeg that open the sound. */
  readonly input: readonly string[];
  /** LUFS. */
  readonly target: number;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** A sound without anything to measure. */
export type Silence = 'silence';

/** Measures a sound as others will; a message where it could not be done. */
export async function measureLoudness(
  ffmpeg: Ffmpeg,
  options: Omit<LoudnessOptions, 'target'>,
): Promise<Loudness | Silence | Trouble> {
  const said = await ask(ffmpeg, { ...options, filter: 'ebur128=peak=true:framelog=verbose' });
  if ('message' in said) return said;
  // Its summary comes last: `I: -16.0 LUFS`, and later `Peak: -3.2 dBFS`.
  const summary = said.output.slice(said.output.lastIndexOf('Integrated loudness:'));
  const number = (pattern: RegExp) => Number(pattern.exec(summary)?.[1] ?? Number.NaN);
  const integrated = number(/I:\s+(\S+) LUFS/);
  const peak = number(/Peak:\s+(\S+) dBFS/);
  // Digital silence has a peak of minus infinity, and its loudness is the gate's.
  return integrated > SILENCE && Number.isFinite(peak) ? { integrated, peak } : 'silence';
}

/**
 * The filter that brings a sound near a loudness, told in a first pass what there is: by one gain where peaks and range
 * allow it, else by evening out what is loud and what is quiet. Its output may have another sample rate.
 */
export async function levellingFilter(
  ffmpeg: Ffmpeg,
  options: LoudnessOptions,
): Promise<{ readonly filter: string } | Silence | Trouble> {
  const filter = `loudnorm=I=${options.target}:TP=${PEAK}:LRA=${RANGE}`;
  const said = await ask(ffmpeg, { ...options, filter: `${filter}:print_format=json` });
  if ('message' in said) return said;
  const json = /\{[^{}]*"input_i"[^{}]*\}/.exec(said.output)?.[0];
  if (!json) return { message: 'ffmpeg did not say how loud the sound is' };
  const { input_i, input_tp, input_lra, input_thresh, target_offset }: Readonly<Record<string, string>> =
    JSON.parse(json);
  const measured = [input_i, input_tp, input_lra, input_thresh, target_offset];
  // Silence is measured as minus infinity.
  if (!measured.every((value) => Number.isFinite(Number(value))) || !(Number(input_i) > SILENCE))
    return 'silence';
  const told = `measured_I=${input_i}:measured_TP=${input_tp}:measured_LRA=${input_lra}:measured_thresh=${input_thresh}`;
  return { filter: `${filter}:${told}:offset=${target_offset}:linear=true` };
}

/** Decibels between a sound that was levelled and its target, as far as its peaks leave room. */
export function lastGain({ integrated, peak }: Loudness, target: number): number {
  return Math.min(target - integrated, Math.max(0, PEAK - peak));
}

interface Trouble {
  readonly message: string;
}

async function ask(
  ffmpeg: Ffmpeg,
  { input, filter, cwd, signal }: Omit<LoudnessOptions, 'target'> & { readonly filter: string },
): Promise<{ readonly output: string } | Trouble> {
  const args = ['-hide_banner', '-nostdin', '-nostats', ...input, '-map', '0:a:0', '-af', filter];
  const { ok, output, message } = await runChild(ffmpeg.path, {
    args: [...args, '-f', 'null', '-'],
    cwd,
    signal,
    keepErrors: true,
  });
  return ok ? { output } : { message };
}
