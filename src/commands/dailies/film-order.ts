import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Exit } from '../../base/exit.js';
import { formatCount } from '../../base/units.js';
import { type CutGap, type CutPiece, cutOf } from '../../cut/cut.js';
import { CARD_FILTERS, ENCODE_FILTERS } from '../../cut/film/encode-args.js';
import { filmItems, type Used, type UsedCard } from '../../cut/film/film.js';
import type { FilmJob } from '../../cut/film/film-job.js';
import { piecesOf } from '../../cut/film/pieces.js';
import { shapeOf } from '../../cut/film/shape.js';
import { MUSIC_FILTERS } from '../../cut/film/sound-mix.js';
import { tellStory } from '../../dailies/story.js';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { verifyFiles } from '../../manifest/verify.js';
import { runChild } from '../../media/child.js';
import { readPictures } from '../../media/clip-pictures.js';
import { type FfmpegSearch, findFfmpeg } from '../../media/ffmpeg.js';
import { probeVideo } from '../../media/probe.js';
import { namedBy } from '../../plan/choose.js';
import type { Failure } from '../console.js';
import { shownPath } from '../console.js';
import { type ChoiceFlags, type ListFlags, noShot } from '../list-flags.js';
import { gapCard, slateOf, stateWords } from './film-cards.js';
import type { RenderedRun } from './rendered-run.js';

export interface AssembleFlags extends ListFlags, Pick<ChoiceFlags, 'only' | 'except'> {
  /** The MP4 to write. */
  readonly out?: string;
  /** A file with sound. */
  readonly music?: string;
  /** Whether a card stands before each shot. */
  readonly slate?: boolean;
  /** Whether a card may stand for what is not here. */
  readonly allowMissing?: boolean;
  /** LUFS; `off` leaves the sound as it is. */
  readonly loudness: number | 'off';
}

/** What ffmpeg has to have for any sound. */
const SOUND_FILTERS = ['aresample', 'atrim', 'apad', 'loudnorm', 'ebur128', 'volume'];

/** All that is known of a film before anything is done. */
export interface FilmOrder extends Omit<FilmJob, 'folder' | 'signal' | 'onStep'> {
  /** By the name of a shot that is there several times: the shots it is there as. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
  /** What is to be known before it is made. */
  readonly notes: readonly string[];
}

/** Decides on the film that a run makes; refuses what could not be made, before anything is done. */
export async function orderFilm(
  { manifest, directory }: Pick<RenderedRun, 'manifest' | 'directory'>,
  { flags, run }: { readonly flags: AssembleFlags; readonly run: string },
): Promise<FilmOrder | Failure> {
  const named = namedBy(manifest.submissions, flags);
  if (!named.ok) return noShot(named.pattern);
  const { pieces, missing, all } = cutOf(manifest, ({ id }) => named.ids.has(id));
  if (missing.length > 0 && !flags.allowMissing) return notHere(missing, manifest);
  if (pieces.length === 0) return { exit: Exit.failed, message: 'there is nothing to join: no clip is here' };
  const music = await musicOf(flags);
  if (typeof music === 'object' && music !== null) return music;
  const notes = await changedClips(pieces, directory);
  const story = tellStory(manifest);
  const used: (Used | UsedCard)[] = [];
  for (const [index, one] of all.entries()) {
    const isFirst = all[index - 1]?.entry.shot !== one.entry.shot;
    if (flags.slate && isFirst) used.push(slateOf(one, story));
    const clip = one.clip ? await usedClip(one, directory) : gapCard(one, story);
    if (!clip) return unreadable(one, run);
    used.push(clip);
  }
  const needs = { music: music !== null, cards: used.some(({ kind }) => kind !== 'clip') };
  const ffmpeg = usable(await findFfmpeg(), needs);
  if ('exit' in ffmpeg) return ffmpeg;
  if (music !== null && !(await isHeard(music, ffmpeg))) {
    return { exit: Exit.failed, message: `${shownPath(music)} has no sound that ffmpeg can read` };
  }
  const loudness = flags.loudness === 'off' ? null : flags.loudness;
  const variants = variantsIn(all.map(({ entry }) => entry));
  return {
    ...planned(used),
    variants,
    notes,
    title: story.title,
    music,
    loudness,
    ffmpeg,
  };
}

