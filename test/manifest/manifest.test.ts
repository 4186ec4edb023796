import { mkdtempSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { formatManifest, readManifest, writeManifest } from '../../src/manifest/manifest-file.js';
import { entry } from '../dailies/world.js';

const MANIFEST: Manifest = {
  manifest: 1,
  tool: { name: 'shotlist', version: '0.1.0' },
  service: 'local',
  list: { file: '../../film.yaml', title: 'Film' },
  scenes: [],
  submissions: [],
  unlisted: [],
};

const file = () => join(mkdtempSync(join(tmpdir(), 'shotlist-manifest-')), 'manifest.json');

it('reads a manifest back as it was written, to the byte', async () => {
  const path = file();
  expect(await writeManifest(path, MANIFEST)).toBe(true);
  expect(await readManifest(path)).toEqual({
    kind: 'read',
    manifest: MANIFEST,
    text: formatManifest(MANIFEST),
  });
});

it('leaves a manifest alone when nothing but the version of the tool differs', async () => {
  const path = file();
  await writeManifest(path, MANIFEST);
  const { ino } = await stat(path);
  const newer = { ...MANIFEST, tool: { name: 'shotlist', version: '2.0.0' } } as const;
  expect(await writeManifest(path, newer)).toBe(false);
  expect((await stat(path)).ino).toBe(ino);
  expect(await writeManifest(path, { ...newer, service: 'https://a' })).toBe(true);
  expect(await readFile(path, 'utf8')).toContain('2.0.0');
});

it.each([
  ['{', 'it is not JSON'],
  ['null', 'the manifest '],
  ['{"manifest": 2}', 'a newer version of Shotlist wrote it (manifest 2)'],
  [JSON.stringify({ ...MANIFEST, service: 7 }), '`service` must be text'],
])('says what is wrong with the manifest %s', async (text, message) => {
  const path = file();
  await writeFile(path, text);
  expect(await readManifest(path)).toMatchObject({
    kind: 'unreadable',
    message: expect.stringContaining(message),
  });
});

it('never throws for a manifest, whatever the file holds', async () => {
  const path = file();
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
      await writeFile(path, text);
      expect((await readManifest(path)).kind).toBe('unreadable');
    }),
    { numRuns: 50 },
  );
});

it('writes a manifest with the bytes that JSON gives it, and only if it has changed', async () => {
  const path = file();
  const many = Array.from({ length: 200 }, (_, index) => entry(`shot-${index}`));
  const steps = [
    many,
    many.with(70, entry('other')),
    many.slice(0, 130),
    [...many.slice(3), ...many.slice(0, 3)],
    [],
  ];
  for (const submissions of steps) {
    for (const manifest of [
      { ...MANIFEST, submissions },
      { ...MANIFEST, unlisted: submissions, service: 'https://a' },
    ]) {
      expect(await writeManifest(path, manifest)).toBe(true);
      expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(manifest, null, 2)}\n`);
      expect(await writeManifest(path, { ...manifest })).toBe(false);
    }
  }
});
