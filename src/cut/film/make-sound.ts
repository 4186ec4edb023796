import { join } from 'node:path';
import { runChild } from '../../media/child.js';
import type { Ffmpeg } from '../../media/ffmpeg.js';
import { type Loudness, levellingFilter, measureLoudness, remainingGain } from '../../media/loudness.js';
import { filmLength } from './film.js';
import { FFMPEG_START, type FilmJob, type FilmProblem } from './film-job.js';
import { exactLength, hasSound, RAW, SAMPLE_RATE, samplesAt, writeSound } from './sound-track.js';

/** Sound of a film, ready to encode. */
export interface FilmSound {
  /** Name of a raw sound file in the job's folder. */
  readonly file: string;
  /** Gain that is still to be applied, decibels. */
  readonly gain: number;
  /** Loudness with the gain, LUFS; null if it was not levelled. */
  readonly loudness: number | null;
  readonly isSilent: boolean;
}

const LEVELLED = 'levelled.f32';

/** Makes the sound of a film; null if neither a clip nor music has sound. Throws errors of the file system. */
export async function makeSound(job: FilmJob): Promise<FilmSound | FilmProblem | null> {
  const { items, shape, ffmpeg, folder, signal, music, onStep } = job;
  const clipsHaveSound = items.some(hasSound);
  if (!clipsHaveSound && music === null) return null;
  let done = 0;
  const onClip = () => onStep('Reading the sound', ++done, items.length);
  const options = { ffmpeg, rate: shape.rate, folder, to: join(folder, CLIPS), signal, onClip };
  const failed = clipsHaveSound ? await writeSound(items, options) : null;
  if (failed) return { message: `${failed.name}: ${failed.message}` };
  const samples = samplesOf(job);
  const mixed = music === null ? CLIPS : await addMusic({ ...options, music, samples, clipsHaveSound });
  return typeof mixed === 'string' ? levelSound(mixed, job) : mixed;
}

/** Samples of the whole film. */
export function samplesOf({ items, shape }: Pick<FilmJob, 'items' | 'shape'>): number {
  return samplesAt(filmLength(items), shape.rate);
}

/** Levels the sound in two passes of `loudnorm`; the remaining difference becomes the gain. */
async function levelSound(file: string, job: FilmJob): Promise<FilmSound | FilmProblem> {
  const { loudness, ffmpeg, folder, signal, onStep } = job;
  const unchanged = { file, gain: 0, loudness: null, isSilent: false };
  if (loudness === null) return unchanged;
  onStep('Levelling the sound of', 0, 1);
  const sound = { cwd: folder, signal, target: loudness };
  const levelling = await levellingFilter(ffmpeg, { ...sound, input: [...RAW, '-i', file] });
  if (levelling === 'silence') return { ...unchanged, isSilent: true };
  if ('message' in levelling) return levelling;
  const filters = [levelling.filter, ...exactLength(samplesOf(job))].join(',');
  const args = [...FFMPEG_START, ...RAW, '-i', file, '-af', filters, ...RAW, LEVELLED];
  const levelled = await runChild(ffmpeg.path, { args, cwd: folder, signal });
  if (!levelled.ok) return levelled;
  const after = await measureLoudness(ffmpeg, { ...sound, input: [...RAW, '-i', LEVELLED] });
  if (after === 'silence') return { ...unchanged, isSilent: true };
  if ('message' in after) return after;
  const gain = remainingGain(after, loudness);
  return { file: LEVELLED, gain, loudness: after.integrated + gain, isSilent: false };
}

/** Parts of the mix. */
interface MixOptions {
  readonly ffmpeg: Ffmpeg;
  /** Absolute path of the folder to work in; it holds the sound of the clips as `CLIPS`. */
  readonly folder: string;
  /** True if at least one clip has sound. */
  readonly clipsHaveSound: boolean;
  /** Absolute path of the music. */
  readonly music: string;
  /** Samples of the whole film. */
  readonly samples: number;
  readonly signal: AbortSignal;
}

