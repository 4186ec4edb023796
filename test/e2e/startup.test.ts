import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIST = join(ROOT, 'examples/hello.yaml');

/** Folder of an installed package. */
let installed: string;

beforeEach(() => {
  installed = mkdtempSync(join(tmpdir(), 'installed-'));
  cpSync(join(ROOT, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'), 'junction');
});

function shotlist(args: readonly string[], file = 'dist/cli.js') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(installed, file), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const SOUND = { status: 0, stdout: expect.stringMatching(/, nothing wrong\n$/), stderr: '' };

describe('the installed command', () => {
  it('writes nothing into the folder where it is installed', () => {
    const files = () => readdirSync(installed, { recursive: true }).length;
    const before = files();
    expect(shotlist(['validate', LIST])).toEqual(SOUND);
    expect(files()).toBe(before);
  });

  it('prints its version', () => {
    expect(shotlist(['--version'])).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  it.runIf(process.platform !== 'win32')('is started by a link to it, as npm makes one', () => {
    symlinkSync(join(installed, 'dist/cli.js'), join(installed, 'shotlist'));
    expect(shotlist(['validate', LIST], 'shotlist')).toEqual(SOUND);
  });
});
