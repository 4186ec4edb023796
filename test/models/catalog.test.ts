import { describe, expect, it } from 'vitest';
import {
  durations,
  findModel,
  type Model,
  models,
  type NeutralField,
  properties,
  validateInput,
} from '../../src/models/catalog.js';

function model(name: string): Model {
  const found = findModel(name);
  if (!found) throw new Error(`no model ${name}`);
  return found;
}

/** Fields of a model that have no neutral name. */
const OWN: Readonly<Record<string, readonly string[]>> = {};

describe('the catalog', () => {
  it('has the five models, by short name and by full id', () => {
    expect(models.map(({ name, id }) => [name, id])).toEqual([
      ['kling-3.0/4k', 'kling/kling-3.0/4k/image-to-video'],
      ['kling-3.0/pro', 'kling/kling-3.0/pro/image-to-video'],
      ['kling-3.0/standard', 'kling/kling-3.0/standard/image-to-video'],
      ['kling-o1/standard', 'kling/kling-video-o1/standard/image-to-video'],
      ['kling-o3/pro', 'kling/kling-video-o3/pro/image-to-video'],
    ]);
    for (const each of models) {
      expect(findModel(each.name)).toBe(each);
      expect(findModel(each.id)).toBe(each);
    }
  });

  it('finds no model under the name of an object’s property', () => {
    for (const name of ['', 'constructor', '__proto__', 'toString', 'kling'])
      expect(findModel(name)).toBeUndefined();
  });

  it.each(models)('$name has a neutral name for all it takes, and takes all it has a name for', (each) => {
    const named = Object.values(each.fields);
    const taken = Object.keys(properties(each));
    expect(taken.filter((name) => !named.includes(name))).toEqual(OWN[each.name] ?? []);
    expect(named.filter((name) => !taken.includes(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });

  it.each(models)('$name names what is in an element', (each) => {
    const element = properties(each).elements?.items as { properties: object } | undefined;
    expect(Object.values(each.element ?? {})).toEqual(Object.keys(element?.properties ?? {}));
  });

  it.each(models)('$name requires a prompt and a start image, and nothing else', (each) => {
    const required: readonly NeutralField[] = ['prompt', 'start_image'];
    expect([...(each.input.required as string[])].sort()).toEqual(
      required.map((name) => each.fields[name]).sort(),
    );
  });

  it.each(models)('$name has a price with its date and source, or none of them', ({ price }) => {
    const known = price.silent !== null;
    expect(price.audio !== null).toBe(known);
    expect(price.date !== null).toBe(known);
    expect(price.source !== null).toBe(known);
    if (price.date) expect(price.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
});

describe('durations', () => {
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  it.each([
    ['kling-3.0/standard', range(3, 15), range(3, 15)],
    ['kling-3.0/pro', range(3, 15), range(3, 15)],
    ['kling-3.0/4k', range(3, 15), range(3, 15)],
    ['kling-o3/pro', range(3, 15), range(3, 15)],
    ['kling-o1/standard', [5, 10], range(3, 10)],
  ])('%s', (name, without, withEnd) => {
    expect(durations(model(name), false)).toEqual(without);
    expect(durations(model(name), true)).toEqual(withEnd);
  });
});

describe('validateInput', () => {
  const body = { prompt: 'x', start_image_url: 'https://example.com/a.png' };

  it('accepts the input that the model’s document shows', () => {
    expect(validateInput(model('kling-3.0/standard'), body)).toEqual([]);
  });

  it.each<[what: string, wrong: Record<string, unknown>, path: unknown[], rule: string]>([
    ['a field it does not have', { end_image_url: 'x' }, ['end_image_url'], 'additionalProperties'],
    ['a number for text', { prompt: 5 }, ['prompt'], 'type'],
    ['a broken duration', { duration: 5.5 }, ['duration'], 'type'],
    ['a short duration', { duration: 2 }, ['duration'], 'minimum'],
    ['a long one', { duration: 16 }, ['duration'], 'maximum'],
    ['much guidance', { cfg_scale: 1.01 }, ['cfg_scale'], 'maximum'],
    ['a shot type it does not have', { shot_type: 'intelligent' }, ['shot_type'], 'enum'],
    ['21 segments', { multi_prompt: Array(21).fill({ prompt: 'x' }) }, ['multi_prompt'], 'maxItems'],
    [
      'a segment of 2 s',
      { multi_prompt: [{ prompt: 'x', duration: 2 }] },
      ['multi_prompt', 0, 'duration'],
      'minimum',
    ],
    [
      'a field in a segment',
      { multi_prompt: [{ text: 'x' }] },
      ['multi_prompt', 0, 'text'],
      'additionalProperties',
    ],
    ['four elements', { elements: [{}, {}, {}, {}] }, ['elements'], 'maxItems'],
    [
      'an image for images',
      { elements: [{ reference_image_urls: 'x' }] },
      ['elements', 0, 'reference_image_urls'],
      'type',
    ],
  ])('refuses an input with %s and points at its place', (_, wrong, path, rule) => {
    const problems = validateInput(model('kling-3.0/standard'), { ...body, ...wrong } as never);
    expect(problems).toMatchObject([{ path, rule }]);
  });

  it('reports the missing field of an input', () => {
    expect(validateInput(model('kling-o1/standard'), {})).toMatchObject([
      { about: 'missing', key: 'prompt', path: [] },
      { about: 'missing', key: 'image', path: [] },
    ]);
  });
});
