// `npm test`: installs what is missing, builds (the end-to-end tests run the built CLI), and runs the tests.
// Arguments go to Vitest: `npm test -- test/plan`.
import { build, inOrder, install, node } from './steps.js';

await inOrder([
  install,
  build,
  () => node(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]),
]);
