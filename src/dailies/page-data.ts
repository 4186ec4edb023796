import type { SubmissionState } from '../manifest/manifest.js';
import type { MediaFacts } from '../media/facts.js';
import type { SceneOf, TakeOf } from './story.js';

/** What the dailies page shows. It stands in the page as JSON; the page's own code knows nothing else of the run. */
export interface PageData {
  readonly title: string;
  /** Whether the clips are animatics of a rehearsal. */
  readonly rehearsal: boolean;
  readonly profile: string | null;
  /** UTC, ISO 8601: when the page's content was gathered. */
  readonly made: string;
  readonly list: {
    /** File name. */
    readonly name: string;
    /** SHA-256 of the text that was read; null where the list could not be asked, so that nothing can be chosen. */
    readonly revision: string | null;
    /** Why not, in words. */
    readonly unread: string | null;
  };
  /** What choices are copied as: the command up to its shots, and what stands after them. */
  readonly commands: { readonly select: string; readonly approve: string; readonly options: string };
  readonly scenes: readonly PageScene[];
  /** Rendered from an earlier version of the list, oldest first. */
  readonly unlisted: readonly PageTake[];
}

export type PageScene = SceneOf<PageShot>;

/** What is written as one shot. */
export interface PageShot {
  readonly id: string;
  readonly notes: string | null;
  readonly line: PageLine | null;
  readonly variants: readonly PageVariant[];
}

/** The shot's line in the list, which choices are written into. */
export interface PageLine {
  /** As the list has it. */
  readonly id: string;
  /** The same as a shell takes it. */
  readonly word: string;
  readonly takes: number;
  /** How many shots of the page this line stands for; one approval cannot sign off several. */
  readonly shots: number;
  /** `stale`: it was signed off, and is another video by now. */
  readonly approved: 'no' | 'yes' | 'stale';
}

export interface PageVariant {
  readonly id: string;
  /** What tells it from the others, such as `cfg_scale-0.3`; null where there is one alone. */
  readonly label: string | null;
  readonly takes: readonly PageTake[];
}

export type PageTake = TakeOf<PagePart>;

/** One submission. */
export interface PagePart {
  readonly id: string;
  readonly state: SubmissionState;
  readonly key: string;
  /** Short name where it is known. */
  readonly model: string;
  readonly prompt: string;
  readonly segments: readonly { readonly prompt: string; readonly seconds: number }[];
  /** Seconds asked for. */
  readonly seconds: number;
  readonly audio: boolean;
  readonly use: readonly [number, number] | null;
  readonly transition: number;
  /** USD. */
  readonly cost: { readonly estimate: number | null; readonly actual: number | null };
  readonly attempts: number;
  readonly request: string | null;
  /** UTC, ISO 8601. */
  readonly submitted: string | null;
  readonly completed: string | null;
  readonly clip: PageClip | null;
  readonly stills: PageStills;
  readonly board: PagePicture | null;
  readonly end: PagePicture | null;
  readonly elements: readonly PagePicture[];
  /** What else was sent, and what the service adds by itself, as text. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly error: string | null;
  /** What to do about the state it is in; null where there is nothing to do. */
  readonly advice: string | null;
  /** What to type for that. */
  readonly command: string | null;
  /** Where what came is not what was asked for, in words; the run's own warnings among them. */
  readonly flags: readonly string[];
  /** Id of the submission whose clip this is too. */
  readonly sameAs: string | null;
}

export interface PageClip {
  readonly src: string;
  readonly media: MediaFacts;
}

/** Addresses of what was kept of a clip's first, middle and last frame. */
export interface PageStills {
  readonly first: string | null;
  readonly middle: string | null;
  readonly last: string | null;
}

/** A picture that was sent. */
export interface PagePicture {
  /** Null for what is not on this machine: the page asks nothing of the network. */
  readonly src: string | null;
  readonly label: string;
  /** Id of the submission whose last frame it is; null for a board. */
  readonly lastOf: string | null;
}

/** Where a page that is served finds its server; one that is opened from disk has none. */
export interface PageServer {
  /** Paths relative to the page. */
  readonly data: string;
  readonly choices: string;
}
