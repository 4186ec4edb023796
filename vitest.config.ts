import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** A test that replaces a module of Node. */
const ALONE = ['test/runcomfy/full-disk.test.ts'];

/** Tests that take long, and the environment variables with which `npm run test:all` and the scripts of a campaign run them. */
const LONG = {
  'test/e2e/crash.test.ts': 'SHOTLIST_CRASH_CAMPAIGNS',
  'test/e2e/soak.test.ts': 'SHOTLIST_SOAK_SHOTS',
  'test/e2e/ci.test.ts': 'SHOTLIST_TEST_PROCESSES',
};
const LEFT_OUT = Object.entries(LONG).flatMap(([file, variable]) => (process.env[variable] ? [] : [file]));

export default defineConfig({
  test: {
    globalSetup: ['test/in-memory.ts', 'test/rig/remembering-ffmpeg.ts'],
    setupFiles: ['test/random.ts', 'test/temporary.ts'],
    reporters: ['default', './scripts/vitest-summary.js'],
    // End-to-end tests start many processes, which takes a while on one slow core.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // End-to-end tests mostly wait for the processes that they start.
    maxWorkers: 2 * availableParallelism(),
    // The built CLI is loaded as Node loads it.
    server: { deps: { external: [/\/dist\//] } },
    // Its bundle holds a second Mediabunny, beside that of the emulator in the process of the test.
    onConsoleLog: (log) => !log.includes('Mediabunny was loaded twice'),
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...LEFT_OUT],
          // Files share their modules, because loading them again for each file takes half of the time.
          isolate: false,
        },
      },
    ],
  },
});
