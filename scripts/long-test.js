// `npm run crash -- --campaigns 1000 --seed 7` and `npm run soak -- --shots 20000`: tests that `npm test` runs too, but for
// as long as one likes, and with what they saw on the screen.
import { parseArgs } from 'node:util';
import { build, inOrder, install, node } from './steps.js';

/** @type {Record<string, Record<string, { env: string, usual: string }>>} */
const TESTS = {
  crash: {
    campaigns: { env: 'SHOTLIST_CRASH_CAMPAIGNS', usual: '100' },
    seed: { env: 'SHOTLIST_CRASH_SEED', usual: '1' },
  },
  soak: {
    shots: { env: 'SHOTLIST_SOAK_SHOTS', usual: '20000' },
    /** Of each fault, from 0 to 1. */
    rate: { env: 'SHOTLIST_SOAK_RATE', usual: '0.02' },
  },
};

const [name = '', ...args] = process.argv.slice(2);
const flags = Object.entries(TESTS[name] ?? {});
const options = Object.fromEntries(flags.map(([flag]) => [flag, { type: /** @type {const} */ ('string') }]));
const { values } = parseArgs({ args, options });
for (const [flag, { env, usual }] of flags) process.env[env] = String(values[flag] ?? usual);

await inOrder([
  install,
  build,
  () => node(['node_modules/vitest/vitest.mjs', 'run', '--reporter', 'verbose', `test/e2e/${name}.test.ts`]),
]);
