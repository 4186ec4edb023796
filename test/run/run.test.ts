import { readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import { readManifest } from '../../src/manifest/manifest-file.js';
import { requestState, ScriptedService } from '../rig/scripted-service.js';
import { chained, clipOf, hash, planOf, recordOf, submission, World } from './world.js';

const REFUSED = { kind: 'refused', status: 422, code: '422001', message: 'The prompt is too long.' } as const;
const LOST = { kind: 'unknown', status: 502, code: null, message: 'The answer was lost.' } as const;
const UNREACHABLE = { kind: 'unreachable', status: null, code: null, message: 'No answer.' } as const;
const NOT_MADE = {
  kind: 'not-sent',
  status: null,
  code: 'ECONNREFUSED',
  message: 'No connection.',
  retryAfter: null,
} as const;

describe('a run', () => {
  it('submits, follows and fetches each shot, and says so in records and manifest', async () => {
    const world = new World();
    const finished = await world.run(planOf('cliff', 'beach'));
    expect(finished.exit).toBe(Exit.done);
    expect(finished).toMatchObject({ usd: 1, usd_unknown: 0, states: { done: 2 } });
    expect(world.service.calls.submit).toBe(2);
    const manifest = await world.manifest();
    expect(manifest.submissions[0]).toMatchObject({
      id: 'cliff',
      state: 'done',
      request_id: 'req-1',
      attempts: 1,
    });
    expect(manifest.submissions[0].outputs[0].file).toBe(`videos/cliff.${hash('cliff').slice(0, 8)}.mp4`);
    expect(await readManifest(join(world.directory, 'manifest.json'))).toMatchObject({ kind: 'read' });
  });

  it('sends no request and leaves manifest and records byte for byte as they are when nothing is to do', async () => {
    const world = new World();
    await world.run(planOf('cliff', 'beach'));
    const before = world.committed();
    const calls = { ...world.service.calls };
    const finished = await world.run(planOf('cliff', 'beach'), { toolVersion: '9.9.9' });
    expect(finished.exit).toBe(Exit.done);
    expect(world.service.calls).toEqual(calls);
    expect(world.committed()).toEqual(before);
  });

  it('makes one POST and one clip for two shots with the same key', async () => {
    const world = new World();
    const twin = submission('twin', { key: hash('cliff'), same_as: 'cliff' });
    const finished = await world.run(planOf('cliff', twin));
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 2 }, usd: 0.5 });
    expect(world.service.calls).toMatchObject({ submit: 1, download: 1 });
    expect(world.last('twin')).toMatchObject({ state: 'done', file: world.last('cliff')?.file });
  });

  it('keeps the concurrency limit, and frees a slot before the download', async () => {
    const world = new World();
    const ids = Array.from({ length: 20 }, (_, index) => `shot${index}`);
    const finished = await world.run(planOf(...ids), { concurrency: 3 });
    expect(finished).toMatchObject({ exit: Exit.done, states: { done: 20 } });
    expect(world.service.busiest).toBe(3);
  });

  it('records the estimated cost of a shot, also at a live price', async () => {
    const world = new World();
    const cost = { usd: 0.7, rate: 0.14, date: '2026-11-21', live: true } as const;
    const finished = await world.run(planOf(submission('cliff', { cost })));
    expect(finished.exit).toBe(Exit.done);
    expect((await world.manifest()).submissions[0].cost.estimate).toBe(0.7);
  });

  it('submits shots in list order, whatever the size of their images', async () => {
    const world = new World();
    const shots = Array.from({ length: 6 }, (_, index) => {
      const text = 'x'.repeat(4 ** Math.max(0, 11 - 2 * index));
      return { id: `shot${index}`, file: `board${index}.png`, text };
    });
    for (const { file, text } of shots) await writeFile(join(world.directory, file), text);
    const plan = planOf(
      ...shots.map(({ id, file, text }) => {
        const start_image_url = { $file: file, sha256: hash(text), type: 'image/png' };
        return submission(id, { input: { prompt: id, start_image_url } });
      }),
    );
    const list = { ...plan.list, folder: world.directory };
    expect(await world.run({ ...plan, list }, { concurrency: 6 })).toMatchObject({ exit: Exit.done });
    expect(world.service.accepted.map(({ body }) => body.prompt)).toEqual(shots.map(({ id }) => id));
  });

  it('reports counts and price before anything is spent', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    const opened = await world.open(
      planOf('cliff', 'beach', submission('free', { cost: { usd: null, rate: null, date: null } })),
    );
    expect(opened.counts).toMatchObject({
      total: 3,
      kept: 1,
      not_here: 0,
      adopted: 0,
      to_fetch: 0,
      to_send: 2,
    });
    expect(opened).toMatchObject({ usd: 0.63, usdUnknown: 1, needsFfmpeg: false });
    expect(opened.toSend.map(({ id }) => id)).toEqual(['beach', 'free']);
    await opened.close();
  });
});

