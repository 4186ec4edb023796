import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatCurl } from '../../src/commands/plan/plan-curl.js';
import type { Imported } from '../../src/import/imported.js';
import { hasRequests, readRequests } from '../../src/import/requests.js';
import { writeList } from '../../src/import/write-list.js';
import { builtIn, models } from '../../src/models/catalog.js';
import { Workspace } from '../language/workspace.js';

const workspace = new Workspace();

async function read(text: string, model?: string): Promise<Imported> {
  const result = await readRequests(text, { name: 'body.json', folder: workspace.folder, model });
  if (!result.ok) throw new Error(result.message);
  return result.imported;
}

/** The list of requests, as text. */
async function listOf(text: string): Promise<string> {
  return writeList(await read(text), {
    folder: workspace.folder,
    model: 'kling-3.0/standard',
    lengthsOf: () => [],
  });
}

/** A body with every field of a model, in values that are hard to write. */
function fullBody(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const values: Record<string, unknown> = {
    prompt: `@Element2 says: "It's $5 \`x\` \\ 100%", and $\{that}\nwrites to a@b.c @ home #1: yes\n\n  indented`,
    start_image: 'https://a.com/start.png?x=1&y=2',
    end_image: 'https://a.com/it’s end.png'.replace(' ', '%20'),
    segments: [
      { prompt: 'One: @Element1, slowly # and on', duration: 4 },
      { prompt: `Two ${'very '.repeat(30)}long`, duration: 3 },
    ],
    duration: 7,
    audio: false,
    elements: [
      { frontal_image_url: 'https://a.com/hero.png' },
      {
        frontal_image_url: 'https://b.com/hero.png',
        reference_image_urls: ['https://a.com/r.png'],
        video_url: 'https://a.com/v.mp4',
      },
    ],
    shot_type: 'customize',
    negative_prompt: 'blur, text: none',
    cfg_scale: 0.3,
  };
  return Object.fromEntries(Object.entries(fields).map(([field, name]) => [name, values[field]]));
}

