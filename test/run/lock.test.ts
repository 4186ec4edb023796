import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { heldBy, processState, takeLock, thisProcess } from '../../src/run/directory/lock.js';
import { sweep } from '../../src/run/directory/sweep.js';

const now = '2026-11-21T08:00:00.000Z';
const folder = () => mkdtempSync(join(tmpdir(), 'shotlist-lock-'));

/** Leaves the lock of a process that was killed. */
async function abandon(directory: string, over: object = {}): Promise<void> {
  const holder = await thisProcess({ since: now, nonce: '00000000deadbeef' });
  // No process of this PID began at the boot itself.
  await writeFile(join(directory, 'lock'), JSON.stringify({ ...holder, start_time: '0', ...over }));
}

describe('the lock of a run directory', () => {
  it('gives the lock to one process, names its holder, and leaves no file behind', async () => {
    const directory = folder();
    const first = await takeLock({ directory, now, force: false });
    const second = await takeLock({ directory, now, force: false });
    expect(second).toMatchObject({ ok: false, holder: { pid: process.pid, since: now } });
    if (first.ok) await first.lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('passes from a dead holder to exactly one of many', async () => {
    const directory = folder();
    await abandon(directory);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => takeLock({ directory, now, force: false })),
    );
    const taken = all.flatMap((one) => (one.ok ? one.lock : []));
    expect(taken).toHaveLength(1);
    await taken[0]?.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ['another boot', { boot_id: 'another' }],
    ['another container', { pid_namespace: 'pid:[1]' }],
  ])('takes the lock from %s only by force', async (_name, over) => {
    const directory = folder();
    await abandon(directory, over);
    const refused = await takeLock({ directory, now, force: false });
    expect(refused).toMatchObject({ ok: false, isAlive: false });
    if (!refused.ok)
      expect(heldBy(directory, refused)).toContain('it is not known here whether that run is over');
    const forced = await takeLock({ directory, now, force: true });
    expect(forced.ok).toBe(true);
    expect(await takeLock({ directory, now, force: false })).toMatchObject({ ok: false });
  });

  it('takes a lock that cannot be read only by force', async () => {
    const directory = folder();
    await writeFile(join(directory, 'lock'), '{"pid":');
    const refused = await takeLock({ directory, now, force: false });
    expect(refused).toMatchObject({ ok: false, holder: null });
    if (!refused.ok) expect(heldBy(directory, refused)).toContain(join(directory, 'lock'));
    expect((await takeLock({ directory, now, force: true })).ok).toBe(true);
  });

  it('shows a holder without the control characters in its lock file', async () => {
    const directory = folder();
    await abandon(directory, { boot_id: 'another', host: 'a\u001b[2Jb' });
    const refused = await takeLock({ directory, now, force: false });
    if (!refused.ok) expect(heldBy(directory, refused)).toContain('on a?[2Jb,');
    expect(refused.ok).toBe(false);
  });

  it('does not release a lock that was taken from it by force', async () => {
    const directory = folder();
    const first = await takeLock({ directory, now, force: false });
    const second = await takeLock({ directory, now, force: true });
    if (first.ok) await first.lock.release();
    expect(await takeLock({ directory, now, force: false })).toMatchObject({ ok: false });
    if (second.ok) await second.lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('knows that the process of this test is alive', async () => {
    expect(await processState(await thisProcess({ since: now, nonce: '0123456789abcdef' }))).toBe('alive');
  });
});

describe('what locks of killed processes left behind', () => {
  it('sweeps lock files of killed processes, and keeps the lock of the holder', async () => {
    const directory = folder();
    await abandon(directory);
    const strays = ['lock-0123456789abcdef.tmp', 'lock.0123456789abcdef'];
    for (const name of strays) await writeFile(join(directory, name), '{}');
    await writeFile(join(directory, 'lock.txt'), 'a note of somebody');
    const taken = await takeLock({ directory, now, force: true });
    await sweep(directory, []);
    expect(await readdir(directory)).toEqual(['lock', 'lock.00000000deadbeef', 'lock.txt']);
    if (taken.ok) await taken.lock.release();
    expect(await readdir(directory)).toEqual(['lock.txt']);
  });

  it('sweeps an unfinished clip, if it is one of the run', async () => {
    const directory = folder();
    const videos = join(directory, 'videos');
    await mkdir(videos);
    const names = [
      'cliff.0123abcd.attempt2-2.mp4.part',
      'dunes.0123abce.mp4.part',
      'cliff.0123abcd.mp4',
      'mine.part',
    ];
    for (const name of names) await writeFile(join(videos, name), 'half of it');
    await sweep(directory, ['0123abcd'.padEnd(64, '0')]);
    expect(await readdir(videos)).toEqual(['cliff.0123abcd.mp4', 'dunes.0123abce.mp4.part', 'mine.part']);
  });
});
