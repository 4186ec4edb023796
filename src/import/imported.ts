import type { ExitCode } from '../base/exit.js';
import type { NeutralElement } from '../models/native-input.js';

/** A film read from another format, before it becomes a shot list. */
export interface Imported {
  /** Title, for people. */
  readonly title: string;
  /** Name of the source, such as `the images in boards`, for the list's first comment. */
  readonly origin: string;
  /** Such as `16:9`; null if the source does not say, or if its boards differ. */
  readonly aspect: string | null;
  /** In story order; at least one. */
  readonly shots: readonly ImportedShot[];
  /** Elements by name, of requests. */
  readonly elements?: Readonly<Record<string, NeutralElement>>;
  /** Pictures that the source holds in itself, to write beside the list. */
  readonly files?: readonly ImportedFile[];
  /** Sentences about content that was left out or not understood. */
  readonly notices: readonly string[];
}

/** A file to write. */
export interface ImportedFile {
  /** Path from the list's folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A shot as its source has it, unchecked; anything but the name may be missing. */
export interface ImportedShot {
  /** Name in the source; it may be unfit for an id, and not unique. */
  readonly name: string;
  readonly scene?: string;
  /** Absolute path of the file, or a URL. */
  readonly startImage?: string;
  readonly endImage?: string;
  /** Seconds, not always whole. */
  readonly seconds?: number;
  /** A length that could not be read, as written. */
  readonly unreadLength?: string;
  readonly action?: string;
  readonly dialogue?: string;
  readonly camera?: Readonly<Partial<Record<CameraField, string>>>;
  readonly model?: string;
  readonly notes?: string;
  /** Fields of a request by their names here, to be written as they are; the other fields are then left out. */
  readonly sent?: Readonly<Record<string, unknown>>;
}

/** Part of a shot's camera. */
export type CameraField = 'size' | 'angle' | 'move' | 'lens';

/** The imported film, or a message that says why it could not be read. */
export type ImportResult =
  | { readonly ok: true; readonly imported: Imported }
  | { readonly ok: false; readonly exit: ExitCode; readonly message: string; readonly hint?: string };

/** A few names for a sentence: `a.gif, b.gif and 12 more`. */
export function fewOf(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}

/** Shapes with a usual name; those of cinema are from DCI, and the older 2.35:1. */
const NAMED_ASPECTS: readonly (readonly [name: string, ratio: number])[] = [
  ['16:9', 16 / 9],
  ['9:16', 9 / 16],
  ['4:3', 4 / 3],
  ['3:4', 3 / 4],
  ['1:1', 1],
  ['4:5', 4 / 5],
  ['3:2', 3 / 2],
  ['2:3', 2 / 3],
  ['1.85:1', 1.85],
  ['2:1', 2],
  ['2.35:1', 2.35],
  ['2.39:1', 2.39],
];

/**
 * Largest difference from a usual shape, as a part of it. A board of 1366 × 768 counts as 16:9; 2.35:1 and 2.39:1 stay
 * separate. Our choice.
 */
const ASPECT_TOLERANCE = 0.008;

/** A shape as people write it, such as `16:9` or `2.2:1`; null for a ratio that a shot list does not take. */
export function aspectName(ratio: number): string | null {
  if (!Number.isFinite(ratio) || ratio < 0.05 || ratio > 20) return null;
  const named = NAMED_ASPECTS.find(([, each]) => Math.abs(ratio / each - 1) <= ASPECT_TOLERANCE);
  return named ? named[0] : `${Number(ratio.toFixed(2))}:1`;
}

/** The shape that all images have; null if they differ, or if there are none. */
export function commonAspect(ratios: readonly number[]): string | null {
  const names = new Set(ratios.map(aspectName));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}
