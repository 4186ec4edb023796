import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../src/base/json.js';
import type { Console } from '../../src/commands/console.js';
import { checkList } from '../../src/commands/plan/check-list.js';
import { readLivePrices } from '../../src/commands/plan/live-prices.js';
import { addModel } from '../../src/commands/service/add-model.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import { readCatalog } from '../../src/models/read-catalog.js';
import { reply, startRawServer } from '../rig/raw-server.js';

const STORM = 'acme/storm-2/image-to-video';
const PRO = 'kling/kling-3.0/pro/image-to-video';

/** Two models as the service prints them, with its own odd schema types. */
const CATALOG: Readonly<Record<string, JsonObject>> = {
  [STORM]: {
    model_id: STORM,
    display_name: 'Storm 2',
    base_price_usd: 0.4,
    price_unit: 'output',
    pricing_note: '0.40 USD per video',
    input_schema: {
      required: ['prompt', 'image'],
      properties: {
        prompt: { type: 'str', default: 'A sample.' },
        image: { type: 'string', format: 'image_uri' },
        duration: { type: 'string', enum: ['5', '10'], default: '5' },
        seed: { type: 'int', minimum: 0, maximum: 99 },
      },
    },
  },
  [PRO]: { model_id: PRO, base_price_usd: 0.2, price_unit: 'second', pricing_note: '50 % more with audio' },
};

const FILM = `version: 1
shots:
  - { id: storm, model: storm-2, prompt: It rains, start_image: https://b.example/a.png, duration: 10, input: { seed: 7 } }
  - { id: pro, model: kling-3.0/pro, prompt: It rains, start_image: https://b.example/a.png, duration: 5 }
  - { id: o1, model: kling-o1/standard, prompt: It rains, start_image: https://b.example/a.png }
`;

describe('shotlist models add', () => {
  it('writes the model beside the list, which can then be planned and rendered locally', async () => {
    const { folder, list, console, output } = await desk();
    expect((await checkList(list)).ok).toBe(false);
    expect(await addModel(STORM, { list }, console)).toBe(0);
    expect(output()).toContain('storm-2.json. Commit it with the list, which names the model storm-2.');
    expect(output()).toMatch(/input\.seed +seed +0 to 99/);
    const checked = await checkList(list);
    if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics));
    const [storm] = checked.value.submissions;
    expect(storm?.input).toEqual({
      prompt: 'It rains',
      image: 'https://b.example/a.png',
      duration: '10',
      seed: 7,
    });
    expect([storm?.model, storm?.seconds, storm?.cost.usd]).toEqual([STORM, 10, 0.4]);
    expect(await submitted(folder, storm?.input as JsonObject)).toBe(200);
    expect(await submitted(folder, { ...(storm?.input as JsonObject), seed: 'x' })).toBe(422);
  });

  it('reports a wrong `input` of the added model at its line', async () => {
    const { list, console } = await desk(FILM.replace('seed: 7', 'seed: 700, sede: 1'));
    await addModel(STORM, { list }, console);
    expect(
      (await checkList(list)).diagnostics.map(({ code, line, message }) => [code, line, message]),
    ).toEqual([
      ['SL302', 3, 'storm-2: `seed` must be at most 99, is 700'],
      ['SL102', 3, 'storm-2 has no input `sede`'],
    ]);
  });

  it('keeps what people wrote into the file of a model when the model is added again', async () => {
    const { folder, list, console, output } = await desk();
    await addModel(STORM, { list }, console);
    const path = join(folder, 'models', 'storm-2.json');
    const model = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...model, usual_render_seconds: 42 }));
    expect(await addModel(STORM, { list }, console)).toBe(0);
    expect(output()).toContain('Updated ');
    expect(JSON.parse(await readFile(path, 'utf8')).usual_render_seconds).toBe(42);
  });

  it.each([
    ['kling-3.0/pro', 64, 'kling-3.0/pro comes with Shotlist; there is nothing to add'],
    ['acme/storm', 64, `RunComfy has no model acme/storm\nhint: the catalog has ${STORM}`],
    ['../storm', 64, '"../storm" cannot be the id of a model'],
  ])('writes nothing and names the reason when %s cannot be added', async (id, exit, words) => {
    const { folder, list, console, output } = await desk();
    expect(await addModel(id, { list }, console)).toBe(exit);
    expect(output()).toContain(`shotlist: ${words}`);
    expect(await readdir(folder)).toEqual(['film.yaml']);
  });

  it('ends with exit 77 if the service refuses the token', async () => {
    const { list, console } = await desk(FILM, { RUNCOMFY_API_TOKEN: 'another-token' });
    expect(await addModel(STORM, { list }, console)).toBe(77);
  });
});