describe('requests that become a list', () => {
  it.each(models.map(({ name, id, fields }) => [name, id, fields] as const))(
    'plan the same request again for %s, from a body and from the command of the plan',
    async (name, id, fields) => {
      const body = fullBody(fields as Record<string, string>);
      const planned = await workspace.plan(await listOf(JSON.stringify({ model: id, input: body })));
      const inputs = planned.map(({ input }) => input);
      // A model without elements is sent the words as they are.
      expect(inputs).toEqual([body]);
      expect(builtIn.find(planned[0]?.model ?? '')?.name).toBe(name);
      const list = { folder: workspace.folder, name: 'film' };
      const command = formatCurl({ list, submissions: planned } as never, {
        keyStates: new Map(),
        catalog: builtIn,
        base: 'https://model-api.runcomfy.net/v1',
      });
      const again = await workspace.plan(await listOf(command));
      expect(again.map(({ key }) => key)).toEqual(planned.map(({ key }) => key));
    },
  );

  it('plan the same request again with local images and a chain', async () => {
    const list = `version: 1
defaults: { model: kling-3.0/pro, duration: 5 }
elements: { hero: { frontal_image: boards/hero.png } }
shots:
  - { id: cliff, start_image: boards/cliff.png, elements: [hero], prompt: "@hero’s $HOME \`x\` \\\\" }
  - { id: beach, start_image: { last_frame_of: cliff }, end_image: boards/beach.png, prompt: B. }
`;
    const planned = await workspace.plan(list);
    const options = { keyStates: new Map(), catalog: builtIn, base: 'https://model-api.runcomfy.net/v1' };
    const command = formatCurl(
      { list: { folder: workspace.folder, name: 'film' }, submissions: planned } as never,
      options,
    );
    expect(command).not.toMatch(/base64,[A-Za-z0-9+/]/);
    const again = await workspace.plan(await listOf(command));
    expect(again.map(({ id, key }) => [id, key])).toEqual(planned.map(({ id, key }) => [id, key]));
  });

  it.each([
    ['kling-o1/standard', { image: 'https://a.com/a.png', prompt: 'A', last_image: 'https://a.com/b.png' }],
    ['kling-o1/standard', { image: 'https://a.com/a.png', prompt: 'A' }],
    ['kling-o3/pro', { image: 'https://a.com/a.png', prompt: 'A', sound: true }],
    ['kling-o3/pro', { image: 'https://a.com/a.png', prompt: 'A', duration: 12 }],
    ['kling-o3/pro', { image: 'https://a.com/a.png', prompt: 'A', mode: 'pro' }],
    ['kling-3.0/standard', { start_image_url: 'https://a.com/a.png', prompt: 'A' }],
    [
      'kling-3.0/pro',
      { start_image_url: 'https://a.com/a.png', prompt: 'A', end_image_url: 'https://a.com/b.png' },
    ],
    ['kling-3.0/pro', { image_url: 'https://a.com/a.png', prompt: 'A', model_name: 'kling-v3', mode: 'pro' }],
    [
      'kling-3.0/4k',
      { url: 'https://x.net/v1/models/kling/kling-3.0/4k/image-to-video', body: { image: 'a', prompt: 'A' } },
    ],
  ])('get %s by what the body says, the cheapest that fits: %j', async (model, body) => {
    expect((await read(JSON.stringify(body))).shots.map((shot) => shot.model)).toEqual([model]);
  });

  it.each([
    [
      'kling-3.0/pro',
      `runcomfy run kling/kling-3.0/pro/image-to-video \\\n  --input '{"image_url":"https://a.com/a.png","prompt":"A"}' --output-dir ./out`,
    ],
    [
      'kling-3.0/pro',
      `curl https://queue.fal.run/fal-ai/kling-video/v3/pro/image-to-video -d '{"image_url":"https://a.com/a.png","prompt":"A"}'`,
    ],
    [
      'fal-ai/kling-video/v2.6/pro/image-to-video',
      `curl https://fal.run/fal-ai/kling-video/v2.6/pro/image-to-video -d '{"prompt":"A"}'`,
    ],
    ['Kling 2.6', `{"model_name":"Kling 2.6","mode":"pro","prompt":"A","image":"https://a.com/a.png"}`],
  ])('get %s by the address or the name, and no other version: %s', async (model, text) => {
    expect((await read(text)).shots.map((shot) => shot.model)).toEqual([model]);
  });

  it('get the model of --model where the body says none', async () => {
    const body = JSON.stringify({ start_image_url: 'https://a.com/a.png', prompt: 'A' });
    expect((await read(body, 'kling-3.0/4k')).shots[0]?.model).toBe('kling-3.0/4k');
  });

  it('keep what no model has in the notes, say it, and keep no token', async () => {
    const { shots, notices } = await read(
      JSON.stringify({
        image_url: 'https://a.com/a.png',
        prompt: 'A',
        sound: 'on',
        length: '5s',
        seed: 7,
        api_key: 'SECRET',
        headers: { Authorization: 'Bearer SECRET' },
      }),
    );
    expect(shots[0]).toMatchObject({
      model: 'kling-o3/pro',
      sent: { start_image: 'https://a.com/a.png', prompt: 'A', audio: true, duration: 5 },
      notes: 'Not sent: seed: 7',
    });
    expect(notices.join('\n')).toContain(
      '`seed` is left out (it is in the notes): these models take no seed',
    );
    expect(JSON.stringify({ shots, notices })).not.toContain('SECRET');
  });

  it('are read from arrays, lines and pages, each different one once', async () => {
    const body = (prompt: string) => ({ prompt, image: 'https://a.com/a.png' });
    const several = [
      JSON.stringify([body('A'), body('B'), body('A')]),
      `${JSON.stringify(body('A'))}\n${JSON.stringify({ input: body('B') })}\n`,
      `Words.\ncurl https://x.net/v1/models/y --data '${JSON.stringify(body('A'))}'\ncurl https://x.net/v1/models/y -d '${JSON.stringify(body('B'))}'\n`,
    ];
    for (const text of several) {
      expect((await read(text)).shots.map(({ name, sent }) => [name, sent?.prompt])).toEqual([
        ['shot-1', 'A'],
        ['shot-2', 'B'],
      ]);
    }
  });

  it('write pictures in the body as files', async () => {
    const png = readFileSync(workspace.path('boards/cliff.png')).toString('base64');
    const uri = await read(JSON.stringify({ prompt: 'A', image: `data:image/png;base64,${png}` }));
    const bare = await read(JSON.stringify({ prompt: 'A', image: png }));
    expect(uri.files?.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^boards\/[0-9a-f]{12}\.png$/),
    ]);
    expect(bare.files).toEqual(uri.files);
  });

  it('lose a prompt that only repeats their segments, and keep the first name of a request that is there twice', async () => {
    const segments = [{ prompt: 'One' }, { prompt: 'Two' }];
    const body = { image: 'https://a.b/c.png', prompt: 'One\nTwo', multi_prompt: segments };
    const twice = JSON.stringify(['first', 'again'].map((name) => ({ name, input: body })));
    expect((await read(twice)).shots.map(({ name, sent }) => [name, sent?.prompt, sent?.segments])).toEqual([
      ['first', undefined, segments],
    ]);
    const other = JSON.stringify({ ...body, prompt: 'A boat' });
    expect((await read(other)).shots[0]?.sent?.prompt).toBe('A boat');
  });

  it.each([
    ['Shot,Prompt\n1,A boat\n', false],
    ['{"defaultBoardTiming": 2000, "boards": []}', false],
    ['{"prompt": "A', true],
    ['{"prompt": "A"}', true],
    ['> curl -d "{}" x', true],
  ])('are told from other texts: %j', (text, isOne) => {
    expect(hasRequests(text)).toBe(isOne);
  });
});
