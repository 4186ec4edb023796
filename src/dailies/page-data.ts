import type { SubmissionState } from '../manifest/manifest.js';
import type { MediaFacts } from '../media/facts.js';
import type { SceneOf, TakeOf } from './story.js';

/** Data of the dailies page. It is JSON in the page; the code of the page knows nothing else about the run. */
export interface PageData {
  readonly title: string;
  /** True if the clips are animatics of a rehearsal. */
  readonly rehearsal: boolean;
  readonly profile: string | null;
  /** Time at which the data was collected; UTC, ISO 8601. */
  readonly made: string;
  readonly list: {
    /** File name. */
    readonly name: string;
    /** SHA-256 of the list's text; null if the list could not be read, so that nothing can be chosen. */
    readonly revision: string | null;
    /** Reason why the list could not be read; null if it could. */
    readonly problem: string | null;
  };
  /** Commands that write choices: the start of each up to its shots, and the options after them. */
  readonly commands: { readonly select: string; readonly approve: string; readonly options: string };
  readonly scenes: readonly PageScene[];
  /** Takes from earlier versions of the list, oldest first. */
  readonly unlisted: readonly PageTake[];
}

/** Consecutive shots of one scene. */
export type PageScene = SceneOf<PageShot>;

/** A shot of the list, with its variants if it has a matrix. */
export interface PageShot {
  readonly id: string;
  readonly notes: string | null;
  readonly line: PageLine | null;
  readonly variants: readonly PageVariant[];
}

/** Entry of a shot in the list, which choices are written into. */
export interface PageLine {
  /** Id as it is written in the list. */
  readonly id: string;
  /** Id quoted for a shell. */
  readonly word: string;
  readonly takes: number;
  /** Number of shots on the page that come from this line. One approval cannot cover several. */
  readonly shots: number;
  /** `stale` if the approval is of an earlier render. */
  readonly approved: 'no' | 'yes' | 'stale';
}

/** A variant of a shot. */
export interface PageVariant {
  readonly id: string;
  /** Difference from the other variants, such as `cfg_scale-0.3`; null if there is only one. */
  readonly label: string | null;
  readonly takes: readonly PageTake[];
}

/** A take with its parts. */
export type PageTake = TakeOf<PagePart>;

/** One submission. */
export interface PagePart {
  readonly id: string;
  readonly state: SubmissionState;
  readonly key: string;
  /** Short name of the model, or its id if the model is unknown. */
  readonly model: string;
  readonly prompt: string;
  readonly segments: readonly { readonly prompt: string; readonly seconds: number }[];
  /** Length asked for, seconds. */
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
  /** Other fields that were sent, and defaults that the service adds, as text. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly error: string | null;
  /** Advice about the state; null if there is nothing to do. */
  readonly advice: string | null;
  /** Command that follows the advice; null if there is none. */
  readonly command: string | null;
  /** Differences between the clip and what was asked for, and warnings of the run. */
  readonly flags: readonly string[];
  /** Id of the submission that this one shares its clip with. */
  readonly sameAs: string | null;
}

/** A clip that the page can play. */
export interface PageClip {
  readonly src: string;
  readonly media: MediaFacts;
}

/** Addresses of the stills of a clip. */
export interface PageStills {
  readonly first: string | null;
  readonly middle: string | null;
  readonly last: string | null;
}

/** A picture that was sent. */
export interface PagePicture {
  /** Null if the picture is not on this machine: the page makes no request to the network. */
  readonly src: string | null;
  readonly label: string;
  /** Id of the submission whose last frame the picture is; null for a board. */
  readonly lastOf: string | null;
}

/** Paths of the server for a served page. */
export interface PageServer {
  /** Paths relative to the page. */
  readonly data: string;
  readonly choices: string;
}
