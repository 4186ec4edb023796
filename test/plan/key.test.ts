import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { contentKey } from '../../src/plan/plan-shot.js';
import { Workspace } from '../language/workspace.js';

const workspace = new Workspace();

describe('contentKey', () => {
  const model = 'kling/kling-3.0/pro/image-to-video';
  const sha256 = 'ab'.repeat(32);

  it('hashes the canonical JSON of model and input, with files by their hashes', () => {
    const input = {
      prompt: 'é\n',
      start_image_url: { $file: 'a.png', sha256, type: 'image/png' },
      cfg_scale: 0.5,
    };
    const json = `{"input":{"cfg_scale":0.5,"prompt":"é\\n","start_image_url":{"sha256":"${sha256}"}},"model":"${model}"}`;
    expect(contentKey({ model, input })).toBe(createHash('sha256').update(json).digest('hex'));
  });

  it('includes the take in the key from the second take on', () => {
    const first = contentKey({ model, input: {} });
    expect(contentKey({ model, input: {}, take: 1 })).toBe(first);
    expect(contentKey({ model, input: {}, take: 2 })).not.toBe(first);
  });

  it('includes only the bytes of a file in the key', () => {
    const key = (file: string, type: string) =>
      contentKey({ model, input: { image: { $file: file, sha256, type } } });
    expect(key('a.png', 'image/png')).toBe(key('b/c.png', 'image/jpeg'));
  });

  it('includes a URL as its text, and a versioned URL as its address and version', () => {
    const plain = (url: string) => contentKey({ model, input: { image: url } });
    const versioned = ($url: string, version: string) =>
      contentKey({ model, input: { image: { $url, version } } });
    expect(plain('https://a/b?s=1')).not.toBe(plain('https://a/b?s=2'));
    expect(versioned('https://a/b?s=1', '3')).toBe(versioned('https://a/b?s=2#x', '3'));
    expect(versioned('https://a/b', '3')).not.toBe(versioned('https://a/b', '4'));
    expect(versioned('https://a/b', '3')).not.toBe(versioned('https://a/c', '3'));
  });
});

/** A shot as parsed YAML. */
type Raw = Record<string, unknown>;

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((value) => /^[^@$]*\S[^@$]*$/.test(value));
const shot: fc.Arbitrary<Raw> = fc
  .record(
    {
      prompt: text,
      start_image: fc.constantFrom('boards/cliff.png', 'boards/beach.png', 'https://example.com/board.png'),
      end_image: fc.constantFrom('boards/beach.png', 'boards/cliff.png'),
      duration: fc.integer({ min: 3, max: 15 }),
      audio: fc.boolean(),
      negative_prompt: text,
      cfg_scale: fc.integer({ min: 0, max: 10 }).map((value) => value / 10),
      elements: fc.constantFrom(['hero'], ['boat'], ['hero', 'boat'], ['boat', 'hero']),
    },
    { requiredKeys: ['prompt', 'start_image'] },
  )
  .map((fields) => ({ model: 'kling-3.0/pro', ...fields }));

function list(shots: readonly Raw[], top: Raw = {}): Raw {
  const elements = {
    hero: { frontal_image: 'boards/hero.png' },
    boat: { frontal_image: 'boards/cliff.png' },
  };
  return {
    version: 1,
    elements,
    ...top,
    shots: shots.map((each, index) => ({ id: `shot-${index}`, ...each })),
  };
}

async function keys(content: Raw | string): Promise<readonly string[]> {
  const plan = await workspace.plan(typeof content === 'string' ? content : stringify(content));
  return plan.map(({ key }) => key);
}

