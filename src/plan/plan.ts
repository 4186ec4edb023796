import type { Submission } from './submission.js';

/** Everything a run needs to know: what would be sent, in list order, and what it costs. */
export interface Plan {
  readonly list: ListIdentity;
  readonly submissions: readonly Submission[];
  /** Ids of the submissions that were signed off as they are. */
  readonly approved?: readonly string[];
  /** The profile that the plan is for; null where none is. */
  readonly profile?: string | null;
  /** USD that all runs of the list together may cost; null for no limit. */
  readonly budget?: number | null;
  /** The scenes that the list describes, as it has them. */
  readonly scenes?: readonly SceneTitle[];
}

export interface SceneTitle {
  readonly id: string;
  readonly title: string | null;
}

export interface ListIdentity {
  /** Absolute path of the shot list. */
  readonly path: string;
  /** Absolute path of its folder: what `LocalMedia.$file` is relative to. */
  readonly folder: string;
  /** File name without `.yaml`; names the run directory. */
  readonly name: string;
  readonly title: string | null;
  /** The shape of its pictures, such as `16:9`; null where the list says none. */
  readonly aspect: string | null;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  readonly sha256: string;
}
