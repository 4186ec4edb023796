import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { reply } from '../rig/raw-server.js';
import { pair } from './rig.js';

vi.mock('node:fs', async (load) => ({
  ...(await load<typeof import('node:fs')>()),
  writeSync: () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  },
}));

it('reports a full disk during a download and leaves no file behind', async () => {
  const { server, service } = await pair((_request, socket) => reply(socket, 200, Buffer.alloc(1_000)));
  const path = await mkdtemp(join(tmpdir(), 'shotlist-full-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const answer = await service.download(`${server.origin}/a`, { to: join(path, 'a.mp4') });
  expect(answer).toMatchObject({ kind: 'cannot-write', code: 'ENOSPC' });
  expect(await readdir(path)).toEqual([]);
});
