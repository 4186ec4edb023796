import { measured, type Program, type Usage } from './measured.js';
import { median } from './pairs.js';

/** A whole process beside the floor: one that does only what must be done. They run in turns. */
export interface Compared {
  /** Rounds that count; a first round, in which caches fill, does not. */
  readonly rounds: number;
  readonly ours: Program;
  readonly floor: Program;
}

/** Usage of the two, medians; and our time divided by the floor's, the median and the middle half of all rounds. */
export interface Comparison {
  readonly ours: Usage;
  readonly floor: Usage;
  readonly ratio: number;
  readonly spread: readonly [number, number];
  /** The same for processor time, which other programs on the machine change less. */
  readonly cpuRatio: number;
}

/** Runs both in turns. The ratio is the median of the ratios of all rounds, because a slow minute slows both of a round. */
export async function compare({ rounds, ours, floor }: Compared): Promise<Comparison> {
  const pairs: { ours: Usage; floor: Usage }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    // Each goes first in half of the rounds, because the second finds a warmer machine.
    const first = round % 2 === 0 ? await measured(ours) : undefined;
    const least = await measured(floor);
    const pair = { ours: first ?? (await measured(ours)), floor: least };
    if (round > 0) pairs.push(pair);
  }
  const ratios = pairs.map((pair) => pair.ours.elapsed / pair.floor.elapsed).sort((a, b) => a - b);
  const quarter = Math.floor(ratios.length / 4);
  return {
    ours: middle(pairs.map((pair) => pair.ours)),
    floor: middle(pairs.map((pair) => pair.floor)),
    ratio: median(ratios),
    spread: [ratios[quarter] as number, ratios[ratios.length - 1 - quarter] as number],
    cpuRatio: median(pairs.map((pair) => pair.ours.cpu / pair.floor.cpu)),
  };
}

/** Median of each figure. */
function middle(usages: readonly Usage[]): Usage {
  return {
    cpu: median(usages.map(({ cpu }) => cpu)),
    memory: median(usages.map(({ memory }) => memory)),
    elapsed: median(usages.map(({ elapsed }) => elapsed)),
  };
}

/** Decimal megabytes in words, `139 MB`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** `1.12 (1.08 to 1.19; processor time 1.10), 85 ms`. */
export function inWords({ ours, ratio, spread: [least, most], cpuRatio }: Comparison): string {
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}; processor time ${cpuRatio.toFixed(2)}`;
  return `**${ratio.toFixed(2)}** (${range}), ${time(ours.elapsed)}`;
}

/** Seconds in words, `85 ms` or `1.62 s`. */
export function time(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;
}
