/** How long to wait before the second try, at most; doubled for each further one. Our choice, milliseconds. */
const FIRST_WAIT = 1_000;
/** Longer waits would make a shot that is ready look stuck. Our choice, milliseconds. */
const LONGEST_WAIT = 30_000;
/** A server that asks for more than this is more likely to have its clock wrong. Our choice, seconds. */
const LONGEST_RETRY_AFTER = 600;

/**
 * Milliseconds to wait after fault number `fault` (from 0): exponential with full jitter, so that many
 * clients do not come back at once. Where the service names a time, that time, and a little spread on top.
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
 * Seconds a `Retry-After` header asks for, whether it holds seconds or a date (RFC 9110, 10.2.3), between 0
 * and 600; null where there is none or it makes no sense. `now` is in milliseconds since 1970.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST_RETRY_AFTER);
  // Date.parse takes much that is no HTTP date, such as "-5"; all three forms of the RFC begin with a weekday.
  const time = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return null;
  return Math.min(Math.max(0, (time - now) / 1_000), LONGEST_RETRY_AFTER);
}
