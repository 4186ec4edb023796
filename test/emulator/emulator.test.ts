import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.js';
import { inputHash } from '../../src/emulator/requests.js';
import { input, STANDARD, startRig, temporaryFolder, until } from './rig.js';

describe('a request', () => {
  it('a request goes from the queue through progress to a clip', async () => {
    const { post, get, renders } = await startRig();
    const answer = await post(`/v1/models/${STANDARD}`, input());
    expect(answer.status).toBe(200);
    const id = String(answer.body.request_id);
    expect(answer.body.status_url).toMatch(new RegExp(`/v1/requests/${id}/status$`));
    await until(() => renders.length === 1);
    expect((await get(`/v1/requests/${id}/status`)).body.status).toBe('in_progress');
    expect((await get(`/v1/requests/${id}/result`)).body).toMatchObject({
      status: 'in_progress',
      output: null,
    });
    renders[0]?.finish(Buffer.from('moving pictures'));
    await until(async () => (await get(`/v1/requests/${id}/status`)).body.status === 'completed');
    const { output } = (await get(`/v1/requests/${id}/result`)).body as { output: { video: string } };
    expect(await (await fetch(output.video)).text()).toBe('moving pictures');
  });

  it('a queued request says how many are before it and starts strictly in order', async () => {
    const { submit, get, renders } = await startRig();
    const ids = [await submit('one'), await submit('two'), await submit('three')];
    await until(() => renders.length === 1);
    expect((await get(`/v1/requests/${ids[0]}/status`)).body).not.toHaveProperty('queue_position');
    expect((await get(`/v1/requests/${ids[1]}/status`)).body.queue_position).toBe(0);
    expect((await get(`/v1/requests/${ids[2]}/status`)).body.queue_position).toBe(1);
    renders[0]?.finish();
    await until(() => renders.length === 2);
    expect(renders[1]?.shot.segments[0]?.prompt).toBe('two');
  });

  it('a request stays queued and in progress for the times of the pace', async () => {
    const { submit, get, renders, clock } = await startRig({ pace: { queued: 10, inProgress: 20 } });
    const status = async () => (await get(`/v1/requests/${id}/status`)).body.status;
    const id = await submit();
    expect(await status()).toBe('in_queue');
    clock.advance(10);
    await until(() => renders.length === 1);
    renders[0]?.finish();
    expect(await status()).toBe('in_progress');
    clock.advance(20);
    await until(async () => (await status()) === 'completed');
  });

  it('a request can be cancelled while it is queued, and not in progress', async () => {
    const { submit, post, get, renders } = await startRig();
    const [first, second] = [await submit(), await submit()];
    await until(() => renders.length === 1);
    expect((await post(`/v1/requests/${second}/cancel`)).body).toEqual({
      request_id: second,
      status: 'cancelled',
      outcome: 'cancelled',
    });
    expect((await post(`/v1/requests/${first}/cancel`)).body).toMatchObject({
      status: 'in_progress',
      outcome: 'not_cancellable',
    });
    expect((await get(`/v1/requests/${second}/result`)).body).toMatchObject({ status: 'cancelled' });
  });

  it('a request says why its render failed', async () => {
    const { submit, get, renders } = await startRig();
    const id = await submit();
    await until(() => renders.length === 1);
    renders[0]?.finish({ message: 'The board is on fire.' });
    await until(async () => (await get(`/v1/requests/${id}/status`)).body.status === 'failed');
    expect((await get(`/v1/requests/${id}/result`)).body).toMatchObject({
      error: 'The board is on fire.',
      output: null,
    });
  });

  it.each([
    [false, 0],
    [true, 0.378],
  ])('a request reports the cost of the rates if charge is %s, and only when asked', async (charge, cost) => {
    const { submit, get, renders } = await startRig({ charge });
    const id = await submit();
    await until(() => renders.length === 1);
    expect((await get(`/v1/requests/${id}/result?include_cost=true`)).body).not.toHaveProperty('cost');
    renders[0]?.finish();
    await until(async () => (await get(`/v1/requests/${id}/status`)).body.status === 'completed');
    expect((await get(`/v1/requests/${id}/result`)).body).not.toHaveProperty('cost');
    expect((await get(`/v1/requests/${id}/result?include_cost=true`)).body.cost).toBe(cost);
  });
});

