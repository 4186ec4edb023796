import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.js';
import { Repository } from './repository.js';
import { startService } from './service.js';

/** For the slowest machine that is meant, milliseconds: each test starts about ten processes of the CLI. */
const timeout = 300_000;

const MANIFEST = 'renders/film/manifest.json';

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
  const branch = async (name: string, shots: readonly string[], { withManifest = false } = {}) => {
    await repository.clone(name);
    await repository.write(name, shots);
    await run(name, '--fetch', 'new');
    if (withManifest) await repository.git(name, 'add', '--force', MANIFEST);
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
  it('join by merge, rebase, squash and cherry-pick without help, and a run with nothing to do changes no file', {
    timeout,
  }, async () => {
    const { emulator, repository, run, branch } = await rendered();
    await branch('ada', ['early', 'first', 'last']);
    await branch('ben', ['first', 'last', 'late']);
    expect(paid(emulator)).toEqual([4, 4]);
    for (const { way, args, fetch, clips, clone = [] } of [
      { way: 'merge', args: ['--no-edit'], fetch: 'all', clips: 4 },
      { way: 'rebase', args: [], fetch: 'new', clips: 0 },
      // As on Windows, where git gives texts other line ends.
      { way: 'merge', args: ['--squash'], fetch: 'new', clips: 0, clone: ['--config', 'core.autocrlf=true'] },
      { way: 'cherry-pick', args: [], fetch: 'needed', clips: 0 },
    ]) {
      const folder = [way, ...args].join('');
      await repository.clone(folder, 'ada', ...clone);
      await repository.git(folder, way, ...args, 'origin/ben');
      if (args.includes('--squash')) await repository.commit(folder, 'Squash');
      await run(folder, '--fetch', fetch);
      expect(await repository.status(folder), folder).toBe('');
      const files = await repository.project.files(folder, 'renders/film/videos');
      expect(
        files.filter((file) => file.endsWith('.json')),
        folder,
      ).toHaveLength(4);
      expect(
        files.filter((file) => file.endsWith('.mp4')),
        folder,
      ).toHaveLength(clips);
    }
    expect(paid(emulator)).toEqual([4, 4]);
  });

  it('of one shot that two branches rendered are a conflict, which the next run solves with both renders', {
    timeout,
  }, async () => {
    const { emulator, repository, run, branch } = await rendered();
    // A manifest in git decides nothing, in conflict or not.
    await branch('ada', ['first', 'last', 'same'], { withManifest: true });
    await branch('ben', ['first', 'last', 'same'], { withManifest: true });
    expect(paid(emulator)).toEqual([4, 3]);
    await repository.clone('both', 'ada');
    await expect(repository.git('both', 'merge', 'origin/ben')).rejects.toThrow();
    const conflict = (await repository.git('both', 'diff', '--name-only', '--diff-filter=U')).split('\n');
    expect(conflict).toEqual([
      MANIFEST,
      expect.stringMatching(/^renders\/film\/videos\/shot-same\.[0-9a-f]{8}\.json$/),
    ]);
    await run('both');
    const record = await repository.project.read('both', conflict[1] ?? '');
    for (const { id } of emulator.requests().slice(-2)) expect(record).toContain(id);
    await repository.commit('both', 'Keep both renders');
    await run('both');
    expect(await repository.status('both')).toBe('');
    expect(paid(emulator)).toEqual([4, 3]);
  });
});
