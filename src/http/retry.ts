import { type Effects, sleepUnlessAborted } from '../base/effects.js';

/** Longest wait before the second try; doubled for each further try. Our choice, milliseconds. */
const FIRST_WAIT = 1_000;
/** Longest wait of all: beyond it a finished render would look stuck. Our choice, milliseconds. */
const LONGEST_WAIT = 30_000;
/** Longest `Retry-After` that is believed: a longer one is probably a wrong clock. Our choice, seconds. */
const LONGEST_RETRY_AFTER = 600;

/**
 * Milliseconds to wait after fault number `fault` (from 0): exponential with full jitter, so that many clients do not
 * return together. If the service names a time in `retryAfter` (seconds), that time plus up to one second.
 */
export function backoff(options: {
  fault: number;
  random: () => number;
  retryAfter?: number | null;
}): number {
  const { fault, random, retryAfter } = options;
  if (typeof retryAfter === 'number') return retryAfter * 1_000 + random() * FIRST_WAIT;
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** fault);
}

/**
 * Seconds that a `Retry-After` header asks for, from 0 to 600; null if there is none or it is neither a number of
 * seconds nor a date (RFC 9110, 10.2.3). `now` is in milliseconds since 1970.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST_RETRY_AFTER);
  // Date.parse also accepts texts such as "-5"; all three date forms of the RFC begin with a weekday.
  const time = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return null;
  return Math.min(Math.max(0, (time - now) / 1_000), LONGEST_RETRY_AFTER);
}

/** Waits after fault number `fault` (from 0), before the next try; false if `signal` aborted meanwhile. */
export function waitToRetry(
  effects: Effects,
  options: { fault: number; retryAfter?: number | null; signal: AbortSignal | undefined },
): Promise<boolean> {
  const { signal, ...fault } = options;
  return sleepUnlessAborted(effects, backoff({ ...fault, random: effects.random }), signal);
}
