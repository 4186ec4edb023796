import { runChild } from './child.js';
import type { Ffmpeg } from './ffmpeg.js';

/** Loudness of a sound, by EBU R 128. */
export interface Loudness {
  /** LUFS, over the whole sound. */
  readonly integrated: number;
  /** dBTP. */
  readonly peak: number;
}

/** Highest peak, dBTP: EBU R 128 allows -1, and lossy encoders overshoot by up to half a decibel. */
const PEAK = -1.5;
/** Largest loudness range, LU: EBU's guideline for drama on small devices. */
const RANGE = 11;
/** Absolute gate of ITU-R BS.1770, LUFS: a quieter sound cannot be measured. */
const SILENCE = -70;

/** Source and target of a measurement. */
export interface LoudnessOptions {
  /** Arguments of ffmpeg that open the sound. */
  readonly input: readonly string[];
  /** LUFS. */
  readonly target: number;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** Result for a sound too quiet to measure. */
export type Silence = 'silence';

/** Measures the loudness of a sound, or returns the reason why it cannot be measured. */
export async function measureLoudness(
  ffmpeg: Ffmpeg,
  options: Omit<LoudnessOptions, 'target'>,
): Promise<Loudness | Silence | MeasureFailure> {
  const ran = await runFilter(ffmpeg, { ...options, filter: 'ebur128=peak=true:framelog=verbose' });
  if ('message' in ran) return ran;
  // The summary comes last: `I: -16.0 LUFS`, and later `Peak: -3.2 dBFS`.
  const summary = ran.output.slice(ran.output.lastIndexOf('Integrated loudness:'));
  const number = (pattern: RegExp) => Number(pattern.exec(summary)?.[1] ?? Number.NaN);
  const integrated = number(/I:\s+(\S+) LUFS/);
  const peak = number(/Peak:\s+(\S+) dBFS/);
  // Digital silence has a peak of minus infinity and the loudness of the gate.
  return integrated > SILENCE && Number.isFinite(peak) ? { integrated, peak } : 'silence';
}

/**
 * Filter that brings a sound near a loudness, from the measurements of a first pass: one gain if peaks and range allow
 * it, else with compression. Its output may have another sample rate.
 */
export async function levellingFilter(
  ffmpeg: Ffmpeg,
  options: LoudnessOptions,
): Promise<{ readonly filter: string } | Silence | MeasureFailure> {
  const filter = `loudnorm=I=${options.target}:TP=${PEAK}:LRA=${RANGE}`;
  const ran = await runFilter(ffmpeg, { ...options, filter: `${filter}:print_format=json` });
  if ('message' in ran) return ran;
  const json = /\{[^{}]*"input_i"[^{}]*\}/.exec(ran.output)?.[0];
  if (!json) return { message: 'ffmpeg did not say how loud the sound is' };
  const { input_i, input_tp, input_lra, input_thresh, target_offset }: Readonly<Record<string, string>> =
    JSON.parse(json);
  const measured = [input_i, input_tp, input_lra, input_thresh, target_offset];
  // Silence is measured as minus infinity.
  if (!measured.every((value) => Number.isFinite(Number(value))) || !(Number(input_i) > SILENCE))
    return 'silence';
  const measurements = `measured_I=${input_i}:measured_TP=${input_tp}:measured_LRA=${input_lra}:measured_thresh=${input_thresh}`;
  return { filter: `${filter}:${measurements}:offset=${target_offset}:linear=true` };
}

/** Gain, decibels, that brings a levelled sound to its target, as far as its peaks leave room. */
export function remainingGain({ integrated, peak }: Loudness, target: number): number {
  return Math.min(target - integrated, Math.max(0, PEAK - peak));
}

/** Reason why ffmpeg could not measure, a clause. */
interface MeasureFailure {
  readonly message: string;
}

async function runFilter(
  ffmpeg: Ffmpeg,
  { input, filter, cwd, signal }: Omit<LoudnessOptions, 'target'> & { readonly filter: string },
): Promise<{ readonly output: string } | MeasureFailure> {
  const args = ['-hide_banner', '-nostdin', '-nostats', ...input, '-map', '0:a:0', '-af', filter];
  const { ok, output, message } = await runChild(ffmpeg.path, {
    args: [...args, '-f', 'null', '-'],
    cwd,
    signal,
    keepErrors: true,
  });
  return ok ? { output } : { message };
}
