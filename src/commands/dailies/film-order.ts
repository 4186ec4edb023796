import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Exit } from '../../base/exit.js';
import { formatCount } from '../../base/units.js';
import { type CutGap, type CutPiece, cutOf, whyMissing } from '../../cut/cut.js';
import { filmItems, type UsedCard, type UsedClip } from '../../cut/film/film.js';
import type { FilmJob } from '../../cut/film/film-job.js';
import { CARD_FILTERS, ENCODE_FILTERS } from '../../cut/film/make-pictures.js';
import { MUSIC_FILTERS } from '../../cut/film/make-sound.js';
import { piecesOf } from '../../cut/film/pieces.js';
import { shapeOf } from '../../cut/film/shape.js';
import { type Story, storyOf } from '../../dailies/story.js';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { verifyFiles } from '../../manifest/verify.js';
import { runChild } from '../../media/child.js';
import { readPictures } from '../../media/clip-pictures.js';
import { type FfmpegSearch, findFfmpeg } from '../../media/ffmpeg.js';
import { probeVideo } from '../../media/probe.js';
import { type Failure, shownPath } from '../console.js';
import { type ChoiceFlags, type ListFlags, namedBy } from '../list-flags.js';
import { type RenderedRun, unreadableClip, withClipsHere } from './rendered-run.js';

/** Flags of `shotlist assemble`. */
export interface AssembleFlags extends ListFlags, Pick<ChoiceFlags, 'only' | 'except'> {
  /** MP4 to write. */
  readonly out?: string;
  /** File with the music. */
  readonly music?: string;
  /** True for a card before each shot. */
  readonly slate?: boolean;
  /** True for a card in place of each missing clip. */
  readonly allowMissing?: boolean;
  /** Target in LUFS; `off` does not change the sound. */
  readonly loudness: number | 'off';
}

/** Filters of ffmpeg that every film with sound needs. */
const SOUND_FILTERS = ['aresample', 'atrim', 'apad', 'loudnorm', 'ebur128', 'volume'];

/** Encoders of ffmpeg that every film needs. */
const ENCODERS = ['libx264', 'aac'];

/** Everything that is decided about a film before work starts. */
export interface FilmOrder extends Omit<FilmJob, 'folder' | 'signal' | 'onStep'> {
  /** Variants in the film, by the shot that they are variants of; only shots with several. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
  /** Remarks for the user. */
  readonly notes: readonly string[];
}

