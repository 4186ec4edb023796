// Packs Shotlist, installs the tarball in an empty folder as a user would, and renders the smallest example there.
// Run by another Node (`npx -p node@24 node scripts/smoke.js`), all of it happens on that one.
import { cp, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inOrder, node, npm, root } from './steps.js';

const folder = await mkdtemp(join(tmpdir(), 'shotlist-smoke-'));
const cli = join(folder, 'node_modules', 'shotlist', 'dist', 'cli.js');
const shotlist = (/** @type {string[]} */ ...args) => node([cli, ...args], { cwd: folder });

await inOrder([
  () => npm(['pack', '--silent', '--pack-destination', folder]),
  prepare,
  () => shotlist('--version'),
  () => shotlist('validate', 'hello.yaml'),
  () => shotlist('run', 'hello.yaml', '--provider', 'local'),
  checkClip,
  () => shotlist('report', join('rehearsals', 'hello')),
  checkPage,
  () => node(['--input-type=module', '--eval', "await import('shotlist')"], { cwd: folder }),
]);
console.log(`The packed tarball works on Node ${process.version}.`);
await rm(folder, { recursive: true, force: true });

async function prepare() {
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  for (const each of ['hello.yaml', 'boards']) {
    await cp(join(root, 'examples', each), join(folder, each), { recursive: true });
  }
  return npm(['install', '--no-audit', '--no-fund', join(folder, tarball ?? '')], { cwd: folder });
}

async function checkClip() {
  const directory = join(folder, 'rehearsals', 'hello');
  const manifest = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
  const file = manifest.submissions[0]?.outputs[0]?.file;
  if (typeof file === 'string' && (await isMp4(join(directory, file)))) return 0;
  console.error(`The manifest of ${directory} names no clip, or what it names is not an MP4.`);
  return 1;
}

async function checkPage() {
  const page = await readFile(join(folder, 'rehearsals', 'hello', 'report', 'index.html'), 'utf8');
  if (page.includes('<script>') && page.includes('"id":"paper-boat"')) return 0;
  console.error('The dailies page has no code, or does not show the shot.');
  return 1;
}

/** @param {string} path */
async function isMp4(path) {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
    // ISO 14496-12: a file begins with its `ftyp` box, whose name follows four bytes of size.
    return buffer.toString('latin1', 4, 8) === 'ftyp';
  } finally {
    await file.close();
  }
}
