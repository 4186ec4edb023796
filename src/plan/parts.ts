import type { ShotFields } from '../language/shot-list.js';
import { durations, nativeField } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import { splitSegments } from './split.js';
import type { Segment } from './submission.js';

/** One submission's share of a shot. */
export interface Part {
  /** Counts from 1; null where the shot is whole. */
  readonly number: number | null;
  readonly segments: readonly Segment[];
  /** Seconds; undefined where the shot says nothing and the service's default holds. */
  readonly seconds: number | undefined;
  /** Which of the shot's segments is its first, from 0. */
  readonly firstSegment: number;
  /** Seconds into the shot at which it begins. */
  readonly from: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** The shot as it is, in one submission. */
export function wholeShot(segments: readonly Segment[], seconds: number | undefined): Part {
  return { number: null, segments, seconds, firstSegment: 0, from: 0, isFirst: true, isLast: true };
}

/**
 * The consecutive submissions that a shot with `split` becomes: one where its model takes it whole, else as few as
 * possible; null where the model's durations allow no grouping.
 */
export function partsOf(
  segments: readonly Segment[],
  { model, fields }: { model: Model; fields: ShotFields },
): readonly Part[] | null {
  const hasEnd = fields.end_image !== undefined && model.fields.end_image !== undefined;
  const middle = new Set(durations(model, false));
  const last = new Set(durations(model, hasEnd));
  const lengths = segments.map(({ seconds }) => seconds);
  const counts = splitSegments(lengths, {
    mostSegments: mostSegments(model),
    takes: (seconds, isLast) => (isLast ? last : middle).has(seconds),
  });
  if (!counts) return null;
  let next = 0;
  let from = 0;
  return counts.map((count, index) => {
    const own = segments.slice(next, next + count);
    const seconds = own.reduce((sum, segment) => sum + segment.seconds, 0);
    const isWhole = counts.length === 1;
    const part = {
      number: isWhole ? null : index + 1,
      segments: own,
      seconds,
      firstSegment: next,
      from,
      isFirst: index === 0,
      isLast: index === counts.length - 1,
    };
    next += count;
    from += seconds;
    return part;
  });
}

/** Without segments of its own, a model makes one of them at a time. */
function mostSegments(model: Model): number {
  const field = nativeField(model, 'segments');
  return field ? Number(field.schema.maxItems ?? Number.POSITIVE_INFINITY) : 1;
}

/** What the cut takes of a part, seconds into it: `use` where they meet; an empty range where they do not. */
export function useOf(
  part: Part,
  use: readonly [number, number] | undefined,
): readonly [number, number] | null {
  if (!use) return null;
  if (part.number === null || part.seconds === undefined) return use;
  const clamp = (at: number) => Math.min(Math.max(at - part.from, 0), part.seconds as number);
  return [clamp(use[0]), clamp(use[1])];
}
