import type { AvcConfig } from '../../media/avc-config.js';
import type { Ffmpeg } from '../../media/ffmpeg.js';
import type { FilmItem } from './film.js';
import type { Piece } from './pieces.js';
import type { FilmShape } from './shape.js';

/** A film to be made, all of it decided, and what it takes to make it. */
export interface FilmJob {
  readonly items: readonly FilmItem[];
  readonly pieces: readonly Piece[];
  readonly shape: FilmShape;
  /** What the copied pieces have in common; null where nothing is copied. */
  readonly config: AvcConfig | null;
  readonly title: string;
  /** Absolute path of the music; null for none. */
  readonly music: string | null;
  /** LUFS to bring the sound to; null to leave it. */
  readonly loudness: number | null;
  readonly ffmpeg: Ffmpeg;
  /** A folder to work in, absolute. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called as it goes on, with what is being done, and how much of it is done. */
  readonly onStep: (step: string, done: number, all: number) => void;
}

/** Why there is no film, as the end of a sentence. */
export interface Trouble {
  readonly message: string;
}