describe('what the service says', () => {
  it('sends a refused shot again in the next run, because it cost nothing', async () => {
    const world = new World();
    world.service.script.submit = ({ prompt }) => (prompt === 'A beach' ? REFUSED : undefined);
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({
      exit: Exit.failed,
      states: { done: 1, refused: 1 },
    });
    expect(world.last('beach')).toMatchObject({ state: 'refused', message: 'The prompt is too long.' });
    world.service.script = {};
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect((await world.manifest()).submissions[1].attempts).toBe(2);
  });

  it('never sends an unknown submission again by itself, and says how to find it', async () => {
    const world = new World();
    world.service.script.afterAccept = () => LOST;
    expect((await world.run(planOf('cliff'))).exit).toBe(Exit.unknown);
    expect(world.last('cliff')?.message).toContain('Library > Generations');
    world.service.script = {};
    expect((await world.run(planOf('cliff'))).exit).toBe(Exit.unknown);
    expect(world.service.calls.submit).toBe(1);
  });

  it('waits for a request that the service does not know for the first minutes', async () => {
    const world = new World();
    const from = world.clock.now() + 200_000;
    world.service.script.result = () =>
      world.clock.now() < from ? { kind: 'forgotten', status: 404, code: null, message: 'Gone.' } : undefined;
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.service.calls.submit).toBe(1);
  });

  it('waits for a request that the service does not know for the minutes between its render and its result', async () => {
    const world = new World();
    const begin = world.clock.now();
    world.service.script.result = (requestId) => {
      const seconds = (world.clock.now() - begin) / 1000;
      if (seconds < 20) return { kind: 'state', request: requestState({ requestId, status: 'rendering' }) };
      return seconds < 200 ? { kind: 'forgotten', status: 404, code: null, message: 'Gone.' } : undefined;
    };
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(world.service.calls.submit).toBe(1);
  });

  it('treats a request that the service has forgotten as unknown', async () => {
    const world = new World();
    world.service.script.result = () => ({ kind: 'forgotten', status: 404, code: null, message: 'Gone.' });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.unknown, states: { unknown: 1 } });
    expect(world.last('cliff')).toMatchObject({ state: 'unknown', request_id: 'req-1' });
    expect(world.last('cliff')?.message).toMatch(/^Gone\. .*look for request req-1, sent /);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.unknown });
    expect(world.service.calls.submit).toBe(1);
  });

  it('slows down at a 429 and then recovers, without losing a shot', async () => {
    const world = new World();
    let answers = 0;
    world.service.script.submit = () => {
      answers += 1;
      return answers % 3 === 0 ? { ...NOT_MADE, status: 429, retryAfter: 5 } : undefined;
    };
    const ids = Array.from({ length: 12 }, (_, index) => `shot${index}`);
    expect(await world.run(planOf(...ids))).toMatchObject({ exit: Exit.done, states: { done: 12 } });
    expect(world.service.accepted).toHaveLength(12);
  });

  it('stops sending when the account is refused, and follows what is with the service', async () => {
    const world = new World();
    world.service.script.submit = () =>
      world.service.accepted.length < 2
        ? undefined
        : { ...REFUSED, status: 402, message: 'The balance is used up.' };
    const ids = Array.from({ length: 50 }, (_, index) => `shot${index}`);
    const finished = await world.run(planOf(...ids), { concurrency: 2 });
    expect(finished.exit).toBe(Exit.account);
    expect(finished.states).toMatchObject({ done: 2 });
    expect(world.service.calls.submit).toBeLessThan(6);
    // Told once, not with each of fifty shots.
    const told = JSON.stringify(world.events).split('The balance is used up.').length - 1;
    expect(told).toBe(1);
    expect(world.last('shot49')).toMatchObject({ state: 'unsent', message: 'Not sent.' });
    expect(world.notices()).toContain('48 shots were not sent. Run again to continue.');
  });

  it.each([
    ['the balance', { status: 402, code: '400002' }],
    ['the token', { status: 401, code: '400004' }],
  ])(
    'sends at most what is in flight when the first answer refuses %s, and blames no shot',
    async (_what, error) => {
      const world = new World();
      world.service.script.submit = () => ({ ...REFUSED, ...error, message: 'The account said no.' });
      const ids = Array.from({ length: 12 }, (_, index) => `shot${index}`);
      const finished = await world.run(planOf(...ids, chained('after', 'shot0')), { concurrency: 4 });
      expect(finished).toMatchObject({ exit: Exit.account, states: { planned: 13, refused: 0 } });
      expect(world.service.calls.submit).toBeLessThanOrEqual(4);
      expect(Object.keys(world.committed())).toEqual(['manifest.json']);
      for (const id of [...ids, 'after']) expect(world.last(id)?.state).toBe('unsent');
      expect(world.notices().filter((notice) => notice.includes('The account said no.'))).toHaveLength(1);
      world.service.script = {};
      expect(await world.run(planOf(...ids))).toMatchObject({ exit: Exit.done, states: { done: 12 } });
    },
  );

  it('stops sending for trouble that an answer names beside a request, and follows the request', async () => {
    const world = new World();
    const trouble = { status: 402, code: '400002', message: 'No balance is left.' };
    world.service.script.afterAccept = ({ id }) => ({ kind: 'accepted', requestId: id, trouble });
    const finished = await world.run(planOf('cliff', 'beach'), { concurrency: 1 });
    expect(finished).toMatchObject({ exit: Exit.account, states: { done: 1, planned: 1 } });
    expect(world.service.calls.submit).toBe(1);
  });

  it('takes an id beside a refusal for none if the service does not know the request', async () => {
    const world = new World();
    const trouble = { status: 402, code: '400002', message: 'No balance is left.' };
    world.service.script.submit = () => ({ kind: 'accepted', requestId: 'trace-1', trouble });
    const finished = await world.run(planOf('cliff', 'beach'), { concurrency: 1 });
    expect(finished).toMatchObject({ exit: Exit.account, states: { planned: 2 } });
    expect(world.service.calls.submit).toBe(1);
  });

  it.each([
    ['by its code', { code: '400002', error: 'No balance is left.' }],
    ['by its words', { code: null, error: 'Insufficient funds: No balance is left.' }],
  ])('stops sending when a render fails for want of funds, %s', async (_words, error) => {
    const world = new World();
    world.service.script.result = (requestId) => ({
      kind: 'state',
      request: requestState({ requestId, status: 'failed', ...error }),
    });
    const finished = await world.run(planOf('cliff', 'beach'), { concurrency: 1 });
    expect(finished).toMatchObject({ exit: Exit.account, states: { failed: 1, planned: 1 } });
    expect(world.notices()[0]).toMatch(/^cliff: .*No balance is left\. Add funds .* Nothing more is sent;/);
  });

  it('leaves the retry of a render that failed for want of funds to the next run', async () => {
    const world = new World();
    world.service.script.result = (requestId) => {
      const error = { code: '400002', error: 'No balance is left.' };
      return { kind: 'state', request: requestState({ requestId, status: 'failed', ...error }) };
    };
    const finished = await world.run(planOf(submission('cliff', { retries: 2 })));
    expect(finished).toMatchObject({ exit: Exit.account });
    expect(world.service.calls.submit).toBe(1);
    expect(world.notices().join(' ')).toContain('The next run sends it again, and pays again: retry 1 of 2.');
  });

  it('says once that a model is unknown, sends no other shot of it, and renders those of other models', async () => {
    const world = new World();
    const o1 = (id: string) => submission(id, { model: 'kling/o1' });
    const plan = planOf('cliff', o1('a'), o1('b'), 'beach', o1('c'));
    world.service.script.submit = ({ prompt }) =>
      /^A [abc]$/.test(String(prompt))
        ? {
            ...REFUSED,
            status: 404,
            code: '400001',
            message: 'The service does not know the model kling/o1.',
          }
        : undefined;
    const finished = await world.run(plan, { concurrency: 1 });
    expect(finished).toMatchObject({ exit: Exit.failed, states: { done: 2, refused: 1, planned: 2 } });
    expect(world.service.calls.submit).toBe(3);
    expect(world.notices()).toEqual([
      expect.stringContaining('does not know the model kling/o1. No other shot'),
    ]);
    expect(world.last('a')).toMatchObject({
      state: 'refused',
      message: 'The service does not know its model.',
    });
    expect(world.last('b')).toMatchObject({
      state: 'unsent',
      message: 'The service does not know its model.',
    });
  });

  it('leaves requests of another account where they are, says so once, and goes on with other shots', async () => {
    const world = new World();
    world.service.script.result = (requestId) =>
      requestId !== 'req-3'
        ? { ...REFUSED, status: 403, code: '403001', message: 'The request belongs to another account.' }
        : undefined;
    const finished = await world.run(planOf('cliff', 'beach', 'pier'), { concurrency: 1 });
    expect(finished).toMatchObject({ exit: Exit.unfinished, states: { submitted: 2, done: 1 } });
    expect(world.last('cliff')?.message).toBe('Request req-1 belongs to another account.');
    expect(world.notices()).toEqual([
      expect.stringMatching(
        /^The request belongs to another account\..* shotlist resolve \S+ cliff --give-up$/,
      ),
    ]);
  });

  it('reports the service as down after a long time without a connection, and loses nothing', async () => {
    const world = new World();
    world.service.script.submit = () => NOT_MADE;
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.serviceDown });
    world.service.script = {};
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done });
  });

  it('reports one failed shot beside the others, and does not send it again', async () => {
    const world = new World();
    world.service.script.result = (requestId) =>
      requestId === 'req-1'
        ? { kind: 'state', request: requestState({ requestId, status: 'failed', error: 'Unsafe content.' }) }
        : undefined;
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({
      exit: Exit.failed,
      states: { failed: 1, done: 1 },
    });
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.failed });
    expect(world.service.calls.submit).toBe(2);
    expect(world.last('cliff')?.message).toContain('Unsafe content.');
  });

  it('leaves a shot with the service when its time is over, and fetches it in a later run', async () => {
    const world = new World();
    world.service.renderSeconds = 7200;
    expect(await world.run(planOf('cliff'))).toMatchObject({
      exit: Exit.unfinished,
      states: { submitted: 1 },
    });
    await world.clock.run(world.clock.sleep(7_200_000));
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(1);
  });
});