/** Decides everything about the film of a run; refuses a film that cannot be made. Writes nothing. */
export async function orderFilm(
  { directory, ...opened }: Pick<RenderedRun, 'manifest' | 'directory'>,
  { flags, run }: { readonly flags: AssembleFlags; readonly run: string },
): Promise<FilmOrder | Failure> {
  const manifest = withClipsHere({ directory, ...opened });
  const named = namedBy(manifest.submissions, flags);
  if ('exit' in named) return named;
  const { pieces, missing, all } = cutOf(manifest, ({ id }) => named.has(id));
  if (missing.length > 0 && !flags.allowMissing) return clipsMissing(missing, manifest);
  if (pieces.length === 0) return { exit: Exit.failed, message: 'there is nothing to join: no clip is here' };
  const music = await musicFile(flags);
  if (typeof music === 'object' && music !== null) return music;
  const notes = await changedClips(pieces, directory);
  const story = storyOf(manifest);
  const used: (UsedClip | UsedCard)[] = [];
  for (const [index, one] of all.entries()) {
    const isFirstOfShot = all[index - 1]?.entry.shot !== one.entry.shot;
    if (flags.slate && isFirstOfShot) used.push(slate(one, story));
    const next = one.clip ? await usedClip(one, directory) : gapCard(one, story);
    if (!next) return unreadableClip({ id: one.entry.id, file: one.clip?.file ?? '' }, run);
    used.push(next);
  }
  const needs = { music: music !== null, cards: used.some(({ kind }) => kind !== 'clip') };
  const ffmpeg = capableFfmpeg(await findFfmpeg(), needs);
  if ('exit' in ffmpeg) return ffmpeg;
  if (music !== null && !(await hasReadableSound(music, ffmpeg))) {
    return { exit: Exit.failed, message: `${shownPath(music)} has no sound that ffmpeg can read` };
  }
  return {
    ...filmPlan(used),
    variants: variantsIn(all.map(({ entry }) => entry)),
    notes,
    title: story.title,
    music,
    loudness: flags.loudness === 'off' ? null : flags.loudness,
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

/** Items, shape and pieces of the film. */
function filmPlan(
  used: readonly (UsedClip | UsedCard)[],
): Pick<FilmJob, 'items' | 'pieces' | 'shape' | 'config'> {
  const clips = used.flatMap((one) => (one.kind === 'clip' ? [one.pictures] : []));
  const shape = shapeOf(clips);
  if (!shape) throw new Error('clips have no shape');
  const items = filmItems(used, shape);
  return { items, shape, ...piecesOf(items, shape) };
}

/** Remarks about clips that were changed after they were fetched; the user may have edited them. */
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

/** True if ffmpeg can read sound from a file. */
async function hasReadableSound(music: string, ffmpeg: FilmOrder['ffmpeg']): Promise<boolean> {
  const start = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-i', music];
  const { ok } = await runChild(ffmpeg.path, {
    args: [...start, '-map', '0:a:0', '-t', '0.1', '-f', 'null', '-'],
  });
  return ok;
}

/** Reads the index of a clip; null if the clip cannot be read. */
async function usedClip({ entry, clip }: CutPiece, directory: string): Promise<UsedClip | null> {
  const path = join(directory, clip.file);
  const pictures = await readPictures(path);
  const { id: name, use, transition } = entry;
  return pictures && { kind: 'clip', name, path, pictures, use, transition };
}

/** Maximum of missing clips that are named. */
const NAMED = 20;

function clipsMissing(missing: readonly ManifestEntry[], { list }: Manifest): Failure {
  const names = missing.slice(0, NAMED).map((entry) => `  ${entry.id}  ${whyMissing(entry)}`);
  const more = missing.length > NAMED ? [`  and ${formatCount(missing.length - NAMED, 'other')}`] : [];
  return {
    exit: Exit.failed,
    message: [
      `${formatCount(missing.length, 'clip')} of the film ${missing.length === 1 ? 'is' : 'are'} not here:`,
      ...names,
      ...more,
    ].join('\n'),
    hint: `render them with shotlist run ${list.file.replace(/^.*\//, '')}, leave them out with --except, or put cards in their place with --allow-missing`,
  };
}

/** Absolute path of the music; null for a film without music. */
async function musicFile({ music }: AssembleFlags): Promise<string | Failure | null> {
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

/** The found ffmpeg, if it has the filters and encoders that the film needs. */
function capableFfmpeg(
  found: FfmpegSearch,
  needs: { readonly music: boolean; readonly cards: boolean },
): FilmOrder['ffmpeg'] | Failure {
  if (!found.ok) return { exit: Exit.failed, message: found.message, hint: found.hint };
  const { ffmpeg } = found;
  const musicFilters = needs.music ? MUSIC_FILTERS : [];
  const cardFilters = needs.cards ? CARD_FILTERS : [];
  const filters = [...ENCODE_FILTERS, ...SOUND_FILTERS, ...musicFilters, ...cardFilters];
  const lacking = [
    ...filters.filter((name) => !ffmpeg.filters.has(name)),
    ...ENCODERS.filter((name) => !ffmpeg.encoders.has(name)),
  ];
  if (lacking.length === 0) return ffmpeg;
  return {
    exit: Exit.failed,
    message: `the ffmpeg at ${ffmpeg.path} (${ffmpeg.version}) cannot make the film: it has no ${lacking.join(', ')}`,
    hint: 'install a complete ffmpeg, 4.4 or newer, or set SHOTLIST_FFMPEG to the path of one',
  };
}

/** Length of a slate in seconds: long enough to read, and a whole number of frames at every rate. */
const SLATE_SECONDS = 2;

/** Card before a shot, with the facts that an editor looks for first. */
function slate(one: CutPiece | CutGap, story: Story): UsedCard {
  const { entry, from, to } = one;
  const made = entry.times.completed?.slice(0, 10) ?? null;
  const lines = [
    sceneOf(entry, story),
    [`Take ${entry.take}`, `${Number((to - from).toFixed(2))} s`, made]
      .filter((part) => part !== null)
      .join('  ·  '),
    entry.notes ?? '',
  ];
  const card = { film: story.title, shot: entry.shot, lines };
  return { kind: 'slate', name: entry.id, card, seconds: SLATE_SECONDS, transition: 0 };
}

/** Card in place of a missing clip. */
function gapCard({ entry, from, to }: CutPiece | CutGap, story: Story): UsedCard {
  const lines = [sceneOf(entry, story), capitalized(whyMissing(entry)), entry.prompt];
  const card = { film: story.title, shot: entry.id, lines };
  return { kind: 'gap', name: entry.id, card, seconds: to - from, transition: entry.transition };
}

function sceneOf({ scene }: ManifestEntry, { scenes }: Story): string {
  if (scene === null) return '';
  const title = scenes.find(({ id }) => id === scene)?.title ?? null;
  return title === null ? `Scene ${scene}` : `Scene ${scene}, ${title}`;
}

function capitalized(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