/** File with the sound of the clips. */
const CLIPS = 'clips.f32';
const STEREO = 'aformat=sample_fmts=flt:channel_layouts=stereo';
const BED = 'bed.f32';
const MIX = 'mix.f32';

/** Difference between clips and music, LU. */
const MUSIC_BELOW_CLIPS = 6;
/** Length of the fade at the end of the music, seconds. */
const FADE_SECONDS = 2;
/** Loudness of the clips before the mix, LUFS. A fixed level lets one set of ducking parameters fit every film. */
const MIX_LEVEL = -23;

/** Filters of ffmpeg that music needs. */
export const MUSIC_FILTERS = ['aformat', 'sidechaincompress', 'amerge', 'pan', 'afade', 'asplit'];

/**
 * Mixes music under the clips: repeated or cut to the length of the film, faded out at its end, and lowered while a clip
 * has sound. Returns the name of the mix.
 */
async function addMusic(options: MixOptions): Promise<string | FilmProblem> {
  const { ffmpeg, folder, music, samples, signal, clipsHaveSound } = options;
  const runFfmpeg = (args: readonly string[]) =>
    runChild(ffmpeg.path, { args: [...FFMPEG_START, ...args], cwd: folder, signal });
  const repeatedMusic = ['-stream_loop', '-1', '-i', music, '-map', '0:a:0', '-vn'];
  const bed = await runFfmpeg([...repeatedMusic, '-af', bedFilters(samples).join(','), ...RAW, BED]);
  if (!bed.ok) return musicProblem(bed);
  if (!clipsHaveSound) return BED;
  const gains: string[] = [];
  for (const file of [CLIPS, BED]) {
    const found = await measureLoudness(ffmpeg, {
      input: [...RAW, '-i', file],
      cwd: folder,
      signal,
    });
    if (typeof found === 'object' && 'message' in found) return found;
    gains.push(gainTo(file === BED ? MIX_LEVEL - MUSIC_BELOW_CLIPS : MIX_LEVEL, found));
  }
  const [clipsGain = '0', musicGain = '0'] = gains;
  const inputs = [...RAW, '-i', CLIPS, ...RAW, '-i', BED];
  const mixing = ['-filter_complex', mixGraph(clipsGain, musicGain), '-map', '[mix]'];
  const mixed = await runFfmpeg([...inputs, ...mixing, ...RAW, MIX]);
  return mixed.ok ? MIX : musicProblem(mixed);
}

function musicProblem({ message }: FilmProblem): FilmProblem {
  return { message: `the music cannot be added: ${message}` };
}

function bedFilters(samples: number): readonly string[] {
  const seconds = samples / SAMPLE_RATE;
  const fade = Math.min(FADE_SECONDS, seconds / 2);
  return [
    `aresample=${SAMPLE_RATE}`,
    STEREO,
    'asetpts=N/SR/TB',
    `atrim=end_sample=${samples}`,
    `afade=t=out:st=${(seconds - fade).toFixed(3)}:d=${fade.toFixed(3)}`,
  ];
}

/** Gain that brings a sound to a level, decibels; 0 for silence. */
function gainTo(level: number, found: Loudness | 'silence'): string {
  return found === 'silence' ? '0' : (level - found.integrated).toFixed(2);
}

/** Filter graph of the mix. The music is lowered within 50 ms when a clip has sound, and returns within 500 ms. */
function mixGraph(clipsGain: string, musicGain: string): string {
  return [
    `[0:a]volume=${clipsGain}dB,asplit=2[clips][key]`,
    `[1:a]volume=${musicGain}dB[bed]`,
    // The same format on both sides: in ffmpeg 5, amerge fails after the compressor without it.
    `[bed][key]sidechaincompress=threshold=0.02:ratio=6:attack=50:release=500,${STEREO}[ducked]`,
    // Added sample by sample: amix makes both quieter, and older versions have no option against it.
    '[clips][ducked]amerge=inputs=2,pan=stereo|c0=c0+c2|c1=c1+c3[mix]',
  ].join(';');
}