describe('clips', () => {
  it('fetches missing and cut clips again, without a POST', async () => {
    const world = new World();
    await world.run(planOf('cliff', 'beach'));
    const file = (id: string) => join(world.directory, 'videos', `${id}.${hash(id).slice(0, 8)}.mp4`);
    await unlink(file('cliff'));
    await writeFile(file('beach'), 'x');
    expect(await world.run(planOf('cliff', 'beach'))).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(world.service.calls).toMatchObject({ submit: 2, download: 4 });
  });

  it('asks the service for the present links of clips from an earlier run', async () => {
    const world = new World();
    world.service.script.download = () => ({ kind: 'unreachable', status: null, code: null, message: 'No.' });
    await world.run(planOf('cliff'));
    const url = 'https://files.runcomfy.net/moved.mp4';
    const fetched: string[] = [];
    world.service.script = {
      result: (id) => ({
        kind: 'state',
        request: requestState({ requestId: id, status: 'completed', outputs: [url] }),
      }),
      download: (from) => {
        fetched.push(from);
        return undefined;
      },
    };
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect(fetched).toEqual([url]);
    expect(world.service.calls.submit).toBe(1);
  });

  it('reports clips that are gone at the service, and never renders them again', async () => {
    const world = new World();
    world.service.script.download = () => ({
      kind: 'refused',
      status: 404,
      code: null,
      message: 'The file is gone.',
    });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.failed, states: { completed: 1 } });
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.failed });
    expect(world.service.calls.submit).toBe(1);
  });

  it('refuses a clip that is no video', async () => {
    const world = new World();
    const { deps } = world.options(planOf());
    const finished = await world.run(planOf('cliff'), { deps: { ...deps, probeVideo: async () => null } });
    expect(finished).toMatchObject({ exit: Exit.failed, states: { completed: 1 } });
    expect(world.last('cliff')?.message).toContain('a text, no video');
    const [output] = (await world.manifest()).submissions[0].outputs;
    expect(output).toMatchObject({ file: null, check: { flags: [{ code: 'unreadable' }] } });
    expect(finished.flagged).toEqual(['cliff']);
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done, flagged: [] });
  });

  it('stops the run when the disk is full, and fetches the clips in the next run', async () => {
    const world = new World();
    world.service.script.download = () => ({
      kind: 'cannot-write',
      code: 'ENOSPC',
      message: 'The disk is full.',
    });
    const ids = Array.from({ length: 30 }, (_, index) => `shot${index}`);
    const finished = await world.run(planOf(...ids), { concurrency: 1 });
    expect(finished.exit).toBe(Exit.cannotWrite);
    expect(world.service.calls.submit).toBeLessThan(5);
    expect(world.notices().at(-1)).toContain('Make room there and run again');
    world.service.script = {};
    expect(await world.run(planOf(...ids))).toMatchObject({ exit: Exit.done, states: { done: 30 } });
    expect(world.service.accepted).toHaveLength(30);
  });
});

