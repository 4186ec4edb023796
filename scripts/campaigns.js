// `npm run campaigns`: the tests with kills, faults and spoilt files, for minutes. `npm test` runs only some of them, for seconds.
// `npm run crash -- --campaigns 1000 --seed 7`, `npm run soak -- --shots 10000 --rate 0.02` and
// `npm run fuzz -- --runs 1000 --seed random` run one of them, for as long as its flags say.
import { parseArgs } from 'node:util';
import { build, inOrder, install, node } from './steps.js';

/**
 * Test files, and by flag the environment variable that a file reads and its usual value.
 * @type {Record<string, { files: string, flags: Record<string, readonly [variable: string, usual: string]> }>}
 */
const CAMPAIGNS = {
  crash: {
    files: 'test/e2e/crash.test.ts',
    flags: { campaigns: ['SHOTLIST_CRASH_CAMPAIGNS', '5'], seed: ['SHOTLIST_CRASH_SEED', '1'] },
  },
  soak: {
    files: 'test/e2e/soak.test.ts',
    flags: { shots: ['SHOTLIST_SOAK_SHOTS', '1000'], rate: ['SHOTLIST_SOAK_RATE', '0.02'] },
  },
  fuzz: {
    files: 'test/fuzz',
    flags: { runs: ['FAST_CHECK_RUNS', '1000'], seed: ['FAST_CHECK_SEED', '20261121'] },
  },
};

const [first = '', ...rest] = process.argv.slice(2);
const one = CAMPAIGNS[first];
const chosen = one ? [one] : Object.values(CAMPAIGNS);
const flags = chosen.flatMap((campaign) => Object.entries(campaign.flags));
const options = Object.fromEntries(flags.map(([flag]) => [flag, { type: /** @type {const} */ ('string') }]));
const { values } = parseArgs({ args: one ? rest : process.argv.slice(2), options: one ? options : {} });
for (const [flag, [variable, usual]] of flags) process.env[variable] = String(values[flag] ?? usual);

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter', 'verbose', '--testTimeout', '0'];
const files = chosen.map((campaign) => campaign.files);
await inOrder([install, build, () => node([...vitest, ...files])]);
