import { join } from 'node:path';
import { runChild } from '../../media/child.js';
import { levellingFilter, measureLoudness, remainingGain } from '../../media/loudness.js';
import { filmLength } from './film.js';
import type { FilmJob, Trouble } from './film-job.js';
import { CLIPS, layMusic } from './sound-mix.js';
import { exactly, hasSound, RAW, samplesAt, writeSound } from './sound-track.js';

/** The film's sound, ready to be encoded. */
export interface FilmSound {
  /** Name of a raw file in the job's folder. */
  readonly file: string;
  /** Decibels that are still to be added. */
  readonly gain: number;
  /** LUFS that it then has; null where it was not levelled. */
  readonly loudness: number | null;
  readonly isSilent: boolean;
}

const LEVELLED = 'levelled.f32';

/** Makes the film's sound; null where there is none. Throws the file system's own errors. */
export async function makeSound(job: FilmJob): Promise<FilmSound | Trouble | null> {
  const { items, shape, ffmpeg, folder, signal, music, onStep } = job;
  const isHeard = items.some(hasSound);
  if (!isHeard && music === null) return null;
  let done = 0;
  const onClip = () => onStep('Reading the sound', ++done, items.length);
  const options = { ffmpeg, rate: shape.rate, folder, to: join(folder, CLIPS), signal, onClip };
  const failed = isHeard ? await writeSound(items, options) : null;
  if (failed) return { message: `${failed.name}: ${failed.message}` };
  const samples = samplesOf(job);
  const mixed = music === null ? CLIPS : await layMusic({ ...options, music, samples, hasSound: isHeard });
  return typeof mixed === 'string' ? level(mixed, job) : mixed;
}

/** Samples of the whole film. */
export function samplesOf({ items, shape }: Pick<FilmJob, 'items' | 'shape'>): number {
  return samplesAt(filmLength(items), shape.rate);
}

/** In two passes near to its loudness, and then exactly to it: where the filter evens out, it is off by a little. */
async function level(file: string, job: FilmJob): Promise<FilmSound | Trouble> {
  const { loudness, ffmpeg, folder, signal, onStep } = job;
  const asItIs = { file, gain: 0, loudness: null, isSilent: false };
  if (loudness === null) return asItIs;
  onStep('Levelling the sound of', 0, 1);
  const sound = { cwd: folder, signal, target: loudness };
  const levelling = await levellingFilter(ffmpeg, { ...sound, input: [...RAW, '-i', file] });
  if (levelling === 'silence') return { ...asItIs, isSilent: true };
  if ('message' in levelling) return levelling;
  const filters = [levelling.filter, ...exactly(samplesOf(job))].join(',');
  const start = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];
  const args = [...start, ...RAW, '-i', file, '-af', filters, ...RAW, LEVELLED];
  const levelled = await runChild(ffmpeg.path, { args, cwd: folder, signal });
  if (!levelled.ok) return levelled;
  const after = await measureLoudness(ffmpeg, { ...sound, input: [...RAW, '-i', LEVELLED] });
  if (after === 'silence') return { ...asItIs, isSilent: true };
  if ('message' in after) return after;
  const gain = remainingGain(after, loudness);
  return { file: LEVELLED, gain, loudness: after.integrated + gain, isSilent: false };
}