function variantsIn(entries: readonly ManifestEntry[]): ReadonlyMap<string, readonly string[]> {
  const variants = new Map<string, Set<string>>();
  for (const { variant_of, shot } of entries) {
    if (variant_of !== null) variants.set(variant_of, (variants.get(variant_of) ?? new Set()).add(shot));
  }
  return new Map(
    [...variants].filter(([, shots]) => shots.size > 1).map(([name, shots]) => [name, [...shots]]),
  );
}

/** What follows what, in which shape, and what of it is copied. */
function planned(used: readonly (Used | UsedCard)[]): Pick<FilmJob, 'items' | 'pieces' | 'shape' | 'config'> {
  const clips = used.flatMap((one) => (one.kind === 'clip' ? [one.pictures] : []));
  const shape = shapeOf(clips);
  if (!shape) throw new Error('clips have no shape');
  const items = filmItems(used, shape);
  return { items, shape, ...piecesOf(items, shape) };
}

/** A clip may have been worked on, and is taken as it is; a damaged one would be as well. */
async function changedClips(pieces: readonly CutPiece[], directory: string): Promise<readonly string[]> {
  const files = pieces.map(({ entry, clip }) => ({ ...clip, id: entry.id }));
  const found = await verifyFiles(files, { directory, probeVideo });
  return found
    .filter(({ problem }) => problem.reason !== 'missing')
    .map(
      ({ clip, problem }) =>
        `${clip.id} is not the clip that was fetched: ${problem.message}. It is taken as it is; see shotlist verify.`,
    );
}

/** Whether ffmpeg can read sound from a file. */
async function isHeard(music: string, ffmpeg: FilmOrder['ffmpeg']): Promise<boolean> {
  const start = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-i', music];
  const { ok } = await runChild(ffmpeg.path, {
    args: [...start, '-map', '0:a:0', '-t', '0.1', '-f', 'null', '-'],
  });
  return ok;
}

/** A clip with its index; null where it cannot be read. */
async function usedClip({ entry, clip }: CutPiece, directory: string): Promise<Used | null> {
  const path = join(directory, clip.file);
  const pictures = await readPictures(path);
  const { id: name, use, transition } = entry;
  return pictures && { kind: 'clip', name, path, pictures, use, transition };
}

function unreadable({ entry, clip }: CutPiece | CutGap, run: string): Failure {
  return {
    exit: Exit.failed,
    message: `the clip of ${entry.id} cannot be read: ${clip?.file}`,
    hint: `to fetch it again, without a submission: shotlist verify ${run} --repair`,
  };
}

/** People look for what is missing by its name: so many are named. */
const NAMED = 20;

function notHere(missing: readonly ManifestEntry[], { list }: Manifest): Failure {
  const names = missing.slice(0, NAMED).map(({ id, state }) => `  ${id}  ${stateWords(state)}`);
  const more = missing.length > NAMED ? [`  and ${formatCount(missing.length - NAMED, 'other')}`] : [];
  return {
    exit: Exit.failed,
    message: [
      `${formatCount(missing.length, 'clip')} of the film ${missing.length === 1 ? 'is' : 'are'} not here:`,
      ...names,
      ...more,
    ].join('\n'),
    hint: `render them with shotlist run ${list.file.replace(/^.*\//, '')}, leave them out with --except, or have cards in their place with --allow-missing`,
  };
}

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
  needs: { readonly music: boolean; readonly cards: boolean },
): FilmOrder['ffmpeg'] | Failure {
  if (!found.ok) return { exit: Exit.failed, message: found.message, hint: found.hint };
  const { ffmpeg } = found;
  const lacking = [
    ...[
      ...ENCODE_FILTERS,
      ...SOUND_FILTERS,
      ...(needs.music ? MUSIC_FILTERS : []),
      ...(needs.cards ? CARD_FILTERS : []),
    ].filter((name) => !ffmpeg.filters.has(name)),
    ...['libx264', 'aac'].filter((name) => !ffmpeg.encoders.has(name)),
  ];
  if (lacking.length === 0) return ffmpeg;
  return {
    exit: Exit.failed,
    message: `the ffmpeg at ${ffmpeg.path} (${ffmpeg.version}) cannot make the film: it has no ${lacking.join(', ')}`,
    hint: 'install a whole ffmpeg, 4.4 or newer, or set SHOTLIST_FFMPEG to the path of one',
  };
}
