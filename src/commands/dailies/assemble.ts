import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { putInPlace } from '../../base/durable-file.js';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { isFileError, saysDiskFull, whyNotWritten } from '../../base/files.js';
import { formatBytes, formatCount } from '../../base/units.js';
import { filmLength } from '../../cut/film/film.js';
import { type FilmJob, inWorkFolder } from '../../cut/film/film-job.js';
import { makeFilm } from '../../cut/film/make-film.js';
import type { FilmSound } from '../../cut/film/make-sound.js';
import type { Piece } from '../../cut/film/pieces.js';
import { formatRate } from '../../cut/film/shape.js';
import { hasSound } from '../../cut/film/sound-track.js';
import { perSecond } from '../../media/frame-rate.js';
import { createStatusLine } from '../../ui/status-line.js';
import { formatTable } from '../../ui/table.js';
import { visible } from '../../ui/visible.js';
import { type Console, type Failure, fail, shownPath } from '../console.js';
import { stopOnSignals } from '../signals.js';
import { type AssembleFlags, type FilmOrder, orderFilm } from './film-order.js';
import { openRendered, type RenderedRun, runName } from './rendered-run.js';

/** Maximum of notes that are shown. */
const MAX_NOTES = 10;

/** `shotlist assemble`: joins the chosen clips of a run into one film. */
export async function assemble(run: string, flags: AssembleFlags, console: Console): Promise<ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const to = resolve(flags.out ?? join(opened.directory, `${runName(opened)}.mp4`));
  const obstacle = await targetObstacle(to, { opened, flags });
  if (obstacle) return fail(console, obstacle);
  const order = await orderFilm(opened, { flags, run });
  if ('exit' in order) return fail(console, order);
  showNotes(order.notes, console);
  const made = await stopOnSignals((signal) => writeFilm(order, { to, console, signal }));
  if ('exit' in made) return fail(console, made);
  const { size } = await stat(to);
  console.stdout.write(filmSummary({ ...order, ...made, path: shownPath(to), bytes: size }));
  return Exit.done;
}

/** Failure for a path that the film must not be written to, because it is no MP4 or one of the film's own sources. */
async function targetObstacle(
  to: string,
  { opened, flags }: { readonly opened: RenderedRun; readonly flags: AssembleFlags },
): Promise<Failure | null> {
  if (!/\.mp4$/i.test(to)) {
    return { exit: Exit.usage, message: `${shownPath(to)} does not end in .mp4`, hint: 'the film is an MP4' };
  }
  const found = await stat(to).catch(() => null);
  if (!found) return null;
  if (!found.isFile()) return { exit: Exit.usage, message: `${shownPath(to)} is not a file` };
  const real = await realpath(to);
  const videos = await realpath(join(opened.directory, 'videos')).catch(() => null);
  const music = flags.music === undefined ? null : await realpath(flags.music).catch(() => null);
  if (dirname(real) !== videos && real !== music) return null;
  return { exit: Exit.usage, message: `${shownPath(to)} is not replaced: the film is made from it` };
}

function showNotes(notes: readonly string[], { stderr }: Console): void {
  for (const note of notes.slice(0, MAX_NOTES)) stderr.write(`note: ${visible(note)}\n`);
  if (notes.length > MAX_NOTES) stderr.write(`note: and ${notes.length - MAX_NOTES} more like this.\n`);
}

/** Makes the film in a folder beside its path and moves it there when it is finished. */
async function writeFilm(
  order: FilmOrder,
  { to, console, signal }: { readonly to: string; readonly console: Console; readonly signal: AbortSignal },
): Promise<{ readonly sound: FilmSound | null } | Failure> {
  const line = createStatusLine(console.stderr, effects.now);
  const onStep = (step: string, done: number, all: number) =>
    line.show(all > 1 ? `${step}: ${done + 1} of ${all}` : `${step} the film`);
  const task = async (folder: string) => {
    const made = await makeFilm({ ...order, folder, signal, onStep });
    if (!('message' in made) && !signal.aborted) await putInPlace(made.path, to);
    return made;
  };
  try {
    const made = await inWorkFolder(to, { now: effects.now(), task });
    if (signal.aborted) return { exit: Exit.interrupted, message: 'stopped; no film was written' };
    if (!('message' in made)) return made;
    if (saysDiskFull(made.message)) return cannotWrite(to, 'the disk is full');
    return {
      exit: Exit.failed,
      message: `the film could not be made: ${made.message}`,
      hint: 'shotlist verify says which clips are damaged, and fetches them again with --repair',
    };
  } catch (error) {
    if (!isFileError(error)) throw error;
    return cannotWrite(to, whyNotWritten(error));
  } finally {
    line.clear();
  }
}

