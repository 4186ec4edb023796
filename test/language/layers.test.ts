import { describe, expect, it } from 'vitest';
import type { RawFields } from '../../src/language/check-files.js';
import type { ListDocument } from '../../src/language/document.js';
import { inherit, type Layer, stack } from '../../src/language/layers.js';

const document = {} as ListDocument;

function layer(name: string, fields: RawFields, invalid: readonly string[] = []): Layer {
  return { fields, place: { document, path: [name] }, invalid: new Set(invalid) };
}

const DEFAULTS = { model: 'kling-3.0/pro', duration: 5, end_image: 'end.png', scene: '010', notes: 'all' };

function shot(
  raw: RawFields,
  over: { below?: readonly Layer[]; wins?: Layer; invalid?: readonly string[] } = {},
) {
  const base = stack([layer('defaults', DEFAULTS), ...(over.below ?? [])]);
  return inherit(layer('shot', raw, over.invalid), { base, wins: over.wins ? stack([over.wins]) : null });
}

describe('inherit', () => {
  it('gives a shot the fields that it does not set itself', () => {
    const { fields, scene } = shot({ prompt: 'x', duration: 7 });
    expect(fields).toEqual({
      model: 'kling-3.0/pro',
      prompt: 'x',
      duration: 7,
      end_image: 'end.png',
      notes: 'all',
    });
    expect(scene).toBe('010');
  });

  it('removes an inherited field or scene that the shot sets to null', () => {
    const { fields, scene } = shot({ end_image: null, scene: null });
    expect(fields).toEqual({ model: 'kling-3.0/pro', duration: 5, notes: 'all' });
    expect(scene).toBeNull();
  });

  it('drops an inherited duration if the shot has segments of its own, but not for inherited segments', () => {
    const segments = [{ prompt: 'x' }];
    expect(shot({ segments }).fields.duration).toBeUndefined();
    expect(shot({ segments, duration: 9 }).fields.duration).toBe(9);
    expect(shot({}, { below: [layer('scene', { segments })] }).fields.duration).toBe(5);
  });

  it('knows the place of each field, and which fields the shot itself sets', () => {
    const wins = layer('profile', { model: 'kling-3.0/4k' });
    const { origin, owns } = shot(
      { prompt: 'x', model: 'y' },
      { wins, below: [layer('scene', { audio: true })] },
    );
    const places = ['prompt', 'audio', 'duration', 'model', 'look'].map((field) => origin(field).path);
    expect(places).toEqual([
      ...[
        ['shot', 'prompt'],
        ['scene', 'audio'],
        ['defaults', 'duration'],
        ['profile', 'model'],
      ],
      ['shot', 'look'],
    ]);
    expect(['prompt', 'audio', 'model'].map(owns)).toEqual([true, false, false]);
  });

  it('leaves out invalid fields and lists them, unless a higher layer sets them again', () => {
    const below = [layer('scene', { duration: 'x' }, ['duration', 'model'])];
    const { fields, invalid } = shot({ prompt: 5, model: 'kling-3.0/4k' }, { below, invalid: ['prompt'] });
    expect(fields).toEqual({ model: 'kling-3.0/4k', end_image: 'end.png', notes: 'all' });
    expect([...invalid].sort()).toEqual(['duration', 'prompt']);
  });
});
