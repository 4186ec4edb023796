import type { ExitCode } from '../base/exit.js';

/** What another format says about a film, before it becomes a shot list. */
export interface Imported {
  /** For people. */
  readonly title: string;
  /** Where it comes from, such as `boards (60 images)`: the list's first comment says it. */
  readonly origin: string;
  /** Such as `16:9`; null where the source does not say, or its boards differ. */
  readonly aspect: string | null;
  /** In story order; at least one. */
  readonly shots: readonly ImportedShot[];
  /** What was left out or not understood, each a sentence. */
  readonly notices: readonly string[];
}

/** A shot as its source has it: nothing is checked yet, and anything may be missing. */
export interface ImportedShot {
  /** What the source calls it; fit and unique only once it is an id. */
  readonly name: string;
  readonly scene?: string;
  /** Absolute path of the file, or a URL. */
  readonly startImage?: string;
  readonly endImage?: string;
  /** Seconds, not always whole. */
  readonly seconds?: number;
  /** A length that is there and could not be read, as it is written. */
  readonly unreadLength?: string;
  readonly action?: string;
  readonly dialogue?: string;
  readonly camera?: Readonly<Partial<Record<CameraField, string>>>;
  readonly model?: string;
  readonly notes?: string;
}

export type CameraField = 'size' | 'angle' | 'move' | 'lens';

/** A source that was read, or why it was not, in words for whoever typed its name. */
export type ImportResult =
  | { readonly ok: true; readonly imported: Imported }
  | { readonly ok: false; readonly exit: ExitCode; readonly message: string; readonly hint?: string };

/** A few names for a sentence: `a.gif, b.gif and 12 more`. */
export function fewOf(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
