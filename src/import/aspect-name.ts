/** Shapes that have a name of their own; cinema's are DCI's, and the older 2.35. */
const NAMED: readonly (readonly [name: string, ratio: number])[] = [
  ['16:9', 16 / 9],
  ['9:16', 9 / 16],
  ['4:3', 4 / 3],
  ['3:4', 3 / 4],
  ['1:1', 1],
  ['4:5', 4 / 5],
  ['3:2', 3 / 2],
  ['2:3', 2 / 3],
  ['1.85:1', 1.85],
  ['2:1', 2],
  ['2.35:1', 2.35],
  ['2.39:1', 2.39],
];

/** A board exported at 1366 by 768 is meant to be 16:9: half of what lies between 2.35 and 2.39. */
const TOLERANCE = 0.008;

/** The shape as people write it, such as `16:9` or `2.2:1`; null for what is no ratio, or none a shot list takes. */
export function aspectName(ratio: number): string | null {
  if (!Number.isFinite(ratio) || ratio < 0.05 || ratio > 20) return null;
  const named = NAMED.find(([, each]) => Math.abs(ratio / each - 1) <= TOLERANCE);
  return named ? named[0] : `${Number(ratio.toFixed(2))}:1`;
}

/** The shape that all of some images have; null when they differ, or there is none. */
export function commonAspect(ratios: readonly number[]): string | null {
  const names = new Set(ratios.map(aspectName));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}
