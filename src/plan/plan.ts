import type { Submission } from './submission.js';

/** Submissions of a shot list, in list order, with their costs: everything that a run needs. */
export interface Plan {
  readonly list: ListIdentity;
  readonly submissions: readonly Submission[];
  /** Ids of approved submissions. */
  readonly approved: readonly string[];
  /** Profile that the plan is for; null for none. */
  readonly profile: string | null;
  /** Limit of the cost of all runs of the list together, USD; null for none. */
  readonly budget: number | null;
  /** Scenes that the list describes, in its order. */
  readonly scenes: readonly SceneTitle[];
}

/** A scene of the list. */
export interface SceneTitle {
  readonly id: string;
  readonly title: string | null;
}

/** The shot list that a plan was made from. */
export interface ListIdentity {
  /** Absolute path of the shot list. */
  readonly path: string;
  /** Absolute path of its folder; `LocalMedia.$file` is relative to it. */
  readonly folder: string;
  /** File name without `.yaml`; names the run directory. */
  readonly name: string;
  readonly title: string | null;
  /** Shape of its pictures, such as `16:9`; null if the list gives none. */
  readonly aspect: string | null;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  readonly sha256: string;
}
