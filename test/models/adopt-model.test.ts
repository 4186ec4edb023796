import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Json } from '../../src/base/json.js';
import {
  builtIn,
  durations,
  findModel,
  type Model,
  models,
  type Price,
  secondsOf,
  validateInput,
} from '../../src/models/catalog.js';
import { adoptModel, type LiveModel, livePrice, shortName } from '../../src/models/live-model.js';
import { toNativeInput } from '../../src/models/native-input.js';
import { prepareModel, readCatalog } from '../../src/models/read-catalog.js';

const WAN: LiveModel = {
  modelId: 'wan-ai/wan-2.6/image-to-video',
  displayName: 'Wan 2.6',
  basePriceUsd: 0.1,
  priceUnit: 'second',
  pricingNote: '0.15 at 1080p',
  inputSchema: {
    properties: {
      image_url: { type: 'str' },
      prompt: { type: 'string', default: 'A sample.' },
      duration: { type: 'string', enum: ['5', '10'], default: '5' },
      resolution: { type: 'string', enum: ['720p', '1080p'], default: '720p' },
      audio: { type: 'string', description: 'URL of a sound to follow.' },
      seed: { type: 'int' },
    },
    required: ['image_url', 'prompt'],
  } as Json,
};

const OPTIONS = { date: '2026-11-20', isTaken: (name: string) => builtIn.find(name) !== undefined };

function adopted(live: LiveModel = WAN, before?: Model): Model {
  const model = adoptModel(live, { ...OPTIONS, ...(before && { before }) });
  if (!model) throw new Error('it was not adopted');
  return model;
}

describe('a model of the live catalog', () => {
  it('maps the known fields of an adopted model to neutral names and leaves the rest to `input`', () => {
    const model = adopted();
    expect(model).toMatchObject({ id: WAN.modelId, name: 'wan-2.6', title: 'Wan 2.6' });
    expect(model.fields).toEqual({ prompt: 'prompt', start_image: 'image_url', duration: 'duration' });
    expect(model.price).toEqual({
      silent: 0.1,
      audio: null,
      date: '2026-11-20',
      source: "RunComfy's live catalog",
    });
  });

  it('sends a duration as text when the adopted model takes text', async () => {
    const model = (await prepareModel(adopted())) as Model;
    expect(durations(model, false)).toEqual([5, 10]);
    const input = toNativeInput(model, {
      neutral: { prompt: 'She turns', start_image: 'https://a.example/a.png', duration: 10 },
      own: { seed: 7, resolution: '1080p' },
    });
    expect(input).toEqual({
      image_url: 'https://a.example/a.png',
      prompt: 'She turns',
      duration: '10',
      resolution: '1080p',
      seed: 7,
    });
    expect(validateInput(model, input as Json)).toEqual([]);
    expect(validateInput(model, { ...input, seed: 'x', resolution: '4k' } as Json)).toHaveLength(2);
    expect([secondsOf(model, input), secondsOf(model, {})]).toEqual([10, 5]);
  });

  it('writes the length of the videos into the file of an adopted model when nothing else gives one', () => {
    const inputSchema = { properties: { prompt: { type: 'string' } } };
    expect(adopted({ ...WAN, inputSchema }).seconds).toBe(5);
    expect(adopted().seconds).toBeUndefined();
  });

  it('keeps the name and corrected values of a model that is adopted again', () => {
    const before = { ...adopted(), name: 'wan', seconds: 8, usual_render_seconds: 42 };
    expect(adopted(WAN, before)).toMatchObject({ name: 'wan', seconds: 8, usual_render_seconds: 42 });
  });

  it('does not adopt a model without fields', () => {
    expect(adoptModel({ ...WAN, inputSchema: null }, OPTIONS)).toBeNull();
  });

  it.each([
    ['kling/kling-2.6/pro/image-to-video', 'kling-2.6/pro'],
    ['wan-2.6/image-to-video', 'wan-2.6'],
    ['minimax/hailuo-02/standard', 'hailuo-02/standard'],
    ['single', 'single'],
  ])('shortens the model id %s to %s', (id, name) => expect(shortName(id)).toBe(name));

  it('names an adopted model by its full id when its short name is taken', () => {
    expect(adopted({ ...WAN, modelId: 'other/kling-3.0/pro/image-to-video' }).name).toBe(
      'other/kling-3.0/pro/image-to-video',
    );
  });
});

