import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.js';
import { requestStateIn } from '../../src/runcomfy/request-state.js';

const hosts = { base: new URL('https://model-api.runcomfy.net/v1'), allowedHosts: [] };
const read = (json: Json, status = 200) => requestStateIn(json, { requestId: 'r-1', status, hosts });

/** A link to a clip at the service. */
const CLIP = 'https://files.runcomfy.net/a/clip.mp4?sig=1';
const COVER = 'https://files.runcomfy.net/a/cover.jpg';
const END = { request_id: 'r-1', finished_at: '2026-11-29T10:00:00Z' };

it('lists the output URLs of a request, videos before images, in the service’s order, each once', () => {
  const of = (name: string) => `https://x.runcomfy.net/${name}`;
  const output = {
    image: of('i1'),
    images: [of('i2'), of('i1')],
    videos: [of('v2'), { url: of('v3') }, 7, null, ''],
    video: { url: of('v1') },
    audio: of('a1'),
  };
  const names = ['v1', 'v2', 'v3', 'i1', 'i2'];
  expect(read({ status: 'completed', output })?.outputs).toEqual(names.map(of));
});

describe('an output that can be fetched', () => {
  it.each<[string, Json]>([
    ['a text', { output: CLIP }],
    ['a list', { output: [CLIP] }],
    ['an object with a `url`', { output: { url: CLIP } }],
    ['an object with a `path`', { output: { path: CLIP } }],
    ['a list of objects', { output: [{ type: 'video', uri: CLIP }] }],
    ['a video in an object', { output: { video: { path: CLIP, size: 7 } } }],
    ['an object of objects', { output: { results: { main: { files: [{ href: CLIP }] } } } }],
    ['JSON in a text', { output: JSON.stringify({ video: CLIP }) }],
    [
      'JSON in a text in JSON in a text',
      { output: JSON.stringify([JSON.stringify({ resultUrls: [CLIP] })]) },
    ],
    ['a clip that is called the first', { output: { first_clip: CLIP, first_frame: COVER } }],
    ['a name of a field', { output: { [CLIP]: { size: 7 } } }],
    ['a sentence', { output: `Your video is ready: ${CLIP}.` }],
    ['outputs', { output: null, outputs: [CLIP] }],
    ['a result', { output: null, result: { video: CLIP } }],
    ['data', { data: { videos: [{ id: '7', url: CLIP, duration: '5' }] } }],
    ['a field of the answer itself', { video_url: CLIP }],
    [
      'the answer of Kling’s own API',
      { data: { task_result: { videos: [{ id: '7', url: CLIP, watermark_url: `${CLIP}w` }] } } },
    ],
    [
      'an output beside pictures of it',
      { output: { image: COVER, result: { video: CLIP, cover_image: COVER, thumbnail: { url: COVER } } } },
    ],
    [
      'a video beside a moving preview',
      { output: { preview: 'https://files.runcomfy.net/p.mp4', clip: { url: CLIP } } },
    ],
    ['a link without encryption', { output: { file: CLIP.replace('https', 'http') } }],
    ['a link without its scheme', { output: { file: CLIP.replace('https://', '') } }],
    [
      'a file among others that is called a video',
      {
        output: {
          files: [
            { name: 'preview', url: 'https://files.runcomfy.net/b.mp4' },
            { name: 'main', mime: 'video/mp4', url: CLIP },
          ],
        },
      },
    ],
    ['names in another letter case', { Output: { Video: CLIP } }],
    [
      'a link at the service, beside a cover and a link on another host',
      { output: { cover: COVER, file: CLIP }, cdn: 'https://cdn.example.com/x.mp4' },
    ],
  ])('is found in %s', (_name, fields) => {
    const answer = {
      ...END,
      status: 'completed',
      status_url: 'https://model-api.runcomfy.net/v1/requests/r-1/status',
    };
    expect(read({ ...answer, ...(fields as object) })?.outputs).toEqual([CLIP]);
  });

  it.each<[string, Json]>([
    [
      'the API’s own pages',
      {
        status_url: 'https://model-api.runcomfy.net/v1/requests/r-1/status',
        result_url: 'https://model-api.runcomfy.net/v1/requests/r-1/result',
        cancel_url: 'https://model-api.runcomfy.net/v1/requests/r-1/cancel',
        urls: { get: 'https://model-api.runcomfy.net/v1/requests/r-1' },
      },
    ],
    [
      'what was sent',
      {
        input: { video: CLIP, start_image_url: COVER },
        elements: [{ video_url: CLIP }],
        params: { a: CLIP },
        start_video: CLIP,
      },
    ],
    ['an error', { error: { message: `cannot read ${CLIP}` }, error_message: CLIP, logs: CLIP }],
    [
      'pages for people',
      {
        message: 'see https://docs.runcomfy.com/model-apis',
        docs_url: 'https://docs.runcomfy.com/x',
        web: 'https://www.runcomfy.com/r-1',
        pricing_url: 'https://www.runcomfy.com/pricing',
      },
    ],
    ['an empty output', { output: { video: null, videos: [], image: '', images: [{}] } }],
    [
      'other files',
      { output: { logs: 'https://files.runcomfy.net/a.txt', meta: 'https://files.runcomfy.net/a.json' } },
    ],
  ])('is not found in %s', (_name, fields) => {
    expect(read({ ...END, status: 'completed', ...(fields as object) })?.outputs).toEqual([]);
  });

  it('is named on another host too if there is no other, so that its refusal says how to allow the host', () => {
    const url = 'https://cdn.example.com/clip';
    expect(read({ ...END, status: 'completed', output: { url } })?.outputs).toEqual([url]);
  });

  it('is named by another field if the documented one has a host that is not allowed', () => {
    const output = { video: 'https://cdn.example.com/clip.mp4', mirror: CLIP };
    expect(read({ ...END, status: 'completed', output })?.outputs).toEqual([CLIP]);
  });

  it('is made of a path at the API’s host if nothing else is named', () => {
    const output = { path: '/files/clip.mp4', file_name: 'clip.mp4' };
    expect(read({ ...END, status: 'done', output })?.outputs).toEqual([
      'https://model-api.runcomfy.net/files/clip.mp4',
    ]);
    expect(
      read({ ...END, status: 'done', output: { ...output, url: 'https://files.runcomfy.net/7' } })?.outputs,
    ).toEqual(['https://files.runcomfy.net/7']);
  });
});

