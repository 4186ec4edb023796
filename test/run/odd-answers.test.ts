import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.js';
import { requestStateIn } from '../../src/runcomfy/request-state.js';
import type { ResultAnswer } from '../../src/runcomfy/service.js';
import { planOf, submission, World } from './world.js';

const hosts = { base: new URL('https://model-api.runcomfy.net/v1'), allowedHosts: [] };
const FINISHED = { finished_at: '2026-11-29T10:00:00Z' };

/** An answer to the question number `count`, from 1, about a request whose clip has the link `clip`. */
type Odd = (about: { id: string; clip: string; count: number }) => object;

/** A service whose renders last three questions, and which then answers as it likes. */
class OddWorld extends World {
  readonly #counts = new Map<string, number>();

  answer(oddOf: (id: string) => Odd): void {
    this.service.script.result = (id) => {
      const count = (this.#counts.get(id) ?? 0) + 1;
      this.#counts.set(id, count);
      return answerOf(
        oddOf(id)({ id, clip: `https://files.runcomfy.net/${id}.mp4?sig=${count}`, count }),
        id,
      );
    };
  }
}

function answerOf(odd: object, requestId: string): ResultAnswer {
  const { http, body } = { http: 200, body: odd, ...odd } as { http: number; body: Json };
  const request = requestStateIn(body, { requestId, status: http, hosts });
  if (request) return { kind: 'state', request };
  const error = { status: http, code: null, message: `The service answered (${http}).` };
  return { kind: http === 404 ? 'forgotten' : http === 200 ? 'unreachable' : 'refused', ...error };
}

const WITH_CLIP: Readonly<Record<string, Odd>> = {
  succeed: ({ id, clip }) => ({ request_id: id, status: 'succeed', output: { video: clip } }),
  success: ({ id, clip }) => ({ request_id: id, status: 'SUCCESS', output: clip }),
  done: ({ id, clip }) => ({ request_id: id, status: 'done', output: [clip] }),
  ok: ({ id, clip }) => ({ ...FINISHED, request_id: id, status: 'ok', output: { url: clip } }),
  ready: ({ id, clip }) => ({ request_id: id, status: 'Ready', output: { path: clip } }),
  number: ({ id, clip }) => ({ request_id: id, status: 99, output: { video: clip } }),
  wordless: ({ id, clip }) => ({ ...FINISHED, request_id: id, output: { video: clip } }),
  nameless: ({ clip }) => ({ status: 'completed', result: { files: [{ href: clip }] } }),
  text: ({ id, clip }) => ({
    request_id: id,
    status: 'completed',
    output: JSON.stringify({ video_url: clip }),
  }),
  outputs: ({ id, clip }) => ({
    request_id: id,
    status: 'completed',
    output: null,
    outputs: [{ type: 'video', uri: clip }],
  }),
  cover: ({ id, clip }) => ({
    request_id: id,
    status: 'completed',
    output: {
      cover: `https://files.runcomfy.net/${id}.jpg`,
      thumbnail_url: `https://files.runcomfy.net/${id}.png`,
      item: { url: clip },
    },
  }),
  echo: ({ id, clip }) => ({
    ...FINISHED,
    request_id: id,
    status: 'finished',
    input: { image: 'https://files.runcomfy.net/board.png' },
    output: { image: 'https://files.runcomfy.net/board.png', clip },
  }),
  urls: ({ id, clip }) => ({
    request_id: id,
    status: 'completed',
    status_url: `https://model-api.runcomfy.net/v1/requests/${id}/status`,
    cancel_url: `https://model-api.runcomfy.net/v1/requests/${id}/cancel`,
    download: clip,
  }),
  kling: ({ id, clip }) => ({
    code: 0,
    message: 'SUCCEED',
    request_id: 'trace',
    data: { task_id: id, task_status: 'succeed', task_result: { videos: [{ url: clip }] } },
  }),
  wrapped: ({ id, clip, count }) => ({
    status: 'success',
    data: {
      request_id: id,
      status: count < 3 ? 'processing' : 'success',
      output: count < 3 ? null : { video: clip },
    },
  }),
  list: ({ id, clip }) => [{ request_id: id, status: 'completed', output: { videos: [clip] } }],
  failed: ({ id, clip }) => ({
    request_id: id,
    status: 'failed',
    error: 'it took too long',
    output: { video: clip },
  }),
  cancelled: ({ id, clip }) => ({ request_id: id, status: 'cancelled', output: { video: clip } }),
  conflict: ({ id, clip }) => ({
    http: 409,
    body: { request_id: id, status: 'completed', output: { video: clip } },
  }),
  missing: ({ id, clip, count }) =>
    count < 40
      ? { http: 404, body: { request_id: id, status: 'in_progress' } }
      : { request_id: id, status: 'completed', output: clip },
  coded: ({ id, clip }) => ({
    request_id: id,
    status: 'completed',
    error_code: 500001,
    message: 'late',
    output: { video: clip },
  }),
  late: ({ id, clip, count }) => ({
    request_id: id,
    status: count < 6 ? 'finalising' : 'closed',
    output: count < 9 ? null : { video: clip },
  }),
  errors: ({ id, clip, count }) =>
    count < 5
      ? { request_id: id, status: 'recovering', error: 'a worker was lost' }
      : { request_id: id, status: 'completed', output: { video: clip } },
  once: ({ id, clip, count }) =>
    count === 2
      ? { request_id: id, status: 'completed', error: 'not stored yet' }
      : { request_id: id, status: count < 3 ? 'in_progress' : 'completed', output: { video: clip } },
  hiccup: ({ id, clip, count }) =>
    count === 2
      ? { status: 'error', message: 'try again' }
      : { request_id: id, status: count < 4 ? 'in_progress' : 'completed', output: { video: clip } },
};

describe('answers that are odd but plausible', () => {
  it('bring every clip, and no shot is paid twice', async () => {
    const world = new OddWorld();
    const names = Object.keys(WITH_CLIP);
    const oddOf = (id: string) => {
      const prompt = world.service.accepted.find((one) => one.id === id)?.body.prompt;
      return WITH_CLIP[String(prompt).replace('A ', '')] ?? (() => ({}));
    };
    world.answer(oddOf);
    const finished = await world.run(planOf(...names), { concurrency: 50 });
    const states = Object.fromEntries(
      (await world.manifest()).submissions.map(({ id, state }: { id: string; state: string }) => [id, state]),
    );
    expect(states).toEqual(Object.fromEntries(names.map((name) => [name, 'done'])));
    expect(finished).toMatchObject({ exit: 0, clips: names.length });
    expect(world.service.calls.submit).toBe(names.length);
  });

  it.each<[string, Odd]>([
    [
      'a word of waiting with an output',
      ({ id, clip }) => ({ ...FINISHED, request_id: id, status: 'in_progress', output: { video: clip } }),
    ],
    [
      'a word that is not known with an error',
      ({ id }) => ({ request_id: id, status: 'recovering', error: 'a worker was lost' }),
    ],
    [
      'another output each time',
      ({ id, count }) => ({
        request_id: id,
        status: 'previewing',
        output: `https://files.runcomfy.net/${count}.mp4`,
      }),
    ],
    [
      'an answer about another request',
      ({ clip }) => ({ ...FINISHED, request_id: 'req-77', status: 'completed', output: { video: clip } }),
    ],
    [
      'the links of the API',
      ({ id }) => ({
        request_id: id,
        status: 'working',
        result_url: `https://model-api.runcomfy.net/v1/requests/${id}/result`,
      }),
    ],
  ])('leave the request with the service after %s, with the words of the service', async (_name, odd) => {
    const world = new OddWorld();
    world.answer(() => odd);
    const { exit } = await world.run(planOf('cliff'), {
      timeouts: { shot: 90, run: 9000, download: 90, down: 20 },
    });
    expect(exit).toBe(75);
    const [entry] = (await world.manifest()).submissions;
    expect(entry).toMatchObject({ state: 'submitted', outputs: [] });
    expect(entry.error.message).toMatch(/^The service (?:said `[a-z_]+`|answered)/);
    expect(world.last('cliff')?.message).toContain(entry.error.message);
  });

  it('fail a shot with the word, the code and the text of the service', async () => {
    const world = new OddWorld();
    world.answer(() => ({ id }) => ({
      ...FINISHED,
      request_id: id,
      status: 'moderated',
      error_code: 422007,
      error: { message: 'unsafe', detail: 'a face' },
      detail: 'see the rules',
    }));
    await world.run(planOf('cliff'));
    const message =
      'The service could not render it (`moderated`, code 422007): unsafe: a face: see the rules.';
    expect((await world.manifest()).submissions[0]).toMatchObject({
      state: 'failed',
      error: { code: '422007', message },
    });
    expect(world.last('cliff')).toMatchObject({ state: 'failed', message });
  });

  it('follow a request whose result is denied until it is there', async () => {
    const world = new OddWorld();
    world.answer(
      () =>
        ({ id, clip, count }) =>
          count < 12
            ? { http: count % 2 === 0 ? 404 : 400, body: { message: 'not ready' } }
            : { request_id: id, status: 'completed', output: { video: clip } },
    );
    world.service.script.status = (id) => answerOf({ request_id: id, status: 'in_progress' }, id);
    await world.run(planOf('cliff'));
    expect(world.last('cliff')?.state).toBe('done');
  });

  it.each<['status' | 'result']>([['status'], ['result']])(
    'bring a clip of which only the %s tells',
    async (page) => {
      const world = new OddWorld();
      const going = { status: page === 'status' ? 'in_progress' : 'in_queue' };
      const done = (id: string) =>
        answerOf(
          { request_id: id, status: 'completed', output: { video: `https://files.runcomfy.net/${id}.mp4` } },
          id,
        );
      const other = (id: string) => answerOf(going, id);
      world.service.script.result =
        page === 'result' ? (id) => (world.service.calls.result > 2 ? done(id) : other(id)) : other;
      world.service.script.status = page === 'status' ? done : other;
      await world.run(planOf('cliff'));
      expect(world.last('cliff')?.state).toBe('done');
    },
  );

  it('do not bring a link that was sent', async () => {
    const world = new OddWorld();
    const board = 'https://files.runcomfy.net/board.mp4';
    world.answer(() => ({ id, clip, count }) => ({
      request_id: id,
      status: 'archived',
      output: count < 9 ? { source: board } : { source: board, clip },
    }));
    const input = { prompt: 'A cliff', start_image_url: board, duration: 5 };
    await world.run(planOf(submission('cliff', { input })));
    expect((await world.manifest()).submissions[0].outputs).toMatchObject([
      { url: 'https://files.runcomfy.net/req-1.mp4' },
    ]);
  });

  it('tell in message and record what the service named instead of a clip', async () => {
    const world = new OddWorld();
    world.answer(() => ({ id }) => ({
      ...FINISHED,
      request_id: id,
      status: 'archived',
      output: { s3: 's3://b/c' },
    }));
    await world.run(planOf('cliff'), { timeouts: { shot: 90, run: 9000, download: 90, down: 20 } });
    const said = 'The service said `archived`: its output is {"s3":"s3://b/c"}.';
    expect(world.last('cliff')?.message).toContain(said);
    expect((await world.record('cliff')).attempts[0]).toMatchObject({
      state: 'completed',
      error: { message: expect.stringContaining(said) },
    });
  });

  it('leave signatures of links out of the record', async () => {
    const world = new OddWorld();
    const link = 'https://ann:secret@cdn.example.com/clip.mp4';
    world.answer(() => ({ id }) => ({
      ...FINISHED,
      request_id: id,
      status: 'failed',
      error: `cannot store ${link}?sig=secret, sorry`,
    }));
    await world.run(planOf('cliff'));
    const { error } = (await world.record('cliff')).attempts[0];
    expect(error.message).toBe(
      'The service could not render it: cannot store https://cdn.example.com/clip.mp4, sorry.',
    );
  });

  it('fail a shot if the output beside a failure cannot be fetched', async () => {
    const world = new OddWorld();
    world.answer(() => ({ id, clip }) => ({
      request_id: id,
      status: 'failed',
      error: 'unsafe',
      output: { video: clip },
    }));
    world.service.script.checkDownload = () => ({
      kind: 'refused',
      status: 404,
      code: null,
      message: 'Gone.',
    });
    await world.run(planOf('cliff'));
    expect(world.last('cliff')).toMatchObject({
      state: 'failed',
      message: 'The service could not render it: unsafe.',
    });
  });
});
