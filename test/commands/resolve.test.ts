import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { Console } from '../../src/commands/console.js';
import { resolveByHand } from '../../src/commands/run/resolve.js';

it('takes the lock of a run directory for `shotlist resolve` only with --take-lock', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shotlist-resolve-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  // An unreadable lock may be held by a run.
  await writeFile(join(directory, 'lock'), 'unreadable');
  const stream = { write: () => true };
  const console = { stdout: stream, stderr: stream } as unknown as Console;
  const resolve = (flags: { takeLock?: boolean }) =>
    resolveByHand(directory, 'cliff', { flags: { resubmit: true, ...flags }, console });
  expect(await resolve({})).toBe(Exit.unfinished);
  // The directory has no submissions.
  expect(await resolve({ takeLock: true })).toBe(Exit.missing);
});