describe('a live price', () => {
  const known = findModel('kling-3.0/pro')?.price as Price;
  const o3 = findModel('kling-o3/pro')?.price as Price;
  const asked = { pricingNote: null, date: '2026-11-20' };
  const price = (base: number | null, unit: string | null, before?: Price) =>
    livePrice(
      { basePriceUsd: base, priceUnit: unit, pricingNote: null },
      { date: asked.date, ...(before && { known: before }) },
    );

  it('keeps the share that sound adds in a price of the catalog', () => {
    expect(price(0.224, 'second', known)).toMatchObject({ silent: 0.224, audio: 0.336, date: '2026-11-20' });
    expect(price(0.1, 'second', o3)).toMatchObject({ silent: 0.1, audio: 0.125, audio_surcharge: 0.25 });
    expect(price(0.1, 'second')).toMatchObject({ silent: 0.1, audio: null });
  });

  it('reads a price per video from the catalog', () => {
    expect(price(0.9, 'output', known)).toMatchObject({ silent: null, audio: null, per_video: 0.9 });
  });

  it('reads no price from the catalog without an amount or with an unknown unit', () => {
    expect(price(null, 'second')).toBeNull();
    expect(price(1, 'megapixel')).toBeNull();
    expect(price(1, null)).toBeNull();
  });
});

describe('models beside a list', () => {
  it('finds a model beside the list by name and by id, together with the models of Shotlist', async () => {
    const folder = await folderWith({ 'wan-2.6.json': adopted() });
    const { catalog, problems } = await readCatalog(folder);
    expect(problems).toEqual([]);
    expect(catalog.models).toHaveLength(models.length + 1);
    expect(catalog.find('wan-2.6')).toBe(catalog.find(WAN.modelId));
    const model = catalog.find('wan-2.6') as Model;
    expect(validateInput(model, { prompt: 'a' })[0]?.message).toBe('there is no `image_url`');
  });

  it('uses only the models of Shotlist when there is no models folder', async () => {
    expect((await readCatalog(await folderWith({}))).catalog).toBe(builtIn);
  });

  it.each([
    ['{', 'the file is not JSON'],
    [{}, 'this is no model file: there is no `id`'],
    [{ ...adopted(), colour: 1 }, 'this is no model file: unknown field `colour`'],
    [{ ...adopted(), fields: { prompt: 'text' } }, '`fields` names `text`, which its `input` does not have'],
    [
      findModel('kling-3.0/pro'),
      '`kling/kling-3.0/pro/image-to-video` is already the model kling/kling-3.0/pro/image-to-video',
    ],
    [
      { ...adopted(), name: 'kling-3.0/pro' },
      '`kling-3.0/pro` is already the model kling/kling-3.0/pro/image-to-video',
    ],
    [
      {
        ...adopted(),
        input: { type: 'object', properties: { prompt: { type: 'wrong' }, image_url: {}, duration: {} } },
      },
      /^its `input` is no JSON Schema that can be used: /,
    ],
    [
      {
        ...adopted(),
        input: { ...adopted().input, properties: { prompt: { type: 'string', pattern: '(a+)+$' } } },
        fields: { prompt: 'prompt' },
      },
      'its `input` is no JSON Schema that can be used: strict mode: unknown keyword: "pattern"',
    ],
    [
      { ...adopted(), input: { type: 'object', $async: true, properties: { a: {} } } },
      'this is no model file: `$async` must be false, is true',
    ],
  ])('leaves an unusable model file out of the catalog and explains why (%#)', async (content, message) => {
    const { catalog, problems } = await readCatalog(await folderWith({ 'x.json': content }));
    expect(catalog.models).toHaveLength(models.length);
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(problems).toEqual([{ file: 'x.json', message: expected }]);
  });
});

it.runIf(process.platform !== 'win32')(
  'reads no model file that is a device or outside the tree',
  async () => {
    const folder = await folderWith({ 'x.txt': '' });
    await symlink('/dev/zero', join(folder, 'models/endless.json'));
    await symlink('/etc/hostname', join(folder, 'models/outside.json'));
    await symlink('../none.json', join(folder, 'models/dangling.json'));
    expect((await readCatalog(folder)).problems).toEqual([
      { file: 'dangling.json', message: 'the file cannot be read (ENOENT)' },
      { file: 'endless.json', message: 'it is no regular file' },
      { file: 'outside.json', message: 'it leads out of the shot list’s tree' },
    ]);
  },
);

it.runIf(process.platform !== 'win32')(
  'reports a models folder that cannot be read and goes on with the models of Shotlist',
  async () => {
    const folder = await folderWith({});
    await symlink('models', join(folder, 'models'));
    const { catalog, problems } = await readCatalog(folder);
    expect(catalog).toBe(builtIn);
    expect(problems).toEqual([{ file: '', message: 'the folder cannot be read (ELOOP)' }]);
  },
);

/** A folder whose `models` holds these files. */
async function folderWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-models-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, 'models'), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, 'models', name), text);
  }
  return folder;
}
