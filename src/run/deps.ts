import type { MediaFacts } from '../media/facts.js';
import type { LastFrame, LastFrameOptions } from '../media/last-frame.js';
import type { LookAtClip } from './clips/look-at-clip.js';
import type { OpenJournalFile } from './journal/journal-file.js';
import type { Sleep } from './requests/pace.js';

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
  /** Looks at each clip that is here; without it, none is looked at. */
  readonly look?: LookAtClip;
  /** For a journal that is not kept on a plain disk. */
  readonly openJournalFile?: OpenJournalFile;
}
