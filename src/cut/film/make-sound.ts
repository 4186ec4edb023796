import { join } from 'node:path';
import { runChild } from '../../media/child.js';
import type { Ffmpeg } from '../../media/ffmpeg.js';
import { type Loudness, lastGain, levellingFilter, measureLoudness } from '../../media/loudness.js';
import { filmLength } from './film.js';
import type { FilmJob, Trouble } from './film-job.js';
import { exactly, hasSound, RAW, SAMPLE_RATE, samplesAt, writeSound } from './sound-track.js';

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
  const gain = lastGain(after, loudness);
  return { file: LEVELLED, gain, loudness: after.integrated + gain, isSilent: false };
}

/** What the film's sound is made of. */
export interface MixOptions {
  readonly ffmpeg: Ffmpeg;
  /** The folder to work in, absolute; the sound of the clips is `CLIPS` in it. */
  readonly folder: string;
  /** Whether some clip has sound. */
  readonly hasSound: boolean;
  /** Absolute path of the music under it. */
  readonly music: string;
  /** Samples of the whole film. */
  readonly samples: number;
  readonly signal: AbortSignal;
}

/** Name of the clips' own sound in the working folder. */
export const CLIPS = 'clips.f32';
const STEREO = 'aformat=sample_fmts=flt:channel_layouts=stereo';
const BED = 'bed.f32';
const MIX = 'mix.f32';

/** LU by which music lies under the clips where they are silent, and seconds over which it ends. */
const UNDER = 6;
const FADE = 2;
/** LUFS that both are brought to before they are mixed, so that the same settings duck every music under every film. */
const LEVEL = -23;

/** What ffmpeg has to have for music. */
export const MUSIC_FILTERS = ['aformat', 'sidechaincompress', 'amerge', 'pan', 'afade', 'asplit'];

/**
 * Lays music under the clips: repeated or cut to the film's length, faded out at its end, and lower while a clip is heard.
 * Gives the name of the mix.
 */
export async function layMusic(options: MixOptions): Promise<string | Trouble> {
  const { ffmpeg, folder, music, samples, signal, hasSound } = options;
  const run = (args: readonly string[]) =>
    runChild(ffmpeg.path, {
      args: ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args],
      cwd: folder,
      signal,
    });
  const bed = await run([
    ...['-stream_loop', '-1', '-i', music, '-map', '0:a:0', '-vn'],
    ...['-af', bedFilters(samples).join(','), ...RAW, BED],
  ]);
  if (!bed.ok) return inMusic(bed);
  if (!hasSound) return BED;
  const gains: string[] = [];
  for (const file of [CLIPS, BED]) {
    const found = await measureLoudness(ffmpeg, {
      input: [...RAW, '-i', file],
      cwd: folder,
      signal,
    });
    if (typeof found === 'object' && 'message' in found) return found;
    gains.push(gain(found, file === BED ? LEVEL - UNDER : LEVEL));
  }
  const [clips = '0', under = '0'] = gains;
  const mixed = await run([
    ...[...RAW, '-i', CLIPS, ...RAW, '-i', BED],
    ...['-filter_complex', duck(clips, under), '-map', '[mix]', ...RAW, MIX],
  ]);
  return mixed.ok ? MIX : inMusic(mixed);
}

function inMusic({ message }: Trouble): Trouble {
  return { message: `the music cannot be laid under it: ${message}` };
}

function bedFilters(samples: number): readonly string[] {
  const seconds = samples / SAMPLE_RATE;
  const fade = Math.min(FADE, seconds / 2);
  return [
    `aresample=${SAMPLE_RATE}`,
    STEREO,
    'asetpts=N/SR/TB',
    `atrim=end_sample=${samples}`,
    `afade=t=out:st=${(seconds - fade).toFixed(3)}:d=${fade.toFixed(3)}`,
  ];
}

/** Decibels that bring a sound to a level; silence stays what it is. */
function gain(found: Loudness | 'silence', level: number): string {
  return found === 'silence' ? '0' : (level - found.integrated).toFixed(2);
}

/** The bed goes down within a twentieth of a second when a clip is heard, and comes back over half a second. */
function duck(clips: string, under: string): string {
  return [
    `[0:a]volume=${clips}dB,asplit=2[clips][key]`,
    `[1:a]volume=${under}dB[bed]`,
    // Brought to one form before they meet: ffmpeg 5 would have amerge and the compressor disagree, and fail.
    `[bed][key]sidechaincompress=threshold=0.02:ratio=6:attack=50:release=500,${STEREO}[ducked]`,
    // Added sample by sample: amix would make both quieter, and not every version can be told not to.
    '[clips][ducked]amerge=inputs=2,pan=stereo|c0=c0+c2|c1=c1+c3[mix]',
  ].join(';');
}
