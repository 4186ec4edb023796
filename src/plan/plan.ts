import type { Json } from '../base/json.js';
import type { NativeInput } from '../models/native-input.js';

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

/** One video to have: one POST, unless the same key stands earlier in the plan. */
export interface Submission {
  /** Unique in the plan; letters, digits, `-`, `_`, `.`; safe as a file name. */
  readonly id: string;
  /** Id of the shot it comes from. */
  readonly shot: string;
  /** Id of the shot whose matrix made this one a variant; null where there is none. */
  readonly variant_of: string | null;
  readonly scene: string | null;
  /** Counts the takes of a shot from 1. */
  readonly take: number;
  /** Counts the consecutive parts of a split shot from 1; null where it is whole. */
  readonly part: number | null;
  /** Whether the cut and chained shots use this take. */
  readonly selected: boolean;
  /** What the cut takes of the clip: from and to, seconds; null for all of it. */
  readonly use: readonly [number, number] | null;
  /** The crossfade from the shot before, seconds; 0 for a plain cut. */
  readonly transition: number;
  /** Words for people. */
  readonly notes: string | null;
  /** The content key: SHA-256, 64 hex digits. */
  readonly key: string;
  /** Id of an earlier submission with the same key: they share one POST and one clip. */
  readonly same_as: string | null;
  /** Full model id. */
  readonly model: string;
  readonly input: NativeInput;
  /** What the service's own defaults add to the input. */
  readonly defaults: readonly ServiceDefault[];
  readonly prompt: string;
  readonly segments: readonly Segment[];
  /** Length of the video asked for, seconds. */
  readonly seconds: number;
  /** Whether the video will have sound, asked for or by the service's default. */
  readonly audio: boolean;
  readonly cost: Cost;
  /** How often it may be sent again, over the life of a run directory, after the service says that it failed. */
  readonly retries: number;
}

export interface Segment {
  readonly prompt: string;
  readonly seconds: number;
}

export interface ServiceDefault {
  /** Neutral name, such as `audio`. */
  readonly field: string;
  readonly value: Json;
  /** What it adds to the cost, USD; null where unknown or nothing. */
  readonly usd: number | null;
}

export interface Cost {
  /** USD; null where the model's rate is unknown. */
  readonly usd: number | null;
  /** USD per second; null where it is unknown, or where a video has one price. */
  readonly rate: number | null;
  /** The day the price was seen, YYYY-MM-DD. */
  readonly date: string | null;
  /** Whether the live catalog was asked for it. */
  readonly live?: true;
}
