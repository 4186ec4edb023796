// `npm test`: installs what is missing, builds, because end-to-end tests run the built CLI, and runs the tests.
// Arguments go to Vitest: `npm test -- test/plan`.
import { build, inOrder, install, node } from './steps.js';

const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
await inOrder([install, build, () => node(vitest)]);