it('a submission takes its cost from the balance, a cancelled one gives it back, and a used-up balance refuses', async () => {
  const { emulator, submit, get, post, folder } = await startRig({ charge: true, balance: 0.7 });
  const balance = async (call = get) => (await call('/balance')).body.balance_usd;
  const [, queued] = [await submit('a'), await submit('b')];
  expect(await balance()).toBe(-0.056);
  const refused = await post(`/v1/models/${STANDARD}`, input('c'));
  expect(refused).toMatchObject({ status: 400, body: { error_code: 400002 } });
  await post(`/v1/requests/${queued}/cancel`);
  expect(await balance()).toBe(0.322);
  await emulator.close();
  const after = await startRig({ charge: true, balance: 0.7, folder });
  expect(await balance(after.get)).toBe(0.322);
});

describe('after a restart', () => {
  it('a restarted emulator serves finished requests at its new address and renders open ones again', async () => {
    const before = await startRig();
    const [done, halfway, queued] = [
      await before.submit('a'),
      await before.submit('b'),
      await before.submit('c'),
    ];
    await until(() => before.renders.length === 1);
    before.renders[0]?.finish(Buffer.from('kept'));
    await until(() => before.renders.length === 2);
    await before.emulator.close();

    const after = await startRig({ folder: before.folder });
    const { output } = (await after.get(`/v1/requests/${done}/result`)).body as { output: { video: string } };
    expect(output.video.startsWith(after.emulator.origin)).toBe(true);
    expect(await (await fetch(output.video)).text()).toBe('kept');
    await until(() => after.renders.length === 1);
    expect(after.renders[0]?.shot.segments[0]?.prompt).toBe('b');
    expect((await after.get(`/v1/requests/${halfway}/status`)).body.status).toBe('in_progress');
    expect((await after.get(`/v1/requests/${queued}/status`)).body).toMatchObject({ queue_position: 0 });
  });

  it('a restarted emulator drops a torn last line of the ledger and writes whole lines after it', async () => {
    const before = await startRig();
    await before.submit('a');
    await before.emulator.close();
    const ledger = join(before.folder, 'requests.ndjson');
    await appendFile(ledger, '{"type":"accepted","id":"torn');
    const after = await startRig({ folder: before.folder });
    await after.submit('b');
    const lines = (await readFile(ledger, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).input.prompt)).toEqual(['a', 'b']);
  });

  it('a start with an invalid ledger is refused with what to do', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'requests.ndjson'), 'shopping list\n');
    expect(await startEmulator({ folder })).toMatchObject({
      ok: false,
      reason: 'unreadable-state',
      hint: 'Move that folder away to begin a new one.',
    });
  });
});

describe('the ledger', () => {
  it('the ledger has every accepted request with the hash of its input, and no pictures', async () => {
    const { post, folder } = await startRig();
    const body = { ...input(), start_image_url: PIXEL };
    const { request_id } = (await post(`/v1/models/${STANDARD}`, body)).body;
    const text = await readFile(join(folder, 'requests.ndjson'), 'utf8');
    const record = JSON.parse(text);
    expect(record).toMatchObject({
      type: 'accepted',
      id: request_id,
      model: STANDARD,
      input_sha256: inputHash(body),
    });
    expect(text).not.toContain('base64');
    const stored = await readFile(join(folder, record.input.start_image_url.$stored));
    expect(stored.toString('base64')).toBe(PIXEL.slice(PIXEL.indexOf(',') + 1));
  });
});

describe('a disk that refuses', () => {
  // A request that cannot be stored is refused with a 4xx: a 5xx would leave open if it was accepted.
  it('an emulator on a disk that refuses to write accepts nothing and says so', async () => {
    const { post, folder, emulator } = await startRig();
    await writeFile(join(folder, 'pictures'), 'in the way');
    const answer = await post(`/v1/models/${STANDARD}`, { ...input(), start_image_url: PIXEL });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toBe(
      'Nothing was accepted: the emulator cannot write its state; there is a file of that name.',
    );
    expect(emulator.requests()).toEqual([]);
  });
});

describe('a start that fails', () => {
  it('a failed start names the port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    expect(await startEmulator({ folder: await temporaryFolder(), port })).toEqual({
      ok: false,
      reason: 'port-in-use',
      message: `Port ${port} is in use.`,
      hint: 'Try --port 0, which takes any free one.',
    });
  });

  it('a failed start says that the folder is a file', async () => {
    const folder = join(await temporaryFolder(), 'film');
    await writeFile(folder, '');
    expect(await startEmulator({ folder })).toMatchObject({
      ok: false,
      reason: 'cannot-write',
      message: `Cannot write to ${folder}: there is a file of that name.`,
    });
  });
});

/** A PNG of one pixel. */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
