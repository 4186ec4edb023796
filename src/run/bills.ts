import type { Bill } from '../plan/learned-price.js';
import type { Fold, KeyState } from './records/render.js';

/** Bills for the clips of a run directory. */
export function billsIn(fold: Fold): readonly Bill[] {
  return [...fold.values()].flatMap((known) => billOf(known) ?? []);
}

/** Bill for the clip of a key; null before there is one. A failure, and a bill of nothing, tell nothing about the next clip. */
export function billOf({ state, cost, submission, finishedAt, sentAt }: KeyState): Bill | null {
  const { model, audio, seconds } = submission;
  if ((state !== 'completed' && state !== 'done') || cost === null || cost <= 0 || seconds <= 0) return null;
  return { model, audio, seconds, usd: cost, at: finishedAt ?? sentAt };
}
