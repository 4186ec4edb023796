import { describe, expect, it } from 'vitest';
import { inherit } from '../../src/shotlist/inherit.js';

const defaults = { model: 'kling-3.0/pro', duration: 5, end_image: 'end.png', scene: '010', notes: 'all' };

function shot(raw: object, unread?: { own?: ReadonlySet<string>; defaults?: ReadonlySet<string> }) {
  return inherit({ raw: { id: 'a', ...raw }, defaults, index: 2, ...(unread && { unread }) });
}

describe('inherit', () => {
  it('gives a shot what it does not say itself', () => {
    const { fields, scene, id } = shot({ prompt: 'x', duration: 7 });
    expect(fields).toEqual({ model: 'kling-3.0/pro', prompt: 'x', duration: 7, end_image: 'end.png' });
    expect({ id, scene }).toEqual({ id: 'a', scene: '010' });
  });

  it('lets null take out what would be inherited, the scene included', () => {
    const { fields, scene } = shot({ end_image: null, scene: null });
    expect(fields).toEqual({ model: 'kling-3.0/pro', duration: 5 });
    expect(scene).toBeNull();
  });

  it('lets an inherited duration yield to segments of the shot, and not to inherited ones', () => {
    const segments = [{ prompt: 'x' }];
    expect(shot({ segments }).fields.duration).toBeUndefined();
    expect(shot({ segments, duration: 9 }).fields.duration).toBe(9);
    const inherited = inherit({ raw: { id: 'a' }, defaults: { ...defaults, segments }, index: 0 });
    expect(inherited.fields.duration).toBe(5);
  });

  it('knows where each field is written', () => {
    const { origin } = shot({ prompt: 'x', end_image: null });
    expect(origin()).toEqual(['shots', 2]);
    expect(origin('prompt')).toEqual(['shots', 2, 'prompt']);
    expect(origin('end_image')).toEqual(['shots', 2, 'end_image']);
    expect(origin('model')).toEqual(['defaults', 'model']);
  });

  it('leaves out and names what is written wrongly, where the shot does not say it anew', () => {
    const { fields, unread } = shot(
      { prompt: 5, model: 'kling-3.0/4k' },
      { own: new Set(['prompt']), defaults: new Set(['model', 'duration']) },
    );
    expect(fields).toEqual({ model: 'kling-3.0/4k', end_image: 'end.png' });
    expect([...unread].sort()).toEqual(['duration', 'prompt']);
  });
});
