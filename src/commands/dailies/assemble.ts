import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { putInPlace } from '../../base/durable-file.js';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { isFileTrouble, saysFull, whyNotWritten } from '../../base/file-trouble.js';
import { formatBytes, formatCount } from '../../base/units.js';
import { filmLength } from '../../cut/film/film.js';
import { type FilmJob, inWorkFolder } from '../../cut/film/film-job.js';
import { makeFilm } from '../../cut/film/make-film.js';
import type { FilmSound } from '../../cut/film/make-sound.js';
import type { Piece } from '../../cut/film/pieces.js';
import { rateWords } from '../../cut/film/shape.js';
import { hasSound } from '../../cut/film/sound-track.js';
import { perSecond } from '../../media/frame-rate.js';
import { createStatusLine } from '../../ui/status-line.js';
import { formatTable } from '../../ui/table.js';
import { visible } from '../../ui/visible.js';
import { type Console, type Failure, fail } from '../console.js';
import { shownPath } from '../shown-path.js';
import { stopOnSignals } from '../signals.js';
import { type AssembleFlags, type FilmOrder, orderFilm } from './film-order.js';
import { openRendered, type RenderedRun } from './rendered-run.js';

/** As many notes as can be read before the rest scrolls away. */
const NOTES = 10;

/** `shotlist assemble`: joins the chosen clips of a run into one film. */
export async function assemble(run: string, flags: AssembleFlags, console: Console): Promise<ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const to = resolve(flags.out ?? join(opened.directory, `${nameOf(opened)}.mp4`));
  const wrong = await notThere(to, { opened, flags });
  if (wrong) return fail(console, wrong);
  const order = await orderFilm(opened, { flags, run });
  if ('exit' in order) return fail(console, order);
  for (const note of order.notes.slice(0, NOTES)) console.stderr.write(`note: ${visible(note)}\n`);
  if (order.notes.length > NOTES)
    console.stderr.write(`note: and ${order.notes.length - NOTES} more like this.\n`);
  const made = await stopOnSignals((signal) => makeIt(order, { to, console, signal }));
  if ('exit' in made) return fail(console, made);
  const { size } = await stat(to);
  console.stdout.write(filmSummary({ ...order, ...made, path: shownPath(to), bytes: size }));
  return Exit.done;
}

/** As the list is called, and its profile. */
function nameOf({ list, profile }: RenderedRun): string {
  return [basename(list).replace(/\.ya?ml$/i, ''), ...(profile === null ? [] : [profile])].join('.');
}

/** Why the film may not be written there: it would replace what it is made from. */
async function notThere(
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

async function makeIt(
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
    if (saysFull(made.message)) return notWritten(to, 'the disk is full');
    return {
      exit: Exit.failed,
      message: `the film could not be made: ${made.message}`,
      hint: 'shotlist verify says which clips are damaged, and fetches them again with --repair',
    };
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    return notWritten(to, whyNotWritten(error));
  } finally {
    line.clear();
  }
}

function notWritten(to: string, why: string): Failure {
  return {
    exit: Exit.cannotWrite,
    message: `${shownPath(to)} cannot be written: ${why}`,
    hint: 'to write it elsewhere: --out <film.mp4>',
  };
}

/** A film that was made. */
export interface MadeFilm extends Pick<FilmJob, 'items' | 'pieces' | 'shape' | 'loudness'> {
  /** As people are shown it. */
  readonly path: string;
  readonly bytes: number;
  readonly sound: FilmSound | null;
  /** What is several shots of the film, because of a matrix: by its name, theirs. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
}

/** What was made, what of it is copied, and why the rest is not. */
export function filmSummary(film: MadeFilm): string {
  const { items, shape, path, bytes } = film;
  const frames = filmLength(items);
  const { width, height, rate } = shape;
  const length = clock(frames / perSecond(rate));
  const encoded = encodedRows(film.pieces);
  const clips = items.filter(({ kind }) => kind === 'clip');
  const cards = items.length - clips.length;
  const copied = framesOf(film.pieces.filter(({ kind }) => kind === 'copy'));
  return [
    `The film: ${path}`,
    `${formatCount(clips.length, 'clip')}${cards > 0 ? `, ${formatCount(cards, 'card')}` : ''}, ${length} (${formatCount(frames, 'frame')}), ${width}×${height} at ${rateWords(rate)}, ${formatBytes(bytes)}`,
    copiedWords(copied, framesOf(film.pieces.filter(({ kind }) => kind !== 'card'))),
  ]
    .map((line) => `${line}\n`)
    .concat(encoded.length === 0 ? [] : [tableOf(encoded)])
    .concat(`${soundWords(film)}\n`)
    .concat(variantWords(film))
    .join('');
}

/** `all`: frames of clips; cards are drawn, and nobody asks why. */
function copiedWords(copied: number, all: number): string {
  if (all === 0) return 'No clip is in it.';
  if (copied === all) return 'All pictures of clips are copied as they are.';
  const some =
    copied === 0 ? 'No frame is' : `${formatCount(copied, 'frame')} ${copied === 1 ? 'is' : 'are'}`;
  return `${some} copied as ${copied < 2 ? 'it is' : 'they are'}. Encoded anew:`;
}

function framesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { frames }) => sum + frames, 0);
}

/** Nobody wants every variant in the film for long. */
function variantWords({ variants }: MadeFilm): readonly string[] {
  return [...variants].map(
    ([name, ids]) =>
      `${name} is there ${ids.length} times: ${ids.join(', ')}. To leave some out: --except ${ids.at(-1)}\n`,
  );
}

/** What is encoded anew: clip, how much of it, and why. */
function encodedRows(pieces: readonly Piece[]): readonly (readonly string[])[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'copy' || piece.kind === 'card') return [];
    const why = piece.kind === 'dissolve' ? `the crossfade from ${piece.before.name}` : piece.why;
    const { from, to } = piece.clip;
    const isAll = piece.frames === to - from;
    return [[piece.clip.name, isAll ? 'all of it' : formatCount(piece.frames, 'frame'), why]];
  });
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const columns = ['clip', 'how much', 'why'].map((title) => ({ title }));
  return formatTable({ columns, rows, width: Number.POSITIVE_INFINITY, color: false });
}

function soundWords({ items, sound, loudness }: MadeFilm): string {
  if (!sound) return 'No sound: no clip has any.';
  const silent = items.filter((item) => item.kind === 'clip' && !hasSound(item)).length;
  const silence =
    silent === 0
      ? ''
      : ` ${formatCount(silent, 'clip')} without sound ${silent === 1 ? 'is' : 'are'} silent.`;
  return `Sound: AAC, ${levelWords(sound, loudness)}.${silence}`;
}

/** LU: EBU R 128 lets a programme be off by that where it cannot be hit exactly. */
const TOLERANCE = 1;

function levelWords({ isSilent, loudness }: FilmSound, wanted: number | null): string {
  if (isSilent) return 'in which there is nothing to hear';
  if (loudness === null) return 'as loud as it is';
  const level = `brought to ${loudness.toFixed(1)} LUFS (EBU R 128)`;
  const isOff = wanted !== null && wanted - loudness > TOLERANCE;
  return isOff ? `${level}, as near to ${wanted} as its peaks allow` : level;
}

/** `1:02.500`; hours where there are some. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const rest = (seconds - whole).toFixed(3).slice(1);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${rest}`;
}
