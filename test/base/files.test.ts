import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nullIfMissing } from '../../src/base/files.js';

describe('nullIfMissing', () => {
  it('returns what the call returns', () => {
    expect(nullIfMissing(() => readdirSync(import.meta.dirname))).toContain('files.test.ts');
  });

  it('returns null for a missing file and for a path through a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shotlist-files-'));
    await writeFile(join(folder, 'a.txt'), '');
    expect(nullIfMissing(() => lstatSync(join(folder, 'b.txt')))).toBeNull();
    expect(nullIfMissing(() => lstatSync(join(folder, 'a.txt', 'b.txt')))).toBeNull();
  });

  it('throws every other error of the file system', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shotlist-files-'));
    await symlink('loop', join(folder, 'loop'));
    expect(() => nullIfMissing(() => readFileSync(join(folder, 'loop')))).toThrow(/ELOOP/);
    expect(() => nullIfMissing(() => readFileSync(folder))).toThrow(/EISDIR/);
  });
});