function cannotWrite(to: string, why: string): Failure {
  return {
    exit: Exit.cannotWrite,
    message: `${shownPath(to)} cannot be written: ${why}`,
    hint: 'to write it elsewhere: --out <film.mp4>',
  };
}

/** A finished film. */
export interface MadeFilm extends Pick<FilmJob, 'items' | 'pieces' | 'shape' | 'loudness'> {
  /** Path as it is shown to the user. */
  readonly path: string;
  readonly bytes: number;
  readonly sound: FilmSound | null;
  /** Variants in the film, by the shot that they are variants of. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
}

/** Summary of a film: its facts, and the clips that were encoded with the reasons. */
export function filmSummary(film: MadeFilm): string {
  const { items, shape, path, bytes } = film;
  const frames = filmLength(items);
  const { width, height, rate } = shape;
  const length = formatLength(frames / perSecond(rate));
  const encoded = encodedRows(film.pieces);
  const clips = items.filter(({ kind }) => kind === 'clip');
  const cards = items.length - clips.length;
  const copied = framesOf(film.pieces.filter(({ kind }) => kind === 'copy'));
  return [
    `The film: ${path}`,
    `${formatCount(clips.length, 'clip')}${cards > 0 ? `, ${formatCount(cards, 'card')}` : ''}, ${length} (${formatCount(frames, 'frame')}), ${width}×${height} at ${formatRate(rate)}, ${formatBytes(bytes)}`,
    copiedSentence(copied, framesOf(film.pieces.filter(({ kind }) => kind !== 'card'))),
  ]
    .map((line) => `${line}\n`)
    .concat(encoded.length === 0 ? [] : [encodedTable(encoded)])
    .concat(`${soundSentence(film)}\n`)
    .concat(variantLines(film))
    .join('');
}

/** Sentence about copied frames. `all` is the number of frames of clips, without cards. */
function copiedSentence(copied: number, all: number): string {
  if (all === 0) return 'It contains no clip.';
  if (copied === all) return 'All pictures of clips are copied as they are.';
  const some =
    copied === 0 ? 'No frame is' : `${formatCount(copied, 'frame')} ${copied === 1 ? 'is' : 'are'}`;
  return `${some} copied as ${copied < 2 ? 'it is' : 'they are'}. Encoded again:`;
}

function framesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { frames }) => sum + frames, 0);
}

/** Lines about shots with several variants in the film, with the flag that leaves some out. */
function variantLines({ variants }: MadeFilm): readonly string[] {
  return [...variants].map(
    ([name, ids]) =>
      `${name} is in the film ${ids.length} times: ${ids.join(', ')}. To leave some out: --except ${ids.at(-1)}\n`,
  );
}

/** Rows of encoded pieces: clip, amount and reason. */
function encodedRows(pieces: readonly Piece[]): readonly (readonly string[])[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'copy' || piece.kind === 'card') return [];
    const why = piece.kind === 'dissolve' ? `the crossfade from ${piece.before.name}` : piece.why;
    const { from, to } = piece.clip;
    const isAll = piece.frames === to - from;
    return [[piece.clip.name, isAll ? 'all of it' : formatCount(piece.frames, 'frame'), why]];
  });
}

function encodedTable(rows: readonly (readonly string[])[]): string {
  const columns = ['clip', 'how much', 'why'].map((title) => ({ title }));
  return formatTable({ columns, rows, width: Number.POSITIVE_INFINITY, color: false });
}

function soundSentence({ items, sound, loudness }: MadeFilm): string {
  if (!sound) return 'No sound: no clip has any.';
  const silent = items.filter((item) => item.kind === 'clip' && !hasSound(item)).length;
  const silence =
    silent === 0
      ? ''
      : ` ${formatCount(silent, 'clip')} without sound ${silent === 1 ? 'is' : 'are'} silent.`;
  return `Sound: AAC, ${levelPhrase(sound, loudness)}.${silence}`;
}

/** Tolerance of EBU R 128 for programmes that cannot meet the target exactly, LU. */
const TOLERANCE = 1;

function levelPhrase({ isSilent, loudness }: FilmSound, wanted: number | null): string {
  if (isSilent) return 'silent';
  if (loudness === null) return 'with unchanged loudness';
  const level = `brought to ${loudness.toFixed(1)} LUFS (EBU R 128)`;
  const isOff = wanted !== null && wanted - loudness > TOLERANCE;
  return isOff ? `${level}, as near to ${wanted} as its peaks allow` : level;
}

/** Formats a length: `1:02.500`, or `1:01:02.500` with hours. */
function formatLength(seconds: number): string {
  const whole = Math.floor(seconds);
  const rest = (seconds - whole).toFixed(3).slice(1);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${rest}`;
}
