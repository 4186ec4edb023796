import { describe, expect, it } from 'vitest';
import { models } from '../../src/models/catalog.js';
import { suggestModel } from '../../src/models/suggest-model.js';

describe('the suggestion for a name that no model has', () => {
  it.each([
    [
      'kling-3.0/standard',
      'kling-v3-std, KLING-3.0/Standard, fal-ai/kling-video/v3/standard/image-to-video, kling-3.0/standart',
    ],
    [
      'kling-3.0/pro',
      'kling-v3-pro, kling-3/pro, Kling 3.0 Pro, kling_3_0_pro, v3 pro, klng-3.0/pro, https://runcomfy.com/models/kling/kling-3.0/pro/x',
    ],
    ['kling-3.0/4k', 'kling-3.0/4K, Kling 3 4K'],
    ['kling-o3/pro', 'kling-v3-omni, kling-video-o3, Kling 3.0 Omni Pro'],
    ['kling-o1/standard', 'kling-o1, kling-video-o1-std, KLING O1'],
  ])('is %s for its names at Kling, RunComfy and other hosts', (name, written) => {
    for (const each of written.split(', '))
      expect([each, suggestModel(each, models)]).toEqual([each, `did you mean \`${name}\`?`]);
  });

  it('names every tier with its price, the cheapest first, for a version without a tier', () => {
    expect(suggestModel('Kling 3.0', models)).toBe(
      'choose one: kling-3.0/standard ($0.084/s, with audio $0.126/s), kling-3.0/pro ($0.112/s, with audio $0.168/s), kling-3.0/4k ($0.42/s)',
    );
  });

  it('never names one model for a tier or a version that is not there', () => {
    const others = [
      'kling-o3/standard',
      'kling-o1/pro',
      'kling-3.0/hd',
      'kling 2.6',
      'kling-v2-master',
      'kling-2.0/pro',
      'kling',
      'wan-2.6',
    ];
    expect(others.filter((name) => suggestModel(name, models).startsWith('did you mean'))).toEqual([]);
  });
});