describe('the end of a request', () => {
  it.each<[string, Json, string, boolean]>([
    [
      'completed, with an output',
      { ...END, status: 'completed', output: { video: CLIP } },
      'completed',
      true,
    ],
    [
      'completed, before its output can be seen',
      { request_id: 'r-1', status: 'completed', output: null, message: 'success' },
      'completed',
      true,
    ],
    [
      'completed, with an error that is none',
      { ...END, status: 'completed', output: null, error: { code: 0, message: 'OK' } },
      'completed',
      true,
    ],
    [
      'completed, with an error and no output',
      { ...END, status: 'completed', error: 'out of memory' },
      'failed',
      false,
    ],
    [
      'completed, with an error and an output',
      { ...END, status: 'completed', error: 'slow', output: [CLIP] },
      'completed',
      true,
    ],
    [
      'completed, with pictures only',
      { ...END, status: 'completed', output: { images: [COVER] } },
      'completed',
      false,
    ],
    [
      'another word, with a time and an output',
      { ...END, status: 'archived', output: { video: CLIP } },
      'completed',
      true,
    ],
    [
      'another word, with an output',
      { request_id: 'r-1', status: 'archived', output: { video: CLIP } },
      'completed',
      false,
    ],
    ['another word, with a time and an error', { ...END, status: 'kaputt', error: 'unsafe' }, 'failed', true],
    ['another word, with a time only', { ...END, status: 'archived' }, 'completed', false],
    ['no word, with a time and an output', { ...END, output: { video: CLIP } }, 'completed', true],
    ['no word, with an output', { request_id: 'r-1', output: { video: CLIP } }, 'completed', false],
    ['a number for a word', { ...END, status: 2, output: { video: CLIP } }, 'completed', true],
    [
      'an object for a word',
      { ...END, status: { state: 'SUCCESS' }, output: { video: CLIP } },
      'completed',
      true,
    ],
    [
      'failed, with an output',
      { ...END, status: 'failed', error: 'late', output: { video: CLIP } },
      'completed',
      false,
    ],
    ['failed, with a picture', { ...END, status: 'failed', output: { image: COVER } }, 'failed', true],
    ['failed, without naming the request', { status: 'failed' }, 'failed', false],
    [
      'cancelled, with an output',
      { ...END, status: 'cancelled', output: { video: CLIP } },
      'completed',
      false,
    ],
    [
      'a wrapped end',
      {
        code: 0,
        message: 'SUCCEED',
        request_id: 'trace-7',
        data: { task_id: 'r-1', task_status: 'succeed', task_result: { videos: [{ url: CLIP }] } },
      },
      'completed',
      true,
    ],
    [
      'a wrapped failure',
      { status: 'success', data: { request_id: 'r-1', state: 'fail', failMsg: 'unsafe' } },
      'failed',
      true,
    ],
    [
      'an end inside the output',
      { request_id: 'trace-7', output: { task_id: 'r-1', task_status: 'SUCCEEDED', video_url: CLIP } },
      'completed',
      true,
    ],
    ['a list of one', [{ ...END, status: 'completed', output: CLIP }], 'completed', true],
    [
      'an error of the service beside an output',
      { ...END, status: 'completed', error_code: 500001, output: CLIP },
      'completed',
      true,
    ],
  ])('is read from an answer with %s', (_name, json, status, isCertain) => {
    expect(read(json)).toMatchObject({ status, isCertain });
  });

  it.each<[string, Json, string]>([
    [
      'a word of waiting beside all signs of an end',
      { ...END, status: 'in_progress', output: { video: CLIP } },
      'rendering',
    ],
    [
      'a word of waiting in another spelling',
      { ...END, status: 'IN-QUEUE', output: { video: CLIP } },
      'queued',
    ],
    [
      'a word of waiting with an error of a first try',
      { request_id: 'r-1', status: 'processing', error: 'a worker was lost' },
      'rendering',
    ],
    [
      'a call that succeeded, about a request in progress',
      { status: 'success', data: { request_id: 'r-1', status: 'processing' } },
      'rendering',
    ],
    ['a word that is not known', { request_id: 'r-1', status: 'dreaming' }, 'unfamiliar'],
    [
      'a word that is not known, with a zero time',
      { request_id: 'r-1', status: 'dreaming', finished_at: '0001-01-01T00:00:00Z', output: null },
      'unfamiliar',
    ],
    [
      'a word that is not known, with an error',
      { request_id: 'r-1', status: 'recovering', error: 'a worker was lost' },
      'unfamiliar',
    ],
    [
      'a word that is not known, with what was sent',
      { request_id: 'r-1', status: 'dreaming', input: { video: CLIP }, output: { image: COVER } },
      'unfamiliar',
    ],
  ])('is not read from an answer with %s', (_name, json, status) => {
    expect(read(json)).toMatchObject({ status });
  });

  it.each<[string, number, Json]>([
    ['another request', 200, { ...END, request_id: 'r-2', status: 'completed', output: CLIP }],
    ['another request, wrapped', 200, { data: { request_id: 'r-2', status: 'completed', output: CLIP } }],
    ['an error of the call', 200, { status: 'error', error_code: 500001, message: 'try again' }],
    ['an error of the call, by a number', 200, { status: 429, error_code: '429001' }],
    ['nothing', 200, {}],
    ['an empty word', 200, { status: '' }],
    ['no object', 200, 'completed'],
    ['a request that is not known', 404, { request_id: 'r-1', status: 'error', message: 'not found' }],
    ['a token that is not known', 401, { request_id: 'r-1', status: 'failed' }],
    ['a fault of the service', 500, { request_id: 'r-1', status: 'failed', message: 'internal' }],
    ['an expired result', 410, { request_id: 'r-1', status: 'completed' }],
  ])('is not read from an answer about %s', (_name, status, json) => {
    expect(read(json, status)).toBeNull();
  });

  it.each<[number, Json, string]>([
    [409, { ...END, status: 'completed', output: { video: CLIP } }, 'completed'],
    [404, { output: { video: CLIP } }, 'completed'],
    [500, { ...END, status: 'done', output: [CLIP] }, 'completed'],
    [422, { ...END, status: 'failed', error: 'unsafe' }, 'failed'],
    [425, { request_id: 'r-1', status: 'in_progress' }, 'rendering'],
  ])('is read from an answer of HTTP status %d that tells it', (httpStatus, json, status) => {
    const state = read(json, httpStatus);
    expect(state).toMatchObject({ status, isCertain: false });
  });
});