describe('an interruption', () => {
  it('sends a shot again if its unconfirmed cancellation turns out to have worked', async () => {
    const world = new World();
    world.service.queueSeconds = 600;
    world.service.script.cancel = (id) => {
      for (const one of world.service.accepted) if (one.id === id) one.cancelled = true;
      world.service.status = async () => UNREACHABLE;
      return UNREACHABLE;
    };
    const finished = await world.run(planOf('cliff'), { interruptAfter: 30 });
    expect(finished).toMatchObject({ exit: Exit.interrupted, states: { submitted: 1 } });
    expect(await world.run(planOf('cliff'))).toMatchObject({
      exit: Exit.unfinished,
      states: { cancelled: 1 },
    });
    expect(world.service.calls.submit).toBe(1);
    const { status } = ScriptedService.prototype;
    world.service.status = status;
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
    expect(world.service.calls.submit).toBe(2);
  });

  it('knows from the record that an interrupted run asked for a cancellation', async () => {
    const world = new World();
    world.service.queueSeconds = 600;
    const { status } = ScriptedService.prototype;
    world.service.script.cancel = (id) => {
      for (const one of world.service.accepted) if (one.id === id) one.cancelled = true;
      world.service.status = async () => UNREACHABLE;
      return UNREACHABLE;
    };
    await world.run(planOf('cliff'), { interruptAfter: 30 });
    expect((await world.manifest()).submissions[0]).toMatchObject({ state: 'submitted', cancelling: true });
    await rm(world.path('manifest.json'));
    world.service.status = status;
    expect(await world.run(planOf('cliff'))).toMatchObject({ states: { cancelled: 1 } });
    expect((await world.manifest()).submissions[0]).not.toHaveProperty('cancelling');
    expect(await world.run(planOf('cliff'))).toMatchObject({ exit: Exit.done });
  });

  it('counts no cost for cancelled submissions', async () => {
    const world = new World();
    world.service.queueSeconds = 600;
    const finished = await world.run(planOf('cliff', 'beach'), { interruptAfter: 30 });
    expect(finished).toMatchObject({ states: { cancelled: 2 }, usd: 0, usd_unknown: 0 });
  });

  it('cancels queued requests at an interruption, leaves rendering ones, and continues in the next run', async () => {
    const world = new World();
    world.service.script.result = (requestId) =>
      requestId === 'req-1'
        ? { kind: 'state', request: requestState({ requestId, status: 'rendering' }) }
        : undefined;
    world.service.queueSeconds = 600;
    const finished = await world.run(planOf('cliff', 'beach', 'pier'), {
      concurrency: 2,
      interruptAfter: 30,
    });
    expect(finished.exit).toBe(Exit.interrupted);
    expect(finished.states).toMatchObject({ submitted: 1, cancelled: 1, planned: 1 });
    world.service.script = {};
    expect(await world.run(planOf('cliff', 'beach', 'pier'))).toMatchObject({
      exit: Exit.done,
      states: { done: 3 },
    });
    expect(world.service.accepted).toHaveLength(4);
  });

  it('ends within five seconds of an interruption with 100 shots in flight and POSTs unanswered', async () => {
    const world = new World();
    world.service.queueSeconds = 600;
    let posts = 0;
    world.service.script.submit = async (_body, signal) => {
      posts += 1;
      if (posts <= 80) return undefined;
      await world.clock.sleep(600_000, signal);
      return { ...LOST, code: 'aborted' };
    };
    const ids = Array.from({ length: 100 }, (_, index) => `shot${index}`);
    const finished = await world.run(planOf(...ids), { concurrency: 100, interruptAfter: 30 });
    expect(finished.exit).toBe(Exit.interrupted);
    expect(finished.elapsed - 30).toBeLessThan(5);
    expect(finished.states).toMatchObject({ cancelled: 80, unknown: 20 });
  });

  it('does not treat a request as cancelled until the service confirms it', async () => {
    const world = new World();
    world.service.queueSeconds = 600;
    world.service.script.cancel = () => ({ kind: 'cancelled' });
    const finished = await world.run(planOf('cliff'), { interruptAfter: 30 });
    expect(finished).toMatchObject({ exit: Exit.interrupted, states: { submitted: 1 } });
  });
});

