import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIST = join(ROOT, 'examples/hello.yaml');

let dist: string;
let compiled: string;

beforeEach(() => {
  dist = join(mkdtempSync(join(tmpdir(), 'installed-')), 'dist');
  cpSync(join(ROOT, 'dist'), dist, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(dist, '../package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(dist, '../node_modules'), 'junction');
  compiled = join(dist, 'compiled');
  rmSync(compiled, { recursive: true, force: true });
});

function shotlist(args: readonly string[], { file = 'cli.cjs', env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, file), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

const SOUND = { status: 0, stdout: expect.stringMatching(/, nothing wrong\n$/), stderr: '' };

describe('the installed command', () => {
  it('keeps what was compiled for it beside its code, and does the same with it', () => {
    expect(shotlist(['validate', LIST])).toEqual(SOUND);
    expect(readdirSync(compiled)).toHaveLength(1);
    expect(shotlist(['validate', LIST])).toEqual(SOUND);
    expect(readdirSync(compiled)).toHaveLength(1);
  });

  it('takes what it kept for a run, whose flags of V8 are its own', () => {
    const render = () => shotlist(['run', LIST, '--provider', 'local', '--out', join(dist, 'rehearsal')]);
    expect(render().status).toBe(0);
    // The second has nothing to render, and loads less.
    const inode = () => statSync(join(compiled, readdirSync(compiled)[0] ?? '')).ino;
    const before = inode();
    expect(render().status).toBe(0);
    expect(inode()).toBe(before);
  });

  it('keeps nothing where it is told so, for the shortest answer, and for what is no command', () => {
    expect(shotlist(['validate', LIST], { env: { NODE_DISABLE_COMPILE_CACHE: '1' } })).toEqual(SOUND);
    expect(shotlist(['--version']).status).toBe(0);
    expect(shotlist(['validat', LIST]).status).toBe(64);
    expect(existsSync(compiled)).toBe(false);
  });

  it('does the same where nothing can be kept', () => {
    writeFileSync(compiled, '');
    expect(shotlist(['validate', LIST])).toEqual(SOUND);
  });

  it.runIf(process.platform !== 'win32')('is started by a link, and by the name that it had', () => {
    symlinkSync(join(dist, 'cli.cjs'), join(dist, '../shotlist'));
    expect(shotlist(['validate', LIST], { file: '../shotlist' })).toEqual(SOUND);
    expect(shotlist(['validate', LIST], { file: 'cli.js' })).toEqual(SOUND);
  });
});
