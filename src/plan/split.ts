/** How a shot's segments may be grouped into parts, each one submission. */
export interface SplitRules {
  /** Most segments that one part may have. */
  readonly mostSegments: number;
  /** Whether the model makes a part of that many whole seconds; the last part has the end image. */
  readonly takes: (seconds: number, isLast: boolean) => boolean;
}

/**
 * Groups consecutive segments into as few parts as possible, earliest parts longest, dividing no segment; returns how
 * many segments each part has, or null where no grouping keeps to the rules. `seconds` are the segments' lengths.
 */
export function splitSegments(seconds: readonly number[], rules: SplitRules): readonly number[] | null {
  const count = seconds.length;
  // least[i]: fewest parts that segments i and later can be grouped into.
  const least = Array<number>(count + 1).fill(Number.POSITIVE_INFINITY);
  least[count] = 0;
  for (let from = count - 1; from >= 0; from--) {
    for (const to of ends(from)) least[from] = Math.min(least[from] as number, 1 + (least[to] as number));
  }
  if (!Number.isFinite(least[0])) return null;
  const parts: number[] = [];
  for (let from = 0; from < count; ) {
    // Of the ends that lead to the fewest parts, the last one makes this part longest.
    const to = ends(from).findLast((end) => least[from] === 1 + (least[end] as number)) as number;
    parts.push(to - from);
    from = to;
  }
  return parts;

  /** Where a part that begins with segment `from` may end. */
  function ends(from: number): readonly number[] {
    const found: number[] = [];
    let length = 0;
    for (let to = from + 1; to <= count && to - from <= rules.mostSegments; to++) {
      length += seconds[to - 1] as number;
      if (rules.takes(length, to === count)) found.push(to);
    }
    return found;
  }
}
