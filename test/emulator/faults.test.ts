import { describe, expect, it } from 'vitest';
import { Faults, parseFaults } from '../../src/emulator/faults.js';
import { input, STANDARD, startRig, until } from './rig.js';

describe('parseFaults', () => {
  it('parseFaults reads a seed, a delay and probabilities, and 1 for a bare name', () => {
    expect(parseFaults(' seed=7, slow-by=0.5,lost-answer=0.1,429 ')).toEqual({
      ok: true,
      plan: { seed: 7, slowBy: 0.5, rates: { 'lost-answer': 0.1, '429': 1 } },
    });
  });

  it.each([
    [
      'lost-answr=1',
      /^there is no fault "lost-answr"; did you mean lost-answer\? Known: 200-error, 400001, 400002, 400004, 402, /,
    ],
    ['=1', /^there is no fault ""\. Known: 200-error, /],
    ['constructor=1', /^there is no fault "constructor"/],
    ['429=2', /^429=2: a probability is a number from 0 to 1$/],
    ['429=', /^429=: a probability/],
    ['seed=x', /^seed=x: the seed is a whole number$/],
    ['slow-by=-1', /^slow-by=-1: a delay is a number of seconds/],
  ])('parseFaults explains the error in %s', (spec, message) => {
    expect(parseFaults(spec)).toEqual({ ok: false, message: expect.stringMatching(message) });
  });
});

describe('Faults', () => {
  const planned = (seed: number) =>
    new Faults({ seed, slowBy: 1, rates: { 'lost-answer': 0.3, '429': 0.3 } });
  const struck = (faults: Faults, subjects: readonly string[]) =>
    Object.fromEntries(
      subjects.map((subject) => [subject, [1, 2, 3].map(() => faults.pick('submit', subject))] as const),
    );
  const subjects = Array.from({ length: 40 }, (_, index) => `input ${index}`);

  it('faults hit the same requests for the same seed, whatever their order', () => {
    expect(struck(planned(7), subjects.toReversed())).toEqual(struck(planned(7), subjects));
    expect(struck(planned(8), subjects)).not.toEqual(struck(planned(7), subjects));
  });

  it('faults occur about as often as their probability says', () => {
    const faults = new Faults({ seed: 3, slowBy: 1, rates: { '500': 0.2 } });
    const count = Array.from({ length: 2000 }, () => faults.pick('read', 'x')).filter(Boolean).length;
    expect(count).toBeGreaterThan(330);
    expect(count).toBeLessThan(470);
  });

  it('an ordered fault occurs once, and only at a stage where it can', () => {
    const faults = new Faults();
    faults.next('submit', 'lost-answer');
    expect(faults.pick('read', 'x')).toBeNull();
    expect([faults.pick('submit', 'x'), faults.pick('submit', 'x')]).toEqual(['lost-answer', null]);
    expect(() => faults.next('render', '429')).toThrow('the fault 429 cannot happen at render');
  });
});

describe('an emulator told to misbehave', () => {
  it.each([
    ['lost-answer', 1],
    ['lost-request', 0],
  ] as const)(
    'an emulator with the fault %s cuts the connection with %i request accepted',
    async (fault, accepted) => {
      const { emulator, submit } = await startRig();
      emulator.next('submit', fault);
      await expect(submit()).rejects.toThrow();
      expect(emulator.requests()).toHaveLength(accepted);
    },
  );

  it.each([
    ['429', 429, 429001, 0],
    ['500', 500, 500001, 0],
    ['500-accepted', 500, 500001, 1],
    ['402', 402, 402001, 0],
    ['400001', 400, 400001, 0],
    ['400002', 400, 400002, 0],
    ['400004', 400, 400004, 0],
    ['200-error', 200, 422001, 0],
  ] as const)(
    'an emulator with the fault %s answers %i with code %i and %i request accepted',
    async (fault, status, code, accepted) => {
      const { emulator, post } = await startRig();
      emulator.next('submit', fault);
      const answer = await post(`/v1/models/${STANDARD}`, input());
      expect(answer.status).toBe(status);
      expect(answer.body.error_code).toBe(code);
      expect(answer.headers.get('retry-after')).toBe(fault === '429' ? '1' : null);
      expect(emulator.requests()).toHaveLength(accepted);
    },
  );

  it('an emulator with the fault no-id accepts a request without naming it', async () => {
    const { emulator, post } = await startRig();
    emulator.next('submit', 'no-id');
    expect((await post(`/v1/models/${STANDARD}`, input())).body).not.toHaveProperty('request_id');
    expect(emulator.requests()).toHaveLength(1);
  });

  it('an emulator with the fault slow-answer answers late', async () => {
    const { emulator, submit, clock } = await startRig();
    emulator.next('submit', 'slow-answer');
    let answered = false;
    const submitted = submit().then(() => {
      answered = true;
    });
    await until(() => clock.sleepers === 1);
    expect(answered).toBe(false);
    clock.advance(3);
    await submitted;
  });

  it('an emulator with read faults answers with an unknown status, an error and its code, or not at all', async () => {
    const { emulator, submit, get } = await startRig();
    const path = `/v1/requests/${await submit()}/status`;
    emulator.next('read', 'unknown-status');
    expect((await get(path)).body.status).toBe('warming_up');
    emulator.next('read', '429');
    expect((await get(path)).status).toBe(429);
    for (const code of ['400004', '403001', '404001'] as const) {
      emulator.next('read', code);
      expect((await get(path)).body.error_code).toBe(Number(code));
    }
    emulator.next('read', 'reset');
    await expect(get(path)).rejects.toThrow();
    expect((await get(path)).status).toBe(200);
  });

  it.each(['cut-download', 'wrong-length'] as const)(
    'an emulator with the fault %s breaks off a download once',
    async (fault) => {
      const { emulator, submit, get, renders } = await startRig();
      const id = await submit();
      await until(() => renders.length === 1);
      renders[0]?.finish(Buffer.alloc(200_000, 1));
      await until(async () => (await get(`/v1/requests/${id}/status`)).body.status === 'completed');
      const download = async () =>
        (await (await fetch(`${emulator.origin}/clips/${id}.mp4`)).arrayBuffer()).byteLength;
      emulator.next('download', fault);
      await expect(download()).rejects.toThrow();
      expect(await download()).toBe(200_000);
    },
  );

  it('an emulator with the fault failed-render fails a render', async () => {
    const { emulator, submit, get, renders } = await startRig();
    emulator.next('render', 'failed-render');
    const id = await submit();
    await until(async () => (await get(`/v1/requests/${id}/status`)).body.status === 'failed');
    expect(renders).toEqual([]);
  });

  it('an emulator limits submissions a minute and says when the next may come', async () => {
    const { post, clock } = await startRig({ submissionsPerMinute: 2 });
    const submit = () => post(`/v1/models/${STANDARD}`, input());
    expect([(await submit()).status, (await submit()).status]).toEqual([200, 200]);
    clock.advance(20);
    const refused = await submit();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    clock.advance(40);
    expect((await submit()).status).toBe(200);
  });
});
