import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.js';
import { Repository } from './repository.js';
import { startService } from './service.js';

/** For the slowest machine that is meant, milliseconds: each test starts about ten processes of the CLI. */
const timeout = 300_000;

/** A repository whose main branch has two shots and their records, and the service that rendered them. */
async function rendered() {
  const { emulator, env } = await startService();
  const repository = await Repository.make(['first', 'last']);
  /** Runs the list of a clone, and resolves with everything it printed. */
  const run = async (folder: string, ...flags: readonly string[]) => {
    const { code, stdout, stderr } = await repository.project.run(
      ['run', `${folder}/film.yaml`, '--yes', ...flags],
      env,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  await run('home');
  await repository.push('home', 'main', 'Render two shots');
  /** Adds shots on a branch in a clone of its own, renders them, and pushes list and records. */
  const branch = async (name: string, shots: readonly string[]) => {
    await repository.clone(name);
    await repository.write(name, shots);
    await run(name, '--fetch', 'new');
    await repository.push(name, name, `Render on ${name}`);
  };
  return { emulator, repository, run, branch };
}

/** Renders that were paid for, and different ones among them. */
function paid(emulator: Emulator): readonly [number, number] {
  const renders = emulator.requests();
  return [renders.length, new Set(renders.map(({ inputSha256 }) => inputSha256)).size];
}

describe('records in git', () => {
  it('join by merge, rebase, squash and cherry-pick without help, and nothing is paid for again', {
    timeout,
  }, async () => {
    const { emulator, repository, run, branch } = await rendered();
    await branch('ada', ['early', 'first', 'last']);
    await branch('ben', ['first', 'last', 'late']);
    expect(paid(emulator)).toEqual([4, 4]);
    const ways = {
      merge: ['merge', '--quiet', '--no-edit', 'origin/ben'],
      rebase: ['rebase', '--quiet', 'origin/ben'],
      squash: ['merge', '--quiet', '--squash', 'origin/ben'],
      'cherry-pick': ['cherry-pick', 'origin/ben'],
    };
    for (const [way, args] of Object.entries(ways)) {
      // As on Windows, where git gives texts other line ends.
      const options = way === 'squash' ? ['--config', 'core.autocrlf=true'] : [];
      await repository.clone(way, 'ada', ...options);
      await repository.git(way, ...args);
      if (way === 'squash') await repository.git(way, 'commit', '--quiet', '--message', 'Squash');
      const before = await repository.git(way, 'rev-parse', 'HEAD^{tree}');
      expect(await run(way), way).toContain('4 clips in');
      expect(await repository.status(way), way).toBe('');
      expect(await repository.git(way, 'write-tree'), way).toBe(before);
    }
    expect(paid(emulator)).toEqual([4, 4]);
  });

  it('of one shot that two branches rendered are a conflict, which the next run solves with both renders', {
    timeout,
  }, async () => {
    const { emulator, repository, run, branch } = await rendered();
    await branch('ada', ['first', 'last', 'same']);
    await branch('ben', ['first', 'last', 'same']);
    expect(paid(emulator)).toEqual([4, 3]);
    await repository.clone('both', 'ada');
    await expect(repository.git('both', 'merge', 'origin/ben')).rejects.toThrow();
    const conflict = (await repository.git('both', 'diff', '--name-only', '--diff-filter=U')).split('\n');
    expect(conflict).toEqual([
      expect.stringMatching(/^renders\/film\/videos\/shot-same\.[0-9a-f]{8}\.json$/),
    ]);
    await run('both');
    const record = await repository.project.read('both', ...conflict);
    for (const { id } of emulator.requests().slice(-2)) expect(record).toContain(id);
    await repository.commit('both', 'Keep both renders');
    await run('both');
    expect(await repository.status('both')).toBe('');
    expect(paid(emulator)).toEqual([4, 3]);
  });

  it('stay as they are on a fresh machine with nothing to do, whatever it fetches', { timeout }, async () => {
    const { emulator, repository, run } = await rendered();
    for (const [fetch, clips] of [
      ['new', 0],
      ['all', 2],
    ] as const) {
      await repository.clone(fetch);
      await run(fetch, '--fetch', fetch);
      expect(await repository.status(fetch)).toBe('');
      const files = await repository.project.files(fetch, 'renders/film/videos');
      expect(files.filter((file) => file.endsWith('.mp4'))).toHaveLength(clips);
    }
    // A deleted manifest decides nothing.
    await repository.project.remove('all/renders/film/manifest.json');
    await run('all');
    expect(await repository.status('all')).toBe('');
    expect(paid(emulator)).toEqual([2, 2]);
  });
});
