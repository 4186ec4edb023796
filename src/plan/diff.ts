import { addRounded, type Totals, totalsOf } from './cost.js';
import { type ComparedFields, cutChanges, type FieldChange, inputChanges } from './field-changes.js';
import type { Submission } from './plan.js';

/** Fields that submissions are compared by; an entry of a manifest has them too. */
export type ComparedSubmission = ComparedFields &
  Pick<Submission, 'id' | 'key' | 'seconds'> & { readonly cost: { readonly usd: number | null } };

/** Differences between a list of submissions and an earlier one. */
export interface PlanDiff {
  /** In the order of the newer list; removed submissions follow, in the order of the older list. */
  readonly differences: readonly Difference[];
  /** Number of unchanged submissions. */
  readonly unchanged: number;
  readonly before: Totals;
  readonly after: Totals;
  /** Submissions to render if all of the older list is rendered. */
  readonly to_submit: Totals;
  /** `after` minus `before`. */
  readonly difference: {
    readonly usd: number;
    /** Added and removed submissions of unknown cost, which is not in `usd`. */
    readonly usd_unknown_added: number;
    readonly usd_unknown_removed: number;
  };
}

/**
 * Kind of a difference. `changed`: another video under the same id. `renamed`: the same video under another id. `edited`: the
 * same video, used differently by the cut.
 */
export type DifferenceKind = 'added' | 'changed' | 'renamed' | 'edited' | 'removed';

/** One submission that differs between the two lists. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly id: string;
  /** Earlier id of a renamed submission; else null. */
  readonly was: string | null;
  readonly scene: string | null;
  /** Full model id. */
  readonly model: string;
  /** Null for an added submission. */
  readonly before: Amount | null;
  /** Null for a removed submission. */
  readonly after: Amount | null;
  /** True if it must be rendered: neither the older list nor an earlier place of the newer one has its key. */
  readonly submits: boolean;
  /** Changes field by field, for submissions of both lists. */
  readonly changes: readonly FieldChange[];
}

/** Length and cost of a submission. */
export interface Amount {
  readonly seconds: number;
  /** USD; null if unknown. */
  readonly usd: number | null;
}

/** A submission of the newer list, and the older one that it is compared with. */
interface Pair {
  readonly kind: DifferenceKind;
  readonly old: ComparedSubmission | undefined;
  readonly now: ComparedSubmission;
}

/**
 * Compares two lists of submissions by their keys: the same key is the same video under any id, so renaming costs nothing.
 * `rendered` are keys of further existing clips that the older list does not name. Pure.
 */
export function diffPlans(options: {
  readonly before: readonly ComparedSubmission[];
  readonly after: readonly ComparedSubmission[];
  readonly rendered?: Iterable<string>;
}): PlanDiff {
  const { before, after, rendered = [] } = options;
  const pairs = pairUp(before, after);
  const known = new Set([...rendered, ...before.map(({ key }) => key)]);
  const fresh = new Set(firstOfEach(after).filter(({ key }) => !known.has(key)));
  const differences = pairs.map((pair) => differenceOf(pair, fresh.has(pair.now)));
  const reported = differences.filter(({ kind, changes }) => kind !== 'edited' || changes.length > 0);
  const kept = new Set(pairs.map(({ old }) => old));
  const gone = before.filter((old) => !kept.has(old));
  return {
    differences: [...reported, ...gone.map(removal)],
    unchanged: differences.length - reported.length,
    ...sums({ before: firstOfEach(before), after: firstOfEach(after) }),
    to_submit: totalsOf([...fresh]),
  };
}

function pairUp(
  before: readonly ComparedSubmission[],
  after: readonly ComparedSubmission[],
): readonly Pair[] {
  const oldById = new Map(before.map((old) => [old.id, old]));
  const staying = new Set(after.filter(({ id, key }) => oldById.get(id)?.key === key).map(({ id }) => id));
  // Older submissions, by key, whose id is gone or has another key now; a new id may have the same key.
  const moving = new Map<string, ComparedSubmission[]>();
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

function removal(old: ComparedSubmission): Difference {
  const { id, scene, model } = old;
  const before = amountOf(old);
  return { kind: 'removed', id, was: null, scene, model, before, after: null, submits: false, changes: [] };
}

function amountOf({ seconds, cost }: ComparedSubmission): Amount {
  return { seconds, usd: cost.usd };
}

/** First submission of each key, without those that share its clip. */
function firstOfEach(submissions: readonly ComparedSubmission[]): readonly ComparedSubmission[] {
  const firsts = new Map(submissions.toReversed().map((one) => [one.key, one]));
  return submissions.filter((one) => firsts.get(one.key) === one);
}

function sums({
  before,
  after,
}: {
  before: readonly ComparedSubmission[];
  after: readonly ComparedSubmission[];
}) {
  const [older, newer] = [totalsOf(before), totalsOf(after)];
  return {
    before: older,
    after: newer,
    difference: {
      usd: addRounded([newer.usd, -older.usd]),
      usd_unknown_added: unknownOnlyIn(after, before),
      usd_unknown_removed: unknownOnlyIn(before, after),
    },
  };
}

function unknownOnlyIn(some: readonly ComparedSubmission[], others: readonly ComparedSubmission[]): number {
  const unknown = (list: readonly ComparedSubmission[]) =>
    list.filter(({ cost }) => cost.usd === null).map(({ key }) => key);
  const elsewhere = new Set(unknown(others));
  return unknown(some).filter((key) => !elsewhere.has(key)).length;
}
