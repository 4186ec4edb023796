// What the scripts that a newcomer runs have in common. Plain Node, no dependency: this runs before `npm ci`.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const rootUrl = new URL('../', import.meta.url);

/** Absolute path of the repository. */
export const root = fileURLToPath(rootUrl);

/**
 * Runs a program with this terminal and gives its exit code. Ctrl-C reaches the child too, so this process
 * ignores it and waits: the child's own goodbye comes first.
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
 * Runs npm with this Node where npm says where it is (it does in its own scripts), else the one on the PATH,
 * which on Windows is a batch file and needs a shell.
 * @param {readonly string[]} args @param {{ cwd?: string }} [options]
 */
export function npm(args, options) {
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return node([own, ...args], options);
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

/**
 * Ends this process with the code of the first step that does not succeed.
 * @param {readonly (() => Promise<number>)[]} steps
 */
export async function inOrder(steps) {
  for (const step of steps) {
    const code = await step();
    if (code !== 0) process.exit(code);
  }
}

/** Brings `node_modules` to what `package-lock.json` says; does and says nothing when it is there already. */
export async function install() {
  if (await isInstalled()) return 0;
  console.log('Installing what package-lock.json names (once, about ten seconds)…');
  return npm(['ci', '--no-audit', '--no-fund']);
}

/**
 * npm leaves its own record of what it installed. Optional packages may be absent: most are for other platforms.
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
    // Not there, or cut off by an install that was stopped: either way there is work to do.
    return null;
  }
}

/** Generates and bundles, so that `dist/cli.js` is what the sources say. */
export async function build() {
  const code = await node(['scripts/generate.js']);
  return code === 0 ? node(['scripts/build.js']) : code;
}
