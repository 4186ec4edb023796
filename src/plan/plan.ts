import type { Json } from '../base/json.js';
import type { NativeInput } from '../models/native-input.js';

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

/** One video of the plan. It is one POST, unless an earlier submission has the same key. */
export interface Submission {
  /** Id, unique in the plan: letters, digits, `-`, `_` and `.`, so that it is safe as a file name. */
  readonly id: string;
  /** Id of the shot it comes from. */
  readonly shot: string;
  /** Id of the shot whose matrix made this one a variant; null for none. */
  readonly variant_of: string | null;
  readonly scene: string | null;
  /** Number of the take of its shot, from 1. */
  readonly take: number;
  /** Number of the part of a split shot, from 1; null for a whole shot. */
  readonly part: number | null;
  /** True if the cut and chained shots use this take. */
  readonly selected: boolean;
  /** Range of the clip that the cut takes, from and to, seconds; null for all of it. */
  readonly use: readonly [number, number] | null;
  /** Length of the crossfade from the shot before, seconds; 0 for a plain cut. */
  readonly transition: number;
  /** Notes of the list, for people. */
  readonly notes: string | null;
  /** The content key: SHA-256, 64 hex digits. */
  readonly key: string;
  /** Id of an earlier submission with the same key, with which it shares one POST and one clip; null for none. */
  readonly same_as: string | null;
  /** Full model id. */
  readonly model: string;
  readonly input: NativeInput;
  /** Values that the service assumes for fields that are not sent. */
  readonly defaults: readonly ServiceDefault[];
  readonly prompt: string;
  readonly segments: readonly Segment[];
  /** Length of the requested video, seconds. */
  readonly seconds: number;
  /** True if the video will have sound, requested or by the service's default. */
  readonly audio: boolean;
  readonly cost: Cost;
  /** Limit of further POSTs after failures that the service reports, over the life of a run directory. */
  readonly retries: number;
}

/** The role of one field of a submission in its record and the manifest. */
interface FieldRole {
  /**
   * Value in the manifest. `list`: the value that the list says now. `sent`: the value that was sent, once it was sent.
   * `by hand`: a value that `run/summary.ts` sets itself. `none`: no value.
   */
  readonly manifest: 'list' | 'sent' | 'by hand' | 'none';
  /** True if the record has it, once for all attempts. */
  readonly recorded: boolean;
}

/** Every field of a submission, in the order in which the record and the manifest have them. */
const FIELDS = {
  id: { manifest: 'list', recorded: true },
  shot: { manifest: 'list', recorded: true },
  variant_of: { manifest: 'list', recorded: false },
  scene: { manifest: 'list', recorded: true },
  take: { manifest: 'list', recorded: true },
  part: { manifest: 'list', recorded: true },
  selected: { manifest: 'list', recorded: false },
  use: { manifest: 'list', recorded: false },
  transition: { manifest: 'list', recorded: false },
  notes: { manifest: 'list', recorded: false },
  key: { manifest: 'by hand', recorded: false },
  same_as: { manifest: 'by hand', recorded: false },
  model: { manifest: 'sent', recorded: true },
  // Each attempt has its own input and cost.
  input: { manifest: 'sent', recorded: false },
  defaults: { manifest: 'sent', recorded: true },
  prompt: { manifest: 'sent', recorded: true },
  segments: { manifest: 'sent', recorded: true },
  seconds: { manifest: 'sent', recorded: true },
  audio: { manifest: 'sent', recorded: true },
  cost: { manifest: 'sent', recorded: false },
  retries: { manifest: 'none', recorded: false },
} as const satisfies Record<keyof Submission, FieldRole>;

/** Names of the fields with a role. */
type FieldsWith<R extends Partial<FieldRole>> = {
  [Name in keyof Submission]: (typeof FIELDS)[Name] extends R ? Name : never;
}[keyof Submission];

type ListedField = FieldsWith<{ manifest: 'list' }>;
type SentField = FieldsWith<{ manifest: 'sent' }>;
type RecordedField = FieldsWith<{ recorded: true }>;

/** Fields that the list may change at any time: nothing sent depends on them. */
export type ListedFields = Pick<Submission, ListedField>;
/** Fields that decide what is sent. */
export type SentFields = Pick<Submission, SentField>;
/** Submission as its record has it: what all attempts have in common. */
export type RecordedSubmission = Pick<Submission, RecordedField>;

/** Values of the listed fields that are not recorded, or no longer true, for a shot that has left the list. */
export const UNLISTED = {
  variant_of: null,
  selected: false,
  use: null,
  transition: 0,
  notes: null,
} as const satisfies Partial<ListedFields> & Pick<Submission, Exclude<ListedField, RecordedField>>;

const NAMES = Object.keys(FIELDS) as (keyof Submission)[];
/** Names of the fields that the list may change, in order. */
export const LISTED = NAMES.filter((name) => FIELDS[name].manifest === 'list') as ListedField[];
/** Names of the fields that decide what is sent, in order. */
export const SENT = NAMES.filter((name) => FIELDS[name].manifest === 'sent') as SentField[];
/** Names of the fields that a record has, in order. */
export const RECORDED = NAMES.filter((name) => FIELDS[name].recorded) as RecordedField[];

/** Copy of an object that has only some of its fields, in the order of `names`. */
export function pick<T extends object, Name extends keyof T>(
  value: T,
  names: readonly Name[],
): Pick<T, Name> {
  const picked = {} as { -readonly [N in Name]: T[N] };
  for (const name of names) picked[name] = value[name];
  return picked;
}

/** A stretch of a shot with a prompt of its own. */
export interface Segment {
  readonly prompt: string;
  readonly seconds: number;
}

/** A value that the service assumes for a field that is not sent. */
export interface ServiceDefault {
  /** Neutral name, such as `audio`. */
  readonly field: string;
  readonly value: Json;
  /** Part of the cost that it causes, USD; null if unknown or none. */
  readonly usd: number | null;
}

/** Expected cost of a submission. */
export interface Cost {
  /** USD; null if the model's rate is unknown. */
  readonly usd: number | null;
  /** USD per second; null if it is unknown, or if a video has one price. */
  readonly rate: number | null;
  /** Day on which the price was read, YYYY-MM-DD. */
  readonly date: string | null;
  /** True if the price is from the live catalog; left out otherwise. */
  readonly live?: true;
  /** Number of bills that the price is learned from; left out for a published price. */
  readonly bills?: number;
}
