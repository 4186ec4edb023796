import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatRate,
  formatSeconds,
  formatUsd,
} from '../../src/base/units.js';

describe('units', () => {
  it.each([
    [1.26, '$1.26'],
    [0, '$0.00'],
    [0.084, '$0.084'],
    [1234.5, '$1,234.50'],
    [0.1 + 0.2, '$0.30'],
    [null, 'unknown'],
  ])('units writes %s USD as %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });

  it('units rounds amounts of money as Intl does', () => {
    const formats = [2, 4].map((places) => {
      const digits = { minimumFractionDigits: 2, maximumFractionDigits: places };
      return new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', ...digits });
    }) as [Intl.NumberFormat, Intl.NumberFormat];
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), (count) => {
        const usd = count / 10_000;
        expect(formatUsd(usd)).toBe(formats[usd !== 0 && Math.abs(usd) < 0.1 ? 1 : 0].format(usd));
        expect(formatRate(usd)).toBe(`${formats[1].format(usd)}/s`);
      }),
    );
  });

  it.each([
    [0.084, '$0.084/s'],
    [0.42, '$0.42/s'],
    [null, 'unknown'],
  ])('units writes a rate of %s as %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  it.each([
    [0.2, '0 s', '0s'],
    [3, '3 s', '3s'],
    [59.6, '1 m', '1m00'],
    [80, '1 m 20 s', '1m20'],
    [7500, '2 h 5 m', '2h05'],
  ])('units writes %s seconds as %s and as %s', (seconds, words, clock) => {
    expect(formatSeconds(seconds)).toBe(words);
    expect(formatClock(seconds)).toBe(clock);
  });

  it.each([
    [12, '12 B'],
    [640_000, '640 kB'],
    [999_600, '1.0 MB'],
    [12_400_000, '12.4 MB'],
    [1_000_000_000, '1.0 GB'],
  ])('units writes %s bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('units makes a number and its noun agree', () => {
    expect(formatCount(1, 'shot')).toBe('1 shot');
    expect(formatCount(1200, 'shot')).toBe('1,200 shots');
    expect(formatCount(2, 'list entry', 'list entries')).toBe('2 list entries');
  });
});
