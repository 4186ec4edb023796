import { join } from 'node:path';
import { runChild } from '../../media/child.js';
import { perSecond } from '../../media/frame-rate.js';
import { checkClip } from '../../media/probe.js';
import { filmLength } from './film.js';
import { FFMPEG_START, type FilmJob, type FilmProblem } from './film-job.js';
import { makePictures } from './make-pictures.js';
import { type FilmSound, makeSound, samplesOf } from './make-sound.js';
import { exactLength, RAW } from './sound-track.js';

/** Makes a film in the job's folder and checks it; returns its path. Throws errors of the file system. */
export async function makeFilm(
  job: FilmJob,
): Promise<{ readonly path: string; readonly sound: FilmSound | null } | FilmProblem> {
  const pictures = await makePictures(job);
  if ('message' in pictures) return pictures;
  const sound = await makeSound(job);
  if (sound && 'message' in sound) return sound;
  const path = join(job.folder, 'film.mp4');
  const problem =
    (await joinPicturesAndSound(job, { pictures: pictures.file, sound, to: path })) ??
    (await checkFilm(job, { path, sound }));
  return problem ?? { path, sound };
}

interface Parts {
  readonly pictures: string;
  readonly sound: FilmSound | null;
  readonly to: string;
}

async function joinPicturesAndSound(job: FilmJob, parts: Parts): Promise<FilmProblem | null> {
  job.onStep('Writing', 0, 1);
  const args = joinArgs(job, parts);
  const child = await runChild(job.ffmpeg.path, { args, cwd: job.folder, signal: job.signal });
  return child.ok ? null : child;
}

async function checkFilm(
  { shape, items }: FilmJob,
  { path, sound }: { readonly path: string; readonly sound: FilmSound | null },
): Promise<FilmProblem | null> {
  const { rate, width, height } = shape;
  const frames = filmLength(items);
  const expected = { width, height, frames, frameRate: perSecond(rate), audio: sound !== null };
  const problem = await checkClip(path, expected);
  return problem ? { message: `the finished film is not as planned: ${problem}` } : null;
}

function joinArgs(job: FilmJob, { pictures, sound, to }: Parts): readonly string[] {
  const filters = sound && [`volume=${sound.gain.toFixed(3)}dB`, ...exactLength(samplesOf(job))].join(',');
  const inputs = ['-i', pictures, ...(sound ? [...RAW, '-i', sound.file] : [])];
  const video = ['-map', '0:v:0', '-c:v', 'copy', '-video_track_timescale', String(job.shape.rate.num)];
  const audio = filters ? ['-map', '1:a:0', '-af', filters, '-c:a', 'aac', '-b:a', '192k'] : [];
  const metadata = ['-map_metadata', '-1', '-metadata', `title=${job.title}`];
  // The same clips make the same bytes on every machine.
  const bitexact = ['-fflags', '+bitexact', '-flags:a', '+bitexact'];
  const output = ['-movflags', '+faststart', '-f', 'mp4', to];
  return [...FFMPEG_START, ...inputs, ...video, ...audio, ...metadata, ...bitexact, ...output];
}
