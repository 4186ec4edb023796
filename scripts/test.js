// `npm test`: installs what is missing, builds, because end-to-end tests run the built CLI, and runs the tests.
// `--processes` runs each command of the end-to-end tests as a process, instead of most in the process of the test. Other
// arguments go to Vitest: `npm test -- test/plan`.
import { build, inOrder, install, node } from './steps.js';

const args = process.argv.slice(2);
if (args.includes('--processes')) process.env.SHOTLIST_TEST_PROCESSES = '1';
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...args.filter((arg) => arg !== '--processes')];
await inOrder([install, build, () => node(vitest)]);
