import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** A test that replaces a module of Node. */
const ALONE = ['test/runcomfy/full-disk.test.ts'];

/** Campaigns of kills take minutes: `npm run crash` and `npm run campaigns` run them, and so does `npm run test:all`. */
const CAMPAIGNS = process.env.SHOTLIST_CRASH_CAMPAIGNS ? [] : ['test/e2e/crash.test.ts'];

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
          exclude: [...ALONE, ...CAMPAIGNS],
          // Files share their modules, because loading them again for each file takes half of the time.
          isolate: false,
        },
      },
    ],
  },
});
