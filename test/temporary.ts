import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * Each test file has a temporary folder of its own, which is `os.tmpdir()` for all code and is removed after the file. So
 * tests need not remove their files.
 */
const folder = mkdtempSync(join(tmpdir(), 'shotlist-test-'));
// Windows reads TEMP and TMP.
const before = ['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, process.env[name]] as const);
for (const [name] of before) process.env[name] = folder;

afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
