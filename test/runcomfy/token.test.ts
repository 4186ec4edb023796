import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { findToken, storeToken, tokenPath } from '../../src/runcomfy/token.js';

const TOKEN = 'tok-0123456789-secret';
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotlist-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const stored = (content: unknown) =>
  writeFile(join(folder, 'token.json'), typeof content === 'string' ? content : JSON.stringify(content));

it('takes the token from the variables first and trims it', async () => {
  await stored({ access_token: 'from-file' });
  const env = { RUNCOMFY_CONFIG_DIR: folder, RUNCOMFY_TOKEN: 'second' };
  expect(await findToken({ ...env, RUNCOMFY_API_TOKEN: ` ${TOKEN}\n` })).toEqual({
    kind: 'found',
    token: TOKEN,
    source: 'RUNCOMFY_API_TOKEN',
  });
  expect(await findToken({ ...env, RUNCOMFY_API_TOKEN: '' })).toMatchObject({ source: 'RUNCOMFY_TOKEN' });
});

it('reads the token file that RunComfy’s own login writes', async () => {
  await stored({ access_token: TOKEN, refresh_token: null, expires_at: null, user_email: 'a@b.c' });
  expect(await findToken({ RUNCOMFY_CONFIG_DIR: folder })).toEqual({
    kind: 'found',
    token: TOKEN,
    source: join(folder, 'token.json'),
  });
});

it('looks for the token file where RunComfy’s own tools do', () => {
  expect(tokenPath({ RUNCOMFY_CONFIG_DIR: '/a', XDG_CONFIG_HOME: '/b', HOME: '/c' })).toBe(
    join('/a', 'token.json'),
  );
  expect(tokenPath({ RUNCOMFY_CONFIG_DIR: '', XDG_CONFIG_HOME: '/b', HOME: '/c' })).toBe(
    join('/b', 'runcomfy', 'token.json'),
  );
  expect(tokenPath({ HOME: '/c', USERPROFILE: '/c' })).toBe(join('/c', '.config', 'runcomfy', 'token.json'));
});

it('explains how to log in when there is no token', async () => {
  expect(await findToken({ RUNCOMFY_CONFIG_DIR: join(folder, 'none') })).toEqual({
    kind: 'none',
    message: 'No RunComfy token was found. Run `shotlist login`, or set RUNCOMFY_API_TOKEN.',
  });
});

it.each([
  ['Bearer tok', 'The token in RUNCOMFY_API_TOKEN begins with "Bearer"; give only what follows it.'],
  ['tok en', 'The token in RUNCOMFY_API_TOKEN holds a space or a line break; copy it again.'],
  ['tok\u0000', 'The token in RUNCOMFY_API_TOKEN holds characters no token has; copy it again.'],
  ['tök', 'The token in RUNCOMFY_API_TOKEN holds characters no token has; copy it again.'],
])('refuses the token %j without quoting it', async (text, message) => {
  expect(await findToken({ RUNCOMFY_API_TOKEN: text })).toEqual({ kind: 'invalid', message });
});

it.each<[unknown, string]>([
  ['{', 'is not JSON'],
  [[], 'holds no access_token'],
  [{ access_token: 3 }, 'holds no access_token'],
  [{ access_token: 'a b' }, 'holds a token that holds a space or a line break; copy it again'],
  [{ access_token: TOKEN, expires_at: 1_700_000_000 }, 'holds a token that expired on 2023-11-14'],
])('explains what is wrong with a token file that holds %j', async (content, problem) => {
  await stored(content);
  expect(await findToken({ RUNCOMFY_CONFIG_DIR: folder })).toEqual({
    kind: 'invalid',
    message: `${join(folder, 'token.json')} ${problem}. Run \`shotlist login\`, or set RUNCOMFY_API_TOKEN.`,
  });
});

it('takes a token that has not expired yet', async () => {
  await stored({ access_token: TOKEN, expires_at: 1_700_000_000 });
  const now = () => 1_699_999_999_000;
  expect((await findToken({ RUNCOMFY_CONFIG_DIR: folder }, now)).kind).toBe('found');
});

it('stores a token for this user only, in the file where it is found again', async () => {
  const env = { XDG_CONFIG_HOME: join(folder, 'config') };
  const path = join(folder, 'config', 'runcomfy', 'token.json');
  expect(await storeToken(env, ` ${TOKEN}\n`)).toEqual({ kind: 'stored', path });
  expect(await findToken(env)).toMatchObject({ kind: 'found', token: TOKEN });
  if (process.platform === 'win32') return;
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
});

it('replaces a whole login and keeps unknown fields of the token file', async () => {
  await stored({
    access_token: 'old',
    refresh_token: 'r',
    expires_at: 1,
    user_email: 'a@b.c',
    theme: 'dark',
  });
  await storeToken({ RUNCOMFY_CONFIG_DIR: folder }, TOKEN);
  expect(JSON.parse(await readFile(join(folder, 'token.json'), 'utf8'))).toEqual({
    access_token: TOKEN,
    theme: 'dark',
  });
});

it.each(['', 'a b', 'Bearer x'])('does not store the token %j', async (text) => {
  expect((await storeToken({ RUNCOMFY_CONFIG_DIR: folder }, text)).kind).toBe('invalid');
});

it('reports a token file that cannot be written', async () => {
  await mkdir(join(folder, 'token.json'));
  const answer = await storeToken({ RUNCOMFY_CONFIG_DIR: folder }, TOKEN);
  expect(answer).toMatchObject({ kind: 'cannot-write', code: 'EISDIR' });
});
