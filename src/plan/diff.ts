import { addUsd } from './cost.js';
import { cutChanges, type Described, type FieldChange, inputChanges } from './field-changes.js';
import type { Submission } from './submission.js';
import { type Totals, totalsOf } from './totals.js';

/** What submissions are compared by; an entry of a manifest has it too. */
export type Compared = Described &
  Pick<Submission, 'id' | 'key' | 'seconds'> & { readonly cost: { readonly usd: number | null } };

/** How a list of submissions differs from an earlier one. */
export interface PlanDiff {
  /** In the order of the newer list; then what was removed, in the order of the older. */
  readonly differences: readonly Difference[];
  /** Submissions that are as they were. */
  readonly unchanged: number;
  readonly before: Totals;
  readonly after: Totals;
  /** What would have to be rendered, had all of the older list been. */
  readonly to_submit: Totals;
  /** After less before. */
  readonly difference: {
    readonly usd: number;
    /** Submissions of unknown cost that came and went; what they cost is not in `usd`. */
    readonly usd_unknown_added: number;
    readonly usd_unknown_removed: number;
  };
}

/**
 * `changed` is another video under the same id; `renamed` the same video under another id; `edited` the same video,
 * of which the cut makes something else.
 */
export type DifferenceKind = 'added' | 'changed' | 'renamed' | 'edited' | 'removed';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly id: string;
  /** Its id before, where it was renamed. */
  readonly was: string | null;
  readonly scene: string | null;
  /** Full model id. */
  readonly model: string;
  /** Null for what was not there before. */
  readonly before: Amount | null;
  /** Null for what is there no more. */
  readonly after: Amount | null;
  /** Whether it has to be rendered: no clip of its key was there before, or stands earlier in the newer list. */
  readonly submits: boolean;
  /** Field by field, for what was there before and still is. */
  readonly changes: readonly FieldChange[];
}

export interface Amount {
  readonly seconds: number;
  /** USD; null where unknown. */
  readonly usd: number | null;
}

/** A submission of the newer list, and what it is compared with. */
interface Pair {
  readonly kind: DifferenceKind;
  readonly old: Compared | undefined;
  readonly now: Compared;
}

/**
 * Compares two lists of submissions by what they render: one key is one video, whatever it is called, and renaming it
 * costs nothing. `rendered` are keys of further clips that exist, though the older list does not name them. Pure.
 */
export function diffPlans(options: {
  readonly before: readonly Compared[];
  readonly after: readonly Compared[];
  readonly rendered?: Iterable<string>;
}): PlanDiff {
  const { before, after, rendered = [] } = options;
  const pairs = pairUp(before, after);
  const known = new Set([...rendered, ...before.map(({ key }) => key)]);
  const fresh = new Set(firstOfEach(after).filter(({ key }) => !known.has(key)));
  const differences = pairs.map((pair) => differenceOf(pair, fresh.has(pair.now)));
  const told = differences.filter(({ kind, changes }) => kind !== 'edited' || changes.length > 0);
  const kept = new Set(pairs.map(({ old }) => old));
  const gone = before.filter((old) => !kept.has(old));
  return {
    differences: [...told, ...gone.map(removal)],
    unchanged: differences.length - told.length,
    ...sums({ before: firstOfEach(before), after: firstOfEach(after) }),
    to_submit: totalsOf([...fresh]),
  };
}

function pairUp(before: readonly Compared[], after: readonly Compared[]): readonly Pair[] {
  const oldById = new Map(before.map((old) => [old.id, old]));
  const staying = new Set(after.filter(({ id, key }) => oldById.get(id)?.key === key).map(({ id }) => id));
  // Clips whose id is now another's or nobody's, by key: they are free to be found again under a new id.
  const moving = new Map<string, Compared[]>();
  for (const old of before) {
    if (!staying.has(old.id)) moving.set(old.key, [...(moving.get(old.key) ?? []), old]);
  }
  return after.map((now) => {
    const namesake = oldById.get(now.id);
    if (namesake && staying.has(now.id)) return { kind: 'edited', old: namesake, now };
    const moved = moving.get(now.key)?.shift();
    if (moved) return { kind: 'renamed', old: moved, now };
    return namesake ? { kind: 'changed', old: namesake, now } : { kind: 'added', old: undefined, now };
  });
}

function differenceOf({ kind, old, now }: Pair, submits: boolean): Difference {
  return {
    kind,
    id: now.id,
    was: kind === 'renamed' && old ? old.id : null,
    scene: now.scene,
    model: now.model,
    before: old ? amountOf(old) : null,
    after: amountOf(now),
    submits,
    changes: old ? [...(old.key === now.key ? [] : inputChanges(old, now)), ...cutChanges(old, now)] : [],
  };
}

function removal(old: Compared): Difference {
  const { id, scene, model } = old;
  const before = amountOf(old);
  return { kind: 'removed', id, was: null, scene, model, before, after: null, submits: false, changes: [] };
}

function amountOf({ seconds, cost }: Compared): Amount {
  return { seconds, usd: cost.usd };
}

/** Without those that share another's clip. */
function firstOfEach(submissions: readonly Compared[]): readonly Compared[] {
  const firsts = new Map(submissions.toReversed().map((one) => [one.key, one]));
  return submissions.filter((one) => firsts.get(one.key) === one);
}

function sums({ before, after }: { before: readonly Compared[]; after: readonly Compared[] }) {
  const [was, is] = [totalsOf(before), totalsOf(after)];
  return {
    before: was,
    after: is,
    difference: {
      usd: addUsd([is.usd, -was.usd]),
      usd_unknown_added: unknownOnlyIn(after, before),
      usd_unknown_removed: unknownOnlyIn(before, after),
    },
  };
}

function unknownOnlyIn(some: readonly Compared[], others: readonly Compared[]): number {
  const unknown = (list: readonly Compared[]) =>
    list.filter(({ cost }) => cost.usd === null).map(({ key }) => key);
  const elsewhere = new Set(unknown(others));
  return unknown(some).filter((key) => !elsewhere.has(key)).length;
}
