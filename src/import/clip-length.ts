/** How long a clip to ask for, and what of it the cut takes. */
export interface ClipLength {
  /** Whole seconds that the model makes. */
  readonly duration: number;
  /** From and to, seconds, where the source is shorter than the clip. */
  readonly use?: readonly [number, number];
  /** Why the length is not the source's, for a comment beside it. */
  readonly why?: string;
}

/** Two frames at 24 a second: a length that is off by less was meant to be whole. */
const NEARLY = 2 / 24;

/**
 * The shortest clip of `lengths` (whole seconds, ascending, what the model makes) that holds `seconds` of the source.
 * Rounded up, so that an editor has the whole shot; `use` keeps the source's own timing.
 */
export function clipLength(seconds: number, lengths: readonly number[]): ClipLength {
  const exact = Number(seconds.toFixed(2));
  const longest = lengths.at(-1);
  // A model nobody knows is not ours to judge: checking the list will say so.
  if (longest === undefined) return { duration: Math.max(1, Math.ceil(seconds - NEARLY)) };
  const duration = lengths.find((each) => each >= seconds - NEARLY);
  if (duration === undefined)
    return { duration: longest, why: `the source has ${exact} s, the model makes at most ${longest}` };
  if (duration - seconds <= NEARLY) return { duration };
  const least = lengths[0] === duration && duration - seconds >= 1;
  const why = least ? `the source has ${exact} s, the model makes no less than ${duration}` : undefined;
  return { duration, use: [0, exact], ...(why !== undefined && { why }) };
}
