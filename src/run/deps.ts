import type { MediaFacts } from '../media/facts.js';
import type { Inspection, InspectOptions } from '../media/inspect-clip.js';
import type { LastFrame, LastFrameOptions } from '../media/last-frame.js';
import type { OpenJournalFile } from './journal/journal-file.js';
import type { Sleep } from './requests/pace.js';

/** Inspects a clip with the ffmpeg of this machine; `none` says, in sentences, why there is no ffmpeg. */
export type InspectClip = (options: InspectOptions) => Promise<Inspection | { readonly none: string }>;

/** Effects that a run takes from outside. */
export interface RunDeps {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends early when the signal aborts. */
  readonly sleep: Sleep;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** What a file is as a video; null when it is none. */
  readonly probeVideo: (path: string) => Promise<MediaFacts | null>;
  /** The last picture of a clip. Asked only where a plan has chained frames. */
  readonly lastFrame: (options: LastFrameOptions) => Promise<LastFrame>;
  /** Inspects each clip that is fetched; left out, no clip is inspected. */
  readonly inspect?: InspectClip;
  /** Replaces the journal's file in tests. */
  readonly openJournalFile?: OpenJournalFile;
}
