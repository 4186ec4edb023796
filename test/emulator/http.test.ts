import { readdir } from 'node:fs/promises';
import { request as rawRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.js';
import { input, O1, type Rig, STANDARD, startRig, until } from './rig.js';

describe('what is refused', () => {
  it.each<[string, string, Json, number, string]>([
    ['an unknown model', 'nobody/nothing', {}, 400, 'There is no model "nobody/nothing".'],
    ['a short model name', 'kling-3.0/standard', input(), 400, 'There is no model "kling-3.0/standard".'],
    ['a list', STANDARD, [], 422, 'the body must be a JSON object'],
    [
      'segments that do not add up',
      STANDARD,
      { ...input(), duration: 9, multi_prompt: [{ prompt: 'a' }, { prompt: 'b', duration: 3 }] },
      422,
      'multi_prompt: the segments last 5 + 3 = 8 s, the video 9 s; they must be equal',
    ],
    [
      'segments that do not add up to the default duration',
      STANDARD,
      {
        prompt: 'x',
        start_image_url: 'https://b.example/a.png',
        multi_prompt: [{ prompt: 'a', duration: 4 }],
      },
      422,
      'multi_prompt: the segments last 4 s, the video 10 s; they must be equal',
    ],
    [
      'a prompt of blanks, a segment without one and an element without media',
      STANDARD,
      {
        ...input(' \n'),
        duration: 6,
        multi_prompt: [{ prompt: 'a', duration: 3 }, { duration: 3 }],
        elements: [{}],
      },
      422,
      'prompt: the prompt is empty (and 2 more)',
    ],
    [
      'a link that no service can fetch',
      STANDARD,
      { ...input(), start_image_url: 'https://boards.local/a.png' },
      422,
      'start_image_url: the service cannot reach boards.local',
    ],
    [
      'a path in place of a link',
      O1,
      { prompt: 'x', image: 'boards/a.png' },
      422,
      'image: it is neither an https URL nor a data URI',
    ],
    [
      'a video that is none',
      STANDARD,
      { ...input(), elements: [{ video_url: 'data:video/mp4;base64,AAAA' }] },
      422,
      'elements.0.video_url: the video is not MP4',
    ],
    [
      'a picture that is none',
      STANDARD,
      { ...input(), start_image_url: 'data:image/png;base64,AAAA' },
      422,
      'start_image_url: the picture is not jpg, png, bmp or webp',
    ],
  ])('the emulator refuses a submission with %s', async (_what, model, body, status, message) => {
    const { post } = await startRig();
    const answer = await post(`/v1/models/${model}`, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error_code: status * 1000 + 1, message });
  });

  it('the emulator names every invalid field of a submission', async () => {
    const { post, emulator } = await startRig();
    const { body } = await post(`/v1/models/${O1}`, {
      image: 'https://b.example/a.png',
      duration: 7,
      loop: true,
    });
    expect((body.detail as { loc: string[] }[]).map(({ loc }) => loc.join('.')).toSorted()).toEqual([
      'body',
      'body.duration',
      'body.loop',
    ]);
    expect(emulator.requests()).toEqual([]);
  });

  it.each([
    ['no token', {}, 400, 400004],
    ['another token', { authorization: 'Bearer other' }, 400, 400004],
    ['the token', { authorization: 'bearer secret' }, 200, undefined],
  ])(
    'the emulator that demands a token answers a request with %s and headers %j with %i and code %j',
    async (_what, headers, status, code) => {
      const { emulator } = await startRig({ token: 'secret' });
      const answer = await fetch(`${emulator.base}/models`, { headers: headers as Record<string, string> });
      expect(answer.status).toBe(status);
      expect(((await answer.json()) as Record<string, unknown>).error_code).toBe(code);
    },
  );

  it('the emulator accepts nothing more when the balance is used up', async () => {
    const { emulator, post, get } = await startRig({ balance: 0 });
    expect((await post(`/v1/models/${STANDARD}`, input())).body).toMatchObject({ error_code: 400002 });
    expect(emulator.requests()).toEqual([]);
    expect((await get('/prod/v2/balance')).body).toEqual({ balance_usd: 0, currency: 'USD' });
  });

  it.each([
    ['DELETE', '/v1/models', 405],
    ['PUT', `/v1/models/${STANDARD}`, 405],
    ['POST', '/v1/requests/x/status', 405],
    ['GET', '/v1/requests/x/cancel', 405],
    ['GET', '/v1/requests/x/status', 404],
    ['GET', '/v1/requests/%zz/status', 400],
    ['GET', '/', 404],
    ['GET', '/clips/../requests.ndjson', 404],
    ['GET', '/clips/%2e%2e%2frequests.mp4', 404],
  ])('the emulator answers %s %s with %i', async (method, path, status) => {
    const { emulator } = await startRig();
    const answer = await fetch(emulator.origin + path, { method, headers: { authorization: 'Bearer t' } });
    expect(answer.status).toBe(status);
    const { error_code: code } = (await answer.json()) as { error_code: number };
    // 400001 is an unknown model.
    expect(code).toBe(status === 400 ? 400_000 : status * 1000 + 1);
  });

  it.each([
    ['application/x-www-form-urlencoded', 'a=b', 415],
    ['application/json', '{"prompt":', 400],
  ])('the emulator answers a body of type %s and content %s with %i', async (type, body, status) => {
    const { emulator } = await startRig();
    const headers = { authorization: 'Bearer t', 'content-type': type };
    const answer = await fetch(`${emulator.base}/models/${STANDARD}`, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
  });

  it('the emulator survives bytes that are no HTTP', async () => {
    const { emulator, get } = await startRig();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(emulator.port, '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
      socket.once('data', (bytes) => resolve(bytes.toString()));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await get('/v1/models')).status).toBe(200);
  });

  it('the emulator refuses a body over 64 MiB, before it is sent if the client asks first', async () => {
    const { emulator } = await startRig();
    const status = await new Promise((resolve) => {
      const request = rawRequest(`${emulator.base}/models/${STANDARD}`, {
        method: 'POST',
        headers: { authorization: 'Bearer t', expect: '100-continue', 'content-length': 65 * 1024 * 1024 },
      });
      request.on('response', (response) => resolve(response.statusCode));
      request.on('continue', () => resolve('continue'));
      request.on('error', () => {});
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });
});

describe('what other clients do', () => {
  it('the emulator accepts a chunked body, a charset and a slash at the end', async () => {
    const { emulator } = await startRig();
    const answer = await fetch(`${emulator.base}/models/${STANDARD}/`, {
      method: 'POST',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json; charset=utf-8' },
      body: new Blob([JSON.stringify(input())]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(answer.status).toBe(200);
  });

  it('the emulator answers with URLs under the host name of the request', async () => {
    const { emulator, post } = await startRig();
    const { body } = await post(`http://localhost:${emulator.port}/v1/models/${STANDARD}`, input());
    expect(body.result_url).toMatch(new RegExp(`^http://localhost:${emulator.port}/v1/requests/`));
  });

  it('the emulator stores an MP4 in an element, and leaves a prompt that begins with "Data:" alone', async () => {
    const { post, folder, emulator } = await startRig();
    const mp4 = Buffer.from('\0\0\0\x18ftypmp42').toString('base64');
    const elements = [{ video_url: `data:video/mp4;base64,${mp4}` }];
    const { status } = await post(`/v1/models/${STANDARD}`, { ...input('Data: a robot'), elements });
    expect(status).toBe(200);
    expect(await readdir(join(folder, 'pictures'))).toEqual([expect.stringMatching(/\.mp4$/)]);
    expect(emulator.requests()).toHaveLength(1);
  });

  it('the emulator answers with https URLs behind a proxy that speaks TLS', async () => {
    const { emulator } = await startRig();
    const answer = await fetch(`${emulator.base}/models/${STANDARD}`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer t',
        'content-type': 'application/json',
        'x-forwarded-proto': 'https',
      },
      body: JSON.stringify(input()),
    });
    expect(await answer.json()).toMatchObject({ status_url: expect.stringMatching(/^https:/) });
  });

  it('the emulator serves the catalog', async () => {
    const { get } = await startRig();
    const one = (await get(`/v1/models/${STANDARD}`)).body;
    expect(one).toMatchObject({ model_id: STANDARD, base_price_usd: 0.084, price_unit: 'second' });
    expect(one.input_schema).toMatchObject({ required: ['prompt', 'start_image_url'] });
    const page = (await get('/v1/models?search=KLING-3.0&limit=2&offset=1&include_schema=true')).body;
    expect(page.total).toBe(3);
    expect(page.models).toHaveLength(2);
    expect((page.models as object[])[0]).toHaveProperty('input_schema');
    for (const other of ['category=text-to-image', 'kind=workflow'])
      expect((await get(`/v1/models?${other}`)).body).toEqual({ models: [], total: 0 });
  });
});

describe('a clip', () => {
  const rendered = async (rig: Rig): Promise<string> => {
    const id = await rig.submit();
    await until(() => rig.renders.length === 1);
    rig.renders[0]?.finish(Buffer.from('0123456789'));
    await until(async () => (await rig.get(`/v1/requests/${id}/status`)).body.status === 'completed');
    return `${rig.emulator.origin}/clips/${id}.mp4`;
  };

  it.each([
    [undefined, 200, '0123456789', null],
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=1-2,4-5', 200, '0123456789', null],
  ])('the emulator serves a clip for the range %s', async (range, status, text, contentRange) => {
    const rig = await startRig();
    const url = await rendered(rig);
    const answer = await fetch(url, { headers: range ? { range } : {} });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-range')).toBe(contentRange);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    expect(await answer.text()).toBe(text);
  });

  it('the emulator answers HEAD, 304 and 416 for a clip, and sends no part of another version', async () => {
    const rig = await startRig();
    const url = await rendered(rig);
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('10');
    const etag = head.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { range: 'bytes=10-' } })).status).toBe(416);
    const other = await fetch(url, { headers: { range: 'bytes=3-', 'if-range': '"old"' } });
    expect(await other.text()).toBe('0123456789');
  });
});
