import { formatBytes, formatCount } from '../../base/units.js';
import { filmLength } from '../../cut/film/film.js';
import type { FilmJob } from '../../cut/film/film-job.js';
import type { FilmSound } from '../../cut/film/make-sound.js';
import type { Piece } from '../../cut/film/pieces.js';
import { rateWords } from '../../cut/film/shape.js';
import { hasSound } from '../../cut/film/sound-track.js';
import { perSecond } from '../../media/frame-rate.js';
import { formatTable } from '../../ui/table.js';

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
