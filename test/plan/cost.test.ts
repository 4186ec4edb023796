import { describe, expect, it } from 'vitest';
import { findModel, type Model } from '../../src/models/catalog.js';
import { addRounded, audioCost, costOf } from '../../src/plan/cost.js';

const standard = findModel('kling-3.0/standard') as Model;
const o3 = findModel('kling-o3/pro') as Model;

describe('what a video costs', () => {
  it('multiplies the seconds of a submission by the rate, with sound or without', () => {
    expect(costOf(standard, { seconds: 10, audio: false })).toEqual({
      usd: 0.84,
      rate: 0.084,
      date: standard.price.date,
    });
    expect(costOf(standard, { seconds: 10, audio: true })).toMatchObject({ usd: 1.26, rate: 0.126 });
    expect(audioCost(standard, 10)).toBe(0.42);
  });

  it('reports an unknown cost, and not zero, when no rate is published', () => {
    expect(costOf(o3, { seconds: 5, audio: false })).toEqual({ usd: null, rate: null, date: null });
    expect(audioCost(o3, 5)).toBeNull();
  });

  it('rounds the errors of binary fractions out of a cost', () => {
    expect(0.084 * 5).not.toBe(0.42);
    expect(costOf(standard, { seconds: 5, audio: false }).usd).toBe(0.42);
    expect(addRounded([0.1, 0.2])).toBe(0.3);
    expect(addRounded(Array(1000).fill(0.084))).toBe(84);
    expect(addRounded([])).toBe(0);
  });
});