it.each<[Json, number | null]>([
  [0.42, 0.42],
  ['0.42', 0.42],
  [0, 0],
  [-1, null],
  ['', null],
  ['free', null],
  ['0x10', null],
  [{ usd: 1 }, null],
])('reads a cost of %j as %j', (cost, usd) => {
  expect(read({ status: 'completed', cost })?.cost).toBe(usd);
});

it('takes a link that is called a page for the output if the output has no other', () => {
  const result_url = 'https://files.runcomfy.net/a?sig=1';
  expect(read({ ...END, output: { result_url } })?.outputs).toEqual([result_url]);
  expect(read({ ...END, output: { result_url, file: `${result_url}&f` } })?.outputs).toEqual([
    `${result_url}&f`,
  ]);
  expect(read({ ...END, result_url })?.outputs).toEqual([]);
});

it('reads several links in one text', () => {
  expect(read({ ...END, output: `${CLIP},${CLIP}2` })?.outputs).toEqual([CLIP, `${CLIP}2`]);
});

it.each<[Json, string]>([
  [{ code: 400002 }, '400002'],
  [{ error_code: '400002' }, '400002'],
  [{ errorCode: 'E7', code: 400 }, 'E7'],
  [[{ code: 1301, message: 'no' }], '1301'],
  [{ type: 'moderation', message: 'no' }, 'moderation'],
])('reads the code of a failure from the error %j', (error, code) => {
  expect(read({ ...END, status: 'failed', error })).toMatchObject({ status: 'failed', code });
});

it.each<[Json, string | null]>([
  [{ error: 'no' }, 'no'],
  [{ error: { code: 1, message: 'no' } }, 'no'],
  [{ error: { reason: 'no' } }, 'reason: no'],
  [{ error: null }, null],
  [{ error: {} }, null],
  [{ message: 'no', detail: 'no' }, 'no'],
  [
    { detail: [{ loc: ['body', 'multi_prompt', 0, 'duration'], msg: 'too short' }] },
    'multi_prompt.0.duration: too short',
  ],
])('reads what went wrong from %j', (fields, error) => {
  expect(read({ status: 'failed', ...(fields as object) })?.error).toBe(error);
});
