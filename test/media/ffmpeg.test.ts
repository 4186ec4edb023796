import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';

/** A folder with a program that says it is that version of ffmpeg. */
async function folderWithFfmpeg(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-ffmpeg-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'ffmpeg');
  const tables =
    ' ... ass               V->V       Render ASS subtitles\n V....D libx264              H.264\n';
  await writeFile(
    path,
    `#!/bin/sh\necho 'ffmpeg version ${version} Copyright'\nprintf '${tables.replaceAll('\n', '\\n')}'\n`,
  );
  await chmod(path, 0o755);
  return folder;
}

const none = {
  resolve: () => {
    throw new Error('not installed');
  },
};

// Shell scripts stand in for programs, which Windows cannot run.
describe.skipIf(process.platform === 'win32')('findFfmpeg', () => {
  it('findFfmpeg takes the ffmpeg of SHOTLIST_FFMPEG without looking further', async () => {
    const path = join(await folderWithFfmpeg('2.0'), 'ffmpeg');
    const found = await findFfmpeg({ env: { SHOTLIST_FFMPEG: path, PATH: '' }, ...none });
    expect(found).toMatchObject({ ok: true, ffmpeg: { path, version: '2.0' } });
    if (found.ok)
      expect([found.ffmpeg.filters.has('ass'), found.ffmpeg.encoders.has('libx264')]).toEqual([true, true]);
  });

  it('findFfmpeg explains that the ffmpeg of SHOTLIST_FFMPEG does not exist', async () => {
    expect(await findFfmpeg({ env: { SHOTLIST_FFMPEG: '/no/such/ffmpeg' } })).toEqual({
      ok: false,
      message: 'SHOTLIST_FFMPEG is /no/such/ffmpeg, which cannot be used: there is no such program.',
      hint: 'Set it to the path of an ffmpeg program, or unset it to use the one that comes with shotlist.',
    });
  });

  it.each(['4.4.1', '6.1-git', 'N-109999-gabcdef', 'n7.0-7-gd38bf5e08e'])(
    'findFfmpeg takes version %s from the PATH',
    async (version) => {
      const PATH = `${await folderWithFfmpeg(version)}:/usr/bin:/bin`;
      expect(await findFfmpeg({ env: { PATH }, ...none })).toMatchObject({
        ok: true,
        ffmpeg: { path: 'ffmpeg', version },
      });
    },
  );

  it('findFfmpeg prefers the package to an old ffmpeg on the PATH', async () => {
    const env = { PATH: `${await folderWithFfmpeg('4.3.9')}:/usr/bin:/bin` };
    const packaged = join(await folderWithFfmpeg('4.1'), 'ffmpeg');
    const found = await findFfmpeg({ env, platform: 'linux-x64', resolve: () => packaged });
    expect(found).toMatchObject({ ok: true, ffmpeg: { path: packaged } });
    expect(await findFfmpeg({ env, ...none })).toEqual({
      ok: false,
      message:
        "No usable ffmpeg: version 4.3.9 on the PATH is too old, and the npm package's cannot be used " +
        '(no package for this system is installed).',
      hint: 'Install ffmpeg 4.4 or newer, or set SHOTLIST_FFMPEG to the path of one.',
    });
  });
});

describe('runChild', () => {
  const node = process.execPath;

  it('runChild resolves with the output, or with the last lines of standard error', async () => {
    expect(await runChild(node, { args: ['-e', 'console.log(42)'], keepOutput: true })).toEqual({
      ok: true,
      output: '42\n',
      message: '',
    });
    const failing = 'for (const n of [1, 2, 3, 4]) console.error("line " + n); process.exitCode = 3';
    expect((await runChild(node, { args: ['-e', failing] })).message).toBe('line 2 / line 3 / line 4');
    expect((await runChild(node, { args: ['-e', 'process.exit(3)'] })).message).toBe('it ended with code 3');
  });

  it('runChild resolves with standard error where that holds the answer', async () => {
    const said = { args: ['-e', 'console.error("I: -16 LUFS")'], keepErrors: true };
    expect(await runChild(node, said)).toEqual({ ok: true, output: 'I: -16 LUFS\n', message: '' });
  });

  it('runChild kills the child when its signal aborts', async () => {
    const stop = new AbortController();
    const running = runChild(node, { args: ['-e', 'setInterval(() => {}, 1000)'], signal: stop.signal });
    stop.abort();
    expect(await running).toMatchObject({ ok: false, message: 'it was stopped' });
    expect(await runChild(node, { args: [], signal: stop.signal })).toMatchObject({ ok: false });
  });
});