describe('--live-prices', () => {
  it('prices the plan by today’s catalog, and warns of models that it does not know', async () => {
    const { list, console, plan } = await planned();
    const checked = await plan();
    const env = console.env;
    const priced = await readLivePrices(checked.value, {
      catalog: checked.catalog,
      env,
      today: '2026-11-20',
    });
    const costs = priced.plan.submissions.map(({ id, cost }) => [id, cost]);
    expect(Object.fromEntries(costs)).toEqual({
      storm: { usd: 0.4, rate: null, date: '2026-11-20', live: true },
      // With sound, by the service's default: half as much again, as in the model's file.
      pro: { usd: 1.5, rate: 0.3, date: '2026-11-20', live: true },
      o1: { usd: null, rate: null, date: null },
    });
    const audio = priced.plan.submissions[1]?.defaults.find(({ field }) => field === 'audio');
    expect(audio?.usd).toBe(0.5);
    expect(priced.warnings).toEqual([expect.stringMatching(/does not know the model kling\/kling-video-o1/)]);
    expect(priced.notes).toContainEqual({ model: PRO, note: '50 % more with audio' });
    expect(list).toContain('film.yaml');
  });

  it('keeps the known prices without a token, and says so', async () => {
    const { plan } = await planned();
    const { value, catalog } = await plan();
    const env = { HOME: '/nowhere', USERPROFILE: '/nowhere' };
    const priced = await readLivePrices(value, { catalog, env, today: '2026-11-20' });
    expect(priced.plan).toEqual(value);
    expect(priced.warnings).toEqual([
      'no RunComfy token was found. Run `shotlist login`, or set RUNCOMFY_API_TOKEN',
    ]);
  });

  it('lets nothing be submitted with a token that the catalog refuses', async () => {
    const { plan, console } = await planned();
    const { value, catalog } = await plan();
    const env = { ...console.env, RUNCOMFY_API_TOKEN: 'other-token-1' };
    const priced = await readLivePrices(value, { catalog, env, today: '2026-11-20' });
    expect(priced.refusal?.exit).toBe(77);
    expect(priced.refusal?.message).toMatch(
      /did not accept the token \(401\): no\..*Nothing was submitted\.$/,
    );
  });
});

/** A list whose first model is added, ready to plan. */
async function planned() {
  const made = await desk();
  await addModel(STORM, { list: made.list }, made.console);
  const plan = async () => {
    const checked = await checkList(made.list);
    if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics));
    return checked;
  };
  return { ...made, plan };
}

/** A list in its own folder, a service with a catalog, and a console that keeps its output. */
async function desk(film = FILM, env: NodeJS.ProcessEnv = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-add-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const list = join(folder, 'film.yaml');
  await writeFile(list, film);
  const server = await startRawServer(({ path, headers }, socket) => {
    if (headers.authorization !== 'Bearer good-token-1') return reply(socket, 401, { message: 'no' });
    const url = new URL(path, 'http://localhost');
    const found = CATALOG[url.pathname.replace('/v1/models/', '')];
    const search = url.searchParams.get('search');
    const matching = Object.values(CATALOG).filter(({ model_id }) =>
      String(model_id).includes(search ?? '\n'),
    );
    if (search !== null) return reply(socket, 200, { models: matching, total: matching.length });
    return found ? reply(socket, 200, found) : reply(socket, 404, { message: 'no such model' });
  });
  onTestFinished(() => server.close());
  let text = '';
  const write = (more: string) => {
    text += more;
    return true;
  };
  const stream = { isTTY: false, write };
  const console = {
    stdin: process.stdin,
    stdout: stream,
    stderr: stream,
    env: { RUNCOMFY_MODEL_API_BASE: `${server.origin}/v1`, RUNCOMFY_API_TOKEN: 'good-token-1', ...env },
  } as unknown as Console;
  return { folder, list, console, output: () => text };
}

/** HTTP status of the emulator, which knows the models beside the list, for an input of the added model. */
async function submitted(folder: string, input: JsonObject): Promise<number> {
  const { catalog } = await readCatalog(folder);
  const render = async () => ({ ok: true }) as const;
  const start = await startEmulator({ folder: join(folder, 'emulator'), catalog, deps: { render } });
  if (!start.ok) throw new Error(start.message);
  try {
    const headers = { authorization: 'Bearer any', 'content-type': 'application/json' };
    const body = JSON.stringify(input);
    return (await fetch(`${start.emulator.base}/models/${STORM}`, { method: 'POST', headers, body })).status;
  } finally {
    await start.emulator.close();
  }
}