describe('the keys of a list', () => {
  const shots = fc.array(shot, { minLength: 1, maxLength: 4 });
  const runs = { numRuns: 40 };

  it('keeps the keys of shots that change places', async () => {
    await fc.assert(
      fc.asyncProperty(shots, async (some) => {
        expect(await keys(list(some.toReversed()))).toEqual((await keys(list(some))).toReversed());
      }),
      runs,
    );
  });

  it('keeps keys when ids, scenes, titles, notes and unread fields change', async () => {
    await fc.assert(
      fc.asyncProperty(shots, text, async (some, note) => {
        const told = some.map((each, index) => ({
          ...each,
          id: `other-${index}`,
          scene: '020',
          notes: note,
        }));
        expect(await keys(list(told, { title: note, 'x-note': note }))).toEqual(await keys(list(some)));
      }),
      runs,
    );
  });

  it('keeps keys when the list is written in another way', async () => {
    await fc.assert(
      fc.asyncProperty(shots, async (some) => {
        const expected = await keys(list(some));
        const yaml = stringify(list(some));
        const reversed = some.map((each) => Object.fromEntries(Object.entries(each).reverse()));
        expect(await keys(JSON.stringify(list(some)))).toEqual(expected);
        expect(await keys(list(reversed))).toEqual(expected);
        expect(await keys(`# A comment\n${yaml.replaceAll('\n', '\r\n')}# Another\r\n`)).toEqual(expected);
        const folded = stringify(list(some), { indent: 4, lineWidth: 20 });
        // `yaml` may fold a quoted text within a character beyond U+FFFF; UTF-8 cannot hold the halves.
        const isText = Buffer.from(folded).toString() === folded;
        if (isText) expect(await keys(folded)).toEqual(expected);
        expect(parse(yaml)).toEqual(list(some));
      }),
      runs,
    );
  });

  it('gives written and inherited values the same key', async () => {
    await fc.assert(
      fc.asyncProperty(shot, async (one) => {
        const inherited = { version: 1, elements: list([]).elements, defaults: one, shots: [{ id: 'a' }] };
        expect(await keys(inherited)).toEqual(await keys(list([one])));
      }),
      runs,
    );
  });

  it('changes the key with everything that reaches the service', async () => {
    const changes: readonly Raw[] = [
      { prompt: 'another' },
      { start_image: 'boards/upright.png' },
      { end_image: 'boards/upright.png' },
      { negative_prompt: 'another' },
      { cfg_scale: 0.05 },
      { model: 'kling-3.0/4k' },
      { shot_type: 'customize' },
      { segments: [{ prompt: 'another', duration: 7 }], duration: 7 },
    ];
    await fc.assert(
      fc.asyncProperty(shot, fc.constantFrom(...changes), async (one, change) => {
        expect(await keys(list([{ ...one, ...change }]))).not.toEqual(await keys(list([one])));
      }),
      runs,
    );
  });

  it.each<[what: string, one: Raw, other: Raw]>([
    ['a duration', { duration: 5 }, { duration: 6 }],
    ['a duration that is the default', { duration: 10 }, {}],
    ['sound', { audio: true }, { audio: false }],
    ['sound that is the default', { audio: true }, {}],
    ['the order of elements', { elements: ['hero', 'boat'] }, { elements: ['boat', 'hero'] }],
    ['an empty text', { negative_prompt: '' }, {}],
  ])('changes the key with %s', async (_, one, other) => {
    const board = { model: 'kling-3.0/pro', prompt: 'x', start_image: 'boards/cliff.png' };
    expect(await keys(list([{ ...board, ...one }]))).not.toEqual(await keys(list([{ ...board, ...other }])));
  });

  it("changes the key with an image's bytes and not with its name", async () => {
    const board = { model: 'kling-3.0/pro', prompt: 'x', start_image: 'boards/cliff.png' };
    const before = await keys(list([board]));
    workspace.write('boards/same.png', readFileSync(workspace.path('boards/cliff.png')));
    expect(await keys(list([{ ...board, start_image: 'boards/same.png' }]))).toEqual(before);
    workspace.write('boards/same.png', readFileSync(workspace.path('boards/beach.png')));
    expect(await keys(list([{ ...board, start_image: 'boards/same.png' }]))).not.toEqual(before);
  });

  it('names the first submission that has the same key as a later one', async () => {
    const board = { model: 'kling-3.0/pro', prompt: 'x', start_image: 'boards/cliff.png' };
    const plan = await workspace.plan(stringify(list([board, { ...board, prompt: 'y' }, board, board])));
    expect(plan.map(({ same_as }) => same_as)).toEqual([null, null, 'shot-0', 'shot-0']);
  });
});
