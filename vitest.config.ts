import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/rig/remembering-ffmpeg.ts',
    setupFiles: ['test/random.ts', 'test/temporary.ts'],
    reporters: ['default', './scripts/vitest-summary.js'],
    // End-to-end tests render real video; on one slow core that takes a while.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the time goes to the programs that the tests start, and to waiting for them.
    maxWorkers: availableParallelism(),
  },
});