describe('a run directory', () => {
  it('continues from the records alone, without a POST for what they name', async () => {
    const world = new World();
    world.service.script.download = (url) =>
      url.includes('req-2')
        ? { kind: 'unreachable', status: null, code: 'timeout', message: 'Too slow.' }
        : undefined;
    await world.run(planOf('cliff', 'beach'));
    const before = world.committed();
    for (const name of await readdir(world.directory)) {
      if (name !== 'videos') await rm(world.path(name), { recursive: true });
    }
    await rm(world.path(clipOf('cliff')));
    world.service.script = {};
    expect(await world.run(planOf('cliff', 'beach', 'pier'))).toMatchObject({
      exit: Exit.done,
      states: { done: 3 },
    });
    expect(world.service.calls.submit).toBe(3);
    expect(world.committed()[recordOf('cliff')]).toBe(before[recordOf('cliff')]);
  });

  it('refuses a run directory to another service and to a second process', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    await expect(
      world.open(planOf('cliff'), { serviceName: 'https://model-api.runcomfy.net' }),
    ).rejects.toThrow('belongs to rehearsals on this machine');
    const first = await world.open(planOf('cliff'));
    await expect(world.open(planOf('cliff'))).rejects.toThrow(`is in use by process ${process.pid}`);
    await first.close();
    await (await world.open(planOf('cliff'))).close();
  });

  it('stops before it spends if a record cannot be read, and names the file', async () => {
    const world = new World();
    await world.run(planOf('cliff'));
    const half = (await world.read(recordOf('cliff'))).slice(0, 300);
    await writeFile(world.path(recordOf('cliff')), half);
    await expect(world.open(planOf('cliff', 'beach'))).rejects.toThrow(
      `${recordOf('cliff')}: it is not JSON. It says what was paid for, so nothing was sent. Get it back from git`,
    );
  });

  it('follows the request of a shot that has left the list, and shows it as unlisted', async () => {
    const world = new World();
    world.service.renderSeconds = 7200;
    await world.run(planOf('cliff', 'beach'));
    world.service.renderSeconds = 10;
    expect(await world.run(planOf('beach'))).toMatchObject({ exit: Exit.done, states: { done: 1 } });
    expect((await world.manifest()).unlisted).toMatchObject([{ id: 'cliff', state: 'done' }]);
    expect(world.service.calls.submit).toBe(2);
  });

  it('does not send a shot whose image has changed since the plan', async () => {
    const world = new World();
    await writeFile(join(world.directory, 'board.png'), 'other bytes');
    const input = { start_image_url: { $file: 'board.png', sha256: hash('bytes'), type: 'image/png' } };
    const plan = planOf(submission('cliff', { input }), 'beach');
    const finished = await world.run({ ...plan, list: { ...plan.list, folder: world.directory } });
    expect(finished).toMatchObject({ exit: Exit.failed, states: { planned: 1, done: 1 } });
    expect(world.last('cliff')?.message).toContain('board.png has changed');
  });
});
