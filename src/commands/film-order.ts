import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Exit } from '../exit.js';
import type { Manifest, ManifestEntry } from '../manifest/manifest.js';
import { readPictures } from '../media/clip-pictures.js';
import { type FfmpegSearch, findFfmpeg } from '../media/ffmpeg.js';
import { namedBy } from '../plan/choose.js';
import { type CutPiece, cutOf } from '../report/cut.js';
import { ENCODE_FILTERS } from '../report/film/encode-args.js';
import { filmItems, type Used } from '../report/film/film.js';
import type { FilmJob } from '../report/film/film-job.js';
import { piecesOf } from '../report/film/pieces.js';
import { commonConfig, shapeOf } from '../report/film/shape.js';
import { MUSIC_FILTERS } from '../report/film/sound-mix.js';
import { tellStory } from '../report/story.js';
import { formatCount } from '../ui/units.js';
import type { AssembleFlags } from './assemble.js';
import type { Failure } from './console.js';
import { noShot } from './list-flags.js';
import type { RenderedRun } from './rendered-run.js';
import { shownPath } from './shown-path.js';

/** What ffmpeg has to have for any sound. */
const SOUND_FILTERS = ['aresample', 'atrim', 'apad', 'loudnorm', 'ebur128', 'volume'];

/** All that is known of a film before anything is done. */
export type FilmOrder = Omit<FilmJob, 'folder' | 'signal' | 'onStep'>;

/** Decides on the film that a run makes; refuses what could not be made, before anything is done. */
export async function orderFilm(
  { manifest, directory }: Pick<RenderedRun, 'manifest' | 'directory'>,
  { flags, run }: { readonly flags: AssembleFlags; readonly run: string },
): Promise<FilmOrder | Failure> {
  const named = namedBy(manifest.submissions, flags);
  if (!named.ok) return noShot(named.pattern);
  const { pieces, missing } = cutOf(manifest, ({ id }) => named.ids.has(id));
  if (missing.length > 0) return notHere(missing, manifest);
  if (pieces.length === 0)
    return { exit: Exit.failed, message: 'there is nothing to join: no shot is meant' };
  const music = await musicOf(flags);
  if (typeof music === 'object' && music !== null) return music;
  const clips = await readClips(pieces, directory);
  if (!Array.isArray(clips)) return unreadable(clips, run);
  const found = await findFfmpeg();
  const ffmpeg = usable(found, { hasMusic: music !== null });
  if ('exit' in ffmpeg) return ffmpeg;
  const shape = shapeOf(clips.map(({ pictures }) => pictures));
  if (!shape) throw new Error('clips have no shape');
  const items = filmItems(clips, shape);
  const config = commonConfig(
    items.map(({ pictures }) => pictures),
    shape,
  );
  const parts = piecesOf(items, { shape, config });
  return {
    ...{
      items,
      pieces: parts,
      shape,
      title: tellStory(manifest).title,
      music,
      loudness: flags.loudness,
      ffmpeg,
    },
    config: parts.some(({ kind }) => kind === 'copy') ? config : null,
  };
}

/** The clips' own words, in list order; the first that cannot be read. */
async function readClips(pieces: readonly CutPiece[], directory: string): Promise<Used[] | CutPiece> {
  const clips: Used[] = [];
  for (const piece of pieces) {
    const { entry, clip, transition } = piece;
    const path = join(directory, clip.file);
    const pictures = await readPictures(path);
    if (!pictures) return piece;
    clips.push({ name: entry.id, path, pictures, use: entry.use, transition });
  }
  return clips;
}

function unreadable({ entry, clip }: CutPiece, run: string): Failure {
  return {
    exit: Exit.failed,
    message: `the clip of ${entry.id} cannot be read: ${clip.file}`,
    hint: `to fetch it again, without a submission: shotlist verify ${run} --repair`,
  };
}

/** People look for what is missing by its name: so many are named. */
const NAMED = 20;

function notHere(missing: readonly ManifestEntry[], { list }: Manifest): Failure {
  const names = missing.slice(0, NAMED).map(({ id, state }) => `  ${id}  ${WORDS[state] ?? state}`);
  const more = missing.length > NAMED ? [`  and ${formatCount(missing.length - NAMED, 'other')}`] : [];
  return {
    exit: Exit.failed,
    message: [
      `${formatCount(missing.length, 'clip')} of the film ${missing.length === 1 ? 'is' : 'are'} not here:`,
      ...names,
      ...more,
    ].join('\n'),
    hint: `render them with shotlist run ${list.file.replace(/^.*\//, '')}, or leave them out with --except`,
  };
}

const WORDS: Readonly<Partial<Record<ManifestEntry['state'], string>>> = {
  planned: 'not rendered yet',
  refused: 'not rendered: the service refused it',
  submitted: 'still with the service',
  completed: 'rendered, but not fetched',
  done: 'shorter than its use begins',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown: see shotlist resolve',
};

/** The music's absolute path; null for none. */
async function musicOf({ music }: AssembleFlags): Promise<string | Failure | null> {
  if (music === undefined) return null;
  const path = resolve(music);
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return path;
  return {
    exit: Exit.missing,
    message: `there is no ${shownPath(path)}`,
    hint: 'name a file with sound, such as bed.wav',
  };
}

/** The ffmpeg, if it can do what the film needs. */
function usable(
  found: FfmpegSearch,
  { hasMusic }: { readonly hasMusic: boolean },
): FilmOrder['ffmpeg'] | Failure {
  if (!found.ok) return { exit: Exit.failed, message: found.message, hint: found.hint };
  const { ffmpeg } = found;
  const lacking = [
    ...[...ENCODE_FILTERS, ...SOUND_FILTERS, ...(hasMusic ? MUSIC_FILTERS : [])].filter(
      (name) => !ffmpeg.filters.has(name),
    ),
    ...['libx264', 'aac'].filter((name) => !ffmpeg.encoders.has(name)),
  ];
  if (lacking.length === 0) return ffmpeg;
  return {
    exit: Exit.failed,
    message: `the ffmpeg at ${ffmpeg.path} (${ffmpeg.version}) cannot make the film: it has no ${lacking.join(', ')}`,
    hint: 'install a whole ffmpeg, 4.4 or newer, or set SHOTLIST_FFMPEG to the path of one',
  };
}
