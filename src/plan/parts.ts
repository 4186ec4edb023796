import type { ShotFields } from '../language/shot-list.js';
import { durations, type Model, nativeField } from '../models/catalog.js';
import type { Segment } from './plan.js';

/** Length of a segment if nothing gives one, seconds; the models' own default. */
const USUAL_SEGMENT = 5;

/** Shortest segment by the models' documents, seconds. */
const SHORTEST_SEGMENT = 3;

/**
 * Lengths of each segment and of the shot, whole seconds; or the reason why their durations do not add up. A segment
 * without a duration gets an even share of the time that the others leave, earlier segments the longer shares. A shot
 * without a duration is as long as its segments.
 */
export function timeSegments(
  segments: readonly { readonly prompt: string; readonly duration?: number }[],
  duration: number | undefined,
): { segments: readonly Segment[]; seconds: number } | { problem: string } {
  const open = segments.filter((segment) => segment.duration === undefined).length;
  const given = segments.flatMap((segment) => segment.duration ?? []);
  const sum = given.reduce((total, seconds) => total + seconds, 0);
  if (duration !== undefined && open === 0 && sum !== duration) {
    return { problem: `the segments add up to ${formatSum(given, sum)}, but the shot lasts ${duration} s` };
  }
  if (duration !== undefined && open > 0 && duration - sum < open * SHORTEST_SEGMENT) {
    const left = Math.max(0, duration - sum);
    const taken = given.length > 0 ? ` after ${formatSum(given, sum)}` : '';
    const which = open === 1 ? 'the segment without a duration' : `the ${open} segments without a duration`;
    return {
      problem: `of the shot's ${duration} s, ${left} s remain${taken} for ${which}; each takes at least ${SHORTEST_SEGMENT} s`,
    };
  }
  const shares =
    duration === undefined ? Array<number>(open).fill(USUAL_SEGMENT) : evenShares(duration - sum, open);
  const next = shares.values();
  const timed = segments.map(({ prompt, duration: own }) => ({
    prompt,
    seconds: own ?? (next.next().value as number),
  }));
  return { segments: timed, seconds: timed.reduce((total, { seconds }) => total + seconds, 0) };
}

function evenShares(seconds: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, index) => Math.floor(seconds / parts) + (index < seconds % parts ? 1 : 0),
  );
}

function formatSum(parts: readonly number[], sum: number): string {
  return parts.length === 1 ? `${sum} s` : `${parts.join(' + ')} = ${sum} s`;
}

/** Stretch of a shot that one submission renders. */
export interface Part {
  /** Number from 1; null if the shot is one submission. */
  readonly number: number | null;
  readonly segments: readonly Segment[];
  /** Length, seconds; undefined if the service's default applies. */
  readonly seconds: number | undefined;
  /** Index of its first segment in the shot, from 0. */
  readonly firstSegment: number;
  /** Start of the part in the shot, seconds. */
  readonly from: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/**
 * Consecutive submissions of a shot with `split`: one if its model takes the shot whole, else as few as possible; null if
 * the model's durations allow no grouping.
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
    accepts: (seconds, isLast) => (isLast ? last : middle).has(seconds),
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

/** Most segments of one submission; a model without segments renders one at a time. */
function mostSegments(model: Model): number {
  const field = nativeField(model, 'segments');
  return field ? Number(field.schema.maxItems ?? Number.POSITIVE_INFINITY) : 1;
}

/** Rules for grouping a shot's segments into parts, each one submission. */
export interface SplitRules {
  /** Most segments of one part. */
  readonly mostSegments: number;
  /** True if the model renders a part of `seconds` whole seconds; the last part has the end image. */
  readonly accepts: (seconds: number, isLast: boolean) => boolean;
}

/**
 * Groups consecutive segments into as few parts as possible, earlier parts longer, without dividing a segment. Returns the
 * number of segments of each part, or null if no grouping follows the rules. `seconds` are the segments' lengths.
 */
export function splitSegments(seconds: readonly number[], rules: SplitRules): readonly number[] | null {
  const count = seconds.length;
  // least[i]: fewest parts for segment i and all later ones.
  const least = Array<number>(count + 1).fill(Number.POSITIVE_INFINITY);
  least[count] = 0;
  for (let from = count - 1; from >= 0; from--) {
    for (const to of ends(from)) least[from] = Math.min(least[from] as number, 1 + (least[to] as number));
  }
  if (!Number.isFinite(least[0])) return null;
  const parts: number[] = [];
  for (let from = 0; from < count; ) {
    // The last of the ends that lead to the fewest parts makes this part longest.
    const to = ends(from).findLast((end) => least[from] === 1 + (least[end] as number)) as number;
    parts.push(to - from);
    from = to;
  }
  return parts;

  /** Possible ends of a part that begins with segment `from`. */
  function ends(from: number): readonly number[] {
    const found: number[] = [];
    let length = 0;
    for (let to = from + 1; to <= count && to - from <= rules.mostSegments; to++) {
      length += seconds[to - 1] as number;
      if (rules.accepts(length, to === count)) found.push(to);
    }
    return found;
  }
}
