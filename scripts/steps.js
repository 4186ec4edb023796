// Steps of the scripts that a newcomer runs. Plain Node without packages, because it runs before `npm ci`.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const rootUrl = new URL('../', import.meta.url);

/** Absolute path of the repository. */
export const root = fileURLToPath(rootUrl);

/**
 * Runs a program with this terminal; resolves with its exit code. Ctrl-C reaches the child too, so this process
 * ignores it and waits for the child's own last words.
 * @param {string} program @param {readonly string[]} args
 * @param {{ cwd?: string, shell?: boolean }} [options]
 * @returns {Promise<number>}
 */
export async function run(program, args, { cwd = root, shell = false } = {}) {
  const wait = () => {};
  process.on('SIGINT', wait);
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd, shell, stdio: 'inherit' });
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
    });
  } finally {
    process.off('SIGINT', wait);
  }
}

/**
 * Runs a script of this repository, or another file, with this Node.
 * @param {readonly string[]} args @param {{ cwd?: string }} [options]
 */
export function node(args, options) {
  return run(process.execPath, args, options);
}

/**
 * Runs npm with this Node if npm has told its own path, as it does in its scripts. Otherwise runs the npm on the PATH,
 * which is a batch file on Windows and needs a shell.
 * @param {readonly string[]} args @param {{ cwd?: string }} [options]
 */
export function npm(args, options) {
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return node([own, ...args], options);
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

/**
 * Runs the steps one after another; ends this process with the code of the first step that fails.
 * @param {readonly (() => Promise<number>)[]} steps
 */
export async function inOrder(steps) {
  for (const step of steps) {
    const code = await step();
    if (code !== 0) process.exit(code);
  }
}

/** Installs what `package-lock.json` names; does and says nothing if it is installed already. */
export async function install() {
  if (await isInstalled()) return 0;
  console.log('Installing what package-lock.json names (once, about ten seconds)…');
  return npm(['ci', '--no-audit', '--no-fund']);
}

/**
 * True if npm's own record of `node_modules` agrees with the lock file. Optional packages may be absent, because most are
 * for other platforms.
 * @returns {Promise<boolean>}
 */
async function isInstalled() {
  const [wanted, present] = await Promise.all([
    readLock('package-lock.json'),
    readLock('node_modules/.package-lock.json'),
  ]);
  if (wanted === null || present === null) return false;
  return Object.entries(wanted.packages).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    const found = present.packages[path];
    return found === undefined ? optional === true || peer === true : found.version === version;
  });
}

/**
 * @param {string} path
 * @returns {Promise<{ packages: Record<string, { version?: string, optional?: boolean, peer?: boolean }> } | null>}
 */
async function readLock(path) {
  try {
    return JSON.parse(await readFile(new URL(path, rootUrl), 'utf8'));
  } catch {
    // The file is missing, or a stopped install has cut it off: npm must install.
    return null;
  }
}

/** Generates code from the schemas, and bundles the sources into `dist/`. */
export async function build() {
  const code = await node(['scripts/generate.js']);
  return code === 0 ? node(['scripts/build.js']) : code;
}
