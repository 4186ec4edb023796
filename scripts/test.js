// `npm test`: installs what is missing, builds, because end-to-end tests run the built CLI, and runs the tests.
// `--built` runs each command of the end-to-end tests as a process of the built CLI, instead of the sources in the process of
// the test. Other arguments go to Vitest: `npm test -- test/plan`.
import { build, inOrder, install, node } from './steps.js';

const args = process.argv.slice(2);
if (args.includes('--built')) process.env.SHOTLIST_TEST_BUILT = '1';
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...args.filter((arg) => arg !== '--built')];
await inOrder([install, build, () => node(vitest)]);
