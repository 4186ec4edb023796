import { mkdirSync, mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { readManifest } from '../../src/manifest/manifest-file.js';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { probeVideo } from '../../src/media/probe.js';
import { takeLock } from '../../src/run/directory/lock.js';
import { formatRecord, readRecord } from '../../src/run/records/record-file.js';
import { readRunState } from '../../src/run/records/records.js';
import { findToken } from '../../src/runcomfy/token.js';
import { runs, spoilt } from '../rig/spoil.js';
import { chain, planOf, World } from '../run/world.js';

const NOW = '2026-11-21T08:00:00.000Z';
const folder = mkdtempSync(join(tmpdir(), 'shotlist-fuzz-'));
const at = (name: string) => join(folder, name);

/** Records and manifest of a run with a bit of everything. */
const real: Record<'records' | 'manifest', Record<string, Buffer>> = { records: {}, manifest: {} };

beforeAll(async () => {
  for (const plan of [planOf('cliff', 'beach', 'town'), chain(3)]) {
    const world = new World();
    world.service.script.afterAccept = ({ id }) =>
      id === 'req-2'
        ? { kind: 'unknown', status: 502, code: null, message: 'A gateway’s fault.' }
        : undefined;
    await world.run(plan);
    for (const [name, text] of Object.entries(world.committed())) {
      const kind = name === 'manifest.json' ? 'manifest' : 'records';
      real[kind][kind === 'records' ? name : String(plan.submissions.length)] = Buffer.from(text);
    }
  }
});

it('a spoilt record is read or called unreadable, with a reason', async () => {
  const property = fc.property(spoilt(real.records), ([, bytes]) => {
    const read = readRecord(bytes.toString());
    if (!read.ok) expect(read.problem).toMatch(/[^\s.]$/);
    // What was read can be written and read again.
    else expect(readRecord(formatRecord(read.render))).toMatchObject({ ok: true });
  });
  fc.assert(property, runs(300));
});

it('a record that is cut off anywhere is called unreadable, and never counts as absent', async () => {
  const [[name, bytes] = ['', Buffer.alloc(0)]] = Object.entries(real.records);
  const directory = mkdtempSync(at('cut-'));
  mkdirSync(join(directory, 'videos'));
  const property = fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 2 }), async (length) => {
    await writeFile(join(directory, name), bytes.subarray(0, length));
    const state = await readRunState(directory);
    expect(state).toMatchObject({ kind: 'unreadable', file: name, message: expect.stringContaining(name) });
  });
  await fc.assert(property, runs(100));
});

it('a spoilt manifest is read or called unreadable', async () => {
  const property = fc.asyncProperty(spoilt(real.manifest), async ([, bytes]) => {
    await writeFile(at('manifest.json'), bytes);
    const read = await readManifest(at('manifest.json'));
    expect(['read', 'unreadable']).toContain(read.kind);
  });
  await fc.assert(property, runs(200));
});

it('a run directory with a spoilt record is unreadable, or has the key of each record in its files', async () => {
  const property = fc.asyncProperty(
    spoilt(real.records),
    spoilt(real.manifest),
    async ([name, record], [, manifest]) => {
      const directory = mkdtempSync(at('run-'));
      mkdirSync(join(directory, 'videos'));
      for (const [other, bytes] of Object.entries(real.records))
        await writeFile(join(directory, other), bytes);
      await writeFile(join(directory, name), record);
      await writeFile(join(directory, 'manifest.json'), manifest);
      const state = await readRunState(directory);
      const others = Object.keys(real.records).filter((other) => other !== name);
      const known = state.kind === 'read' ? [...state.keyStates.keys()].map((key) => key.slice(0, 8)) : [];
      if (state.kind !== 'read') expect(state.message).toContain(state.file);
      else for (const other of others) expect(known).toContain(other.split('.').at(-2));
    },
  );
  await fc.assert(property, runs(100));
});

it('a spoilt lock counts as held', async () => {
  const directory = mkdtempSync(at('lock-'));
  const taken = await takeLock({ directory, now: NOW, force: false });
  if (!taken.ok) throw new Error('it is held');
  const locks = { lock: await readFile(join(directory, 'lock')) };
  await taken.lock.release();
  const property = fc.asyncProperty(spoilt(locks), async ([, bytes]) => {
    const spoiltFolder = mkdtempSync(at('lock-'));
    await writeFile(join(spoiltFolder, 'lock'), bytes);
    const held = await takeLock({ directory: spoiltFolder, now: NOW, force: false });
    // Without force, the lock is taken only from a process of this machine that has ended.
    if (held.ok) expect(JSON.parse(bytes.toString())).toMatchObject({ pid: expect.any(Number) });
    const forced = await takeLock({ directory: spoiltFolder, now: NOW, force: true });
    expect(forced.ok).toBe(true);
  });
  await fc.assert(property, runs(60));
});

it('a spoilt token file gives a token that a header can hold, or a reason', async () => {
  const files = { token: Buffer.from('{"access_token": "a-token-0123456789", "expires_at": 4000000000}') };
  const property = fc.asyncProperty(spoilt(files), async ([, bytes]) => {
    await writeFile(at('token.json'), bytes);
    const found = await findToken({ RUNCOMFY_CONFIG_DIR: folder });
    if (found.kind === 'found') expect(found.token).toMatch(/^[\x21-\x7e]+$/);
    else expect(found.message).toContain('token.json');
  });
  await fc.assert(property, runs(200));
});

it('a spoilt clip is a video or no video, without an exception', async () => {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  const made = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=64x48:r=8:d=1',
    '-f',
    'lavfi',
    '-i',
    'sine=d=1',
  ];
  const { ok } = await runChild(found.ffmpeg.path, { args: [...made, at('whole.mp4')] });
  expect(ok).toBe(true);
  const clip = await readFile(at('whole.mp4'));
  const property = fc.asyncProperty(spoilt({ clip }), async ([, bytes]) => {
    await writeFile(at('clip.mp4'), bytes);
    const facts = await probeVideo(at('clip.mp4'));
    if (facts) expect(Math.min(facts.duration, facts.width, facts.height)).toBeGreaterThan(0);
  });
  await fc.assert(property, runs(60));
});
