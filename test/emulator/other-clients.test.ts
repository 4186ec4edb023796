import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.js';
import { documents } from '../../src/generated/documents.js';
import { models } from '../../src/models/catalog.js';
import { startRig, until } from './rig.js';

const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==';

/** Headers of RunComfy's ComfyUI partner nodes. */
const NODE = { accept: 'application/json', 'cache-control': 'no-cache', pragma: 'no-cache' };

/** Formats of media in the service's schemas. */
const MEDIA = ['image_uri', 'image_uris', 'video_uri', 'video_uris', 'audio_uri', 'audio_uris'];

type Field = JsonObject & { readonly type: string; readonly format?: string };

/**
 * Input fields that the partner nodes show for an entry of the catalog. Their catalog script throws where this throws: at another
 * kind, category or unit, at a type that it does not know, and at a required field of parts.
 */
function nodeFields(entry: JsonObject): Record<string, Field> {
  expect(entry).toMatchObject({ kind: 'model', price_unit: 'second' });
  expect((entry.categories as string[]).every((category) => category.endsWith('video'))).toBe(true);
  const { properties, required } = entry.input_schema as {
    properties: Record<string, Field>;
    required: string[];
  };
  const shown = Object.entries(properties).filter(([name, { type, format = '' }]) => {
    if (MEDIA.includes(format) || !['array', 'object'].includes(type)) return true;
    expect(required).not.toContain(name);
    return false;
  });
  for (const [, { type }] of shown)
    expect(['string', 'integer', 'number', 'float', 'boolean']).toContain(type);
  return Object.fromEntries(shown);
}

/** Input as the nodes send it: every shown field that is no picture, with its default, and the start image as a PNG. */
function nodeInput(fields: Record<string, Field>): JsonObject {
  const isImage = (name: string) => /image/.test(name);
  const start = Object.keys(fields).find((name) => /^(start_)?image/.test(name)) as string;
  const scalars = Object.entries(fields).filter(([name]) => !isImage(name));
  const values = scalars.map(([name, field]) => [name, name === 'prompt' ? 'Waves' : (field.default ?? '')]);
  return { ...Object.fromEntries(values), [start]: PNG };
}

it.each(models.map(({ id }) => id))(
  'RunComfy’s own clients read, price, submit and fetch %s, and read its cost and the balance',
  async (id) => {
    const { get, post, renders } = await startRig({ charge: true, balance: 20 });
    const page = (await get('/v1/models?include_schema=true', NODE)).body as { models: JsonObject[] };
    const listed = page.models.find(({ model_id }) => model_id === id) as JsonObject;
    const entry = (await get(`/v1/models/${id}`, NODE)).body as JsonObject;
    expect(entry).toEqual(listed);
    expect(entry.input_schema).toEqual(documents[id]);
    const fields = nodeFields(entry);
    const input = nodeInput(fields);
    const rate = entry.base_price_usd as number;
    expect(rate).toBeGreaterThan(0);

    const { request_id } = (await post(`/v1/models/${id}`, input)).body;
    expect(request_id).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
    // The cost leaves the balance with the submission.
    const after = (await get('/prod/v2/balance')).body.balance_usd as number;
    expect(after).toBeLessThanOrEqual(20 - rate * Number(input.duration));
    const result = async () => (await get(`/v1/requests/${request_id}/result?include_cost=true`, NODE)).body;
    expect(await result()).toMatchObject({ model_id: id, status: expect.stringMatching(/^in_/) });
    await until(() => renders.length === 1);
    renders[0]?.finish();
    // RunComfy's MCP server asks for the status, and then for the result.
    await until(async () => (await get(`/v1/requests/${request_id}/status`)).body.status === 'completed');
    const { output, cost } = (await result()) as { output: { video: string }; cost: number };
    expect(cost).toBeCloseTo(20 - after);
    const clip = await fetch(output.video, { redirect: 'error' });
    expect(clip.headers.get('content-type')).toMatch(/^video\//);
  },
);
