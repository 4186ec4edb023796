import { join } from 'node:path';
import { runChild } from '../../media/child.js';
import { perSecond } from '../../media/frame-rate.js';
import { checkClip } from '../../media/probe.js';
import { filmLength } from './film.js';
import type { FilmJob, Trouble } from './film-job.js';
import { makePictures } from './make-pictures.js';
import { type FilmSound, makeSound, samplesOf } from './make-sound.js';
import { exactly, RAW } from './sound-track.js';

/** Makes the film in the job's folder, and gives its path once it is what it should be. Throws the file system's own errors. */
export async function makeFilm(
  job: FilmJob,
): Promise<{ readonly path: string; readonly sound: FilmSound | null } | Trouble> {
  const pictures = await makePictures(job);
  if ('message' in pictures) return pictures;
  const sound = await makeSound(job);
  if (sound && 'message' in sound) return sound;
  const path = join(job.folder, 'film.mp4');
  job.onStep('Writing', 0, 1);
  const args = finishArgs(job, { pictures: pictures.file, sound, to: path });
  const child = await runChild(job.ffmpeg.path, { args, cwd: job.folder, signal: job.signal });
  if (!child.ok) return child;
  const { rate, ...size } = job.shape;
  const frames = filmLength(job.items);
  const expected = { ...size, frames, frameRate: perSecond(rate), audio: sound !== null };
  const problem = await checkClip(path, expected);
  if (problem) return { message: `the film did not come out right: ${problem}` };
  return { path, sound };
}

function finishArgs(
  job: FilmJob,
  {
    pictures,
    sound,
    to,
  }: { readonly pictures: string; readonly sound: FilmSound | null; readonly to: string },
): readonly string[] {
  const filters = sound && [`volume=${sound.gain.toFixed(3)}dB`, ...exactly(samplesOf(job))].join(',');
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', '-i', pictures],
    ...(sound ? [...RAW, '-i', sound.file] : []),
    ...['-map', '0:v:0', '-c:v', 'copy', '-video_track_timescale', String(job.shape.rate.num)],
    ...(filters ? ['-map', '1:a:0', '-af', filters, '-c:a', 'aac', '-b:a', '192k'] : []),
    // The same clips make the same bytes, wherever and whenever.
    ...[
      '-map_metadata',
      '-1',
      '-metadata',
      `title=${job.title}`,
      '-fflags',
      '+bitexact',
      '-flags:a',
      '+bitexact',
    ],
    ...['-movflags', '+faststart', '-f', 'mp4', to],
  ];
}
