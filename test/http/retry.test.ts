import { expect, it } from 'vitest';
import { backoff, parseRetryAfter } from '../../src/http/retry.js';

it.each([
  [0, 1_000],
  [1, 2_000],
  [2, 4_000],
  [4, 16_000],
  [5, 30_000],
  [2_000, 30_000],
])('waits after fault %d at most %d ms', (fault, most) => {
  expect(backoff({ fault, random: () => 0 })).toBe(0);
  expect(backoff({ fault, random: () => 1 })).toBe(most);
});

it('waits as long as Retry-After says, and up to a second more', () => {
  expect(backoff({ fault: 0, random: () => 0.5, retryAfter: 12 })).toBe(12_500);
  expect(backoff({ fault: 9, random: () => 0, retryAfter: 0 })).toBe(0);
});

it.each([
  ['12', 12],
  [' 0 ', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['Fri, 01 Jan 2027 00:00:00 GMT', 600],
  ['86400', 600],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['', null],
  [undefined, null],
])('reads Retry-After %j as %j s', (header, seconds) => {
  expect(parseRetryAfter(header, Date.UTC(2026, 0, 1))).toBe(seconds);
});
