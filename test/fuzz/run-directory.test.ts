import { mkdtempSync } from 'node:fs';
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
import { readJournal } from '../../src/run/journal/journal-file.js';
import { readRunState } from '../../src/run/journal/run-state.js';
import { findToken } from '../../src/runcomfy/token.js';
import { runs, spoilt } from '../rig/spoil.js';
import { chain, planOf, World } from '../run/world.js';

const NOW = '2026-11-21T08:00:00.000Z';
const folder = mkdtempSync(join(tmpdir(), 'shotlist-fuzz-'));
const at = (name: string) => join(folder, name);

/** Journal and manifest of a run with a bit of everything. */
const real: Record<'journal' | 'manifest', Record<string, Buffer>> = { journal: {}, manifest: {} };

beforeAll(async () => {
  for (const plan of [planOf('cliff', 'beach', 'town'), chain(3)]) {
    const world = new World();
    world.service.script.afterAccept = ({ id }) =>
      id === 'req-2'
        ? { kind: 'unknown', status: 502, code: null, message: 'A gateway’s fault.' }
        : undefined;
    await world.run(plan);
    const name = String(plan.submissions.length);
    real.journal[name] = Buffer.from(await world.read('journal.ndjson'));
    real.manifest[name] = Buffer.from(await world.read('manifest.json'));
  }
});

it('a spoilt journal is read or called unreadable with a line number', async () => {
  const property = fc.asyncProperty(spoilt(real.journal), async ([, bytes]) => {
    await writeFile(at('journal.ndjson'), bytes);
    const read = await readJournal(at('journal.ndjson'));
    if (read.kind === 'unreadable') expect(read.message).toMatch(/, line \d+: /);
    if (read.kind === 'read') expect(read.length).toBeLessThanOrEqual(bytes.length);
  });
  await fc.assert(property, runs(300));
});

it('all whole lines of a journal that is cut off anywhere are read', async () => {
  const [bytes = Buffer.alloc(0)] = Object.values(real.journal);
  const property = fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (length) => {
    await writeFile(at('cut.ndjson'), bytes.subarray(0, length));
    const read = await readJournal(at('cut.ndjson'));
    const whole = bytes.subarray(0, length).lastIndexOf(10) + 1;
    expect(read).toMatchObject(whole === 0 ? { kind: 'none' } : { kind: 'read', length: whole });
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

it('a run directory with a spoilt journal and a spoilt manifest is read or called unreadable', async () => {
  const property = fc.asyncProperty(
    spoilt(real.journal),
    spoilt(real.manifest),
    fc.boolean(),
    async ([, journal], [, manifest], hasJournal) => {
      const directory = mkdtempSync(at('run-'));
      if (hasJournal) await writeFile(join(directory, 'journal.ndjson'), journal);
      await writeFile(join(directory, 'manifest.json'), manifest);
      const state = await readRunState(directory, NOW);
      if (state.kind !== 'read') expect(state.message).not.toBe('');
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
