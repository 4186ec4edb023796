import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/rig/remembering-ffmpeg.ts',
    setupFiles: ['test/random.ts', 'test/temporary.ts'],
    reporters: ['default', './scripts/vitest-summary.js'],
    // End-to-end tests start many processes, which takes a while on one slow core.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // End-to-end tests mostly wait for the processes that they start.
    maxWorkers: 2 * availableParallelism(),
  },
});
