// `npm start` turns a fresh clone into playable clips: installs, builds, and rehearses every list in `examples/`.
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, inOrder, install, node, root } from './steps.js';

const INTERRUPTED = 130;
const examples = join(root, 'examples');

await inOrder([install, build]);

const lists = (await readdir(examples)).filter((file) => file.endsWith('.yaml')).sort();
/** @type {{ list: string, code: number }[]} */
const results = [];
for (const list of lists) {
  console.log(`\n${join('examples', list)}`);
  const code = await node(['dist/cli.js', 'run', join('examples', list), '--provider', 'local']);
  results.push({ list, code });
  if (code === INTERRUPTED) break;
}

console.log('\nRehearsals, free of charge:');
for (const { list, code } of results) console.log(`  ${await summaryOf(list, code)}`);
const interrupted = results.at(-1)?.code === INTERRUPTED;
console.log(interrupted ? '\nStopped. `npm start` continues.' : nextSteps());

process.exitCode = results.find(({ code }) => code !== 0)?.code ?? 0;

/**
 * Clips of a list and where they are, in words.
 * @param {string} list file name @param {number} code exit code of its run
 * @returns {Promise<string>}
 */
async function summaryOf(list, code) {
  const videos = join(examples, 'rehearsals', list.replace(/\.yaml$/, ''), 'videos');
  const files = await readdir(videos).catch(() => []);
  const clips = files.filter((file) => file.endsWith('.mp4')).length;
  const count = `${clips} ${clips === 1 ? 'clip' : 'clips'} in ${relative(root, videos)}`;
  return code === 0 ? count : `${count}; ${list} ended with exit code ${code}, see above`;
}

function nextSteps() {
  const hello = join('examples', 'hello.yaml');
  return `
Look at a clip, change a line in ${hello}, and type \`npm start\` again: only what changed is rendered.
For the real service: \`npm link\`, \`shotlist login\`, then \`shotlist run ${hello}\`.`;
}
