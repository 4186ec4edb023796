import type { Segment } from './submission.js';

/** Seconds a segment lasts when nothing says how long; the models' own default for it. */
const USUAL = 5;

/** Least seconds of a segment, by the models' documents. */
const LEAST = 3;

interface Written {
  readonly prompt: string;
  readonly duration?: number;
}

/**
 * How long each segment and the shot are, whole seconds; or why their durations do not add up, as arithmetic.
 * A segment without a duration takes an even share of what the others leave, earlier ones the longer; a shot without
 * one is as long as its segments.
 */
export function timeSegments(
  segments: readonly Written[],
  duration: number | undefined,
): { segments: readonly Segment[]; seconds: number } | { problem: string } {
  const open = segments.filter((segment) => segment.duration === undefined).length;
  const given = segments.flatMap((segment) => segment.duration ?? []);
  const sum = given.reduce((total, seconds) => total + seconds, 0);
  if (duration !== undefined && open === 0 && sum !== duration) {
    return { problem: `the segments add up to ${arithmetic(given, sum)}, but the shot lasts ${duration} s` };
  }
  if (duration !== undefined && open > 0 && duration - sum < open * LEAST) {
    const left = Math.max(0, duration - sum);
    const taken = given.length > 0 ? ` after ${arithmetic(given, sum)}` : '';
    const whose = open === 1 ? 'the segment without a duration' : `the ${open} segments without a duration`;
    return {
      problem: `of the shot's ${duration} s, ${left} s remain${taken} for ${whose}; each takes at least ${LEAST} s`,
    };
  }
  const shares = duration === undefined ? Array<number>(open).fill(USUAL) : split(duration - sum, open);
  const next = shares.values();
  const timed = segments.map(({ prompt, duration: own }) => ({
    prompt,
    seconds: own ?? (next.next().value as number),
  }));
  return { segments: timed, seconds: timed.reduce((total, { seconds }) => total + seconds, 0) };
}

function split(seconds: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, index) => Math.floor(seconds / parts) + (index < seconds % parts ? 1 : 0),
  );
}

function arithmetic(parts: readonly number[], sum: number): string {
  return parts.length === 1 ? `${sum} s` : `${parts.join(' + ')} = ${sum} s`;
}
