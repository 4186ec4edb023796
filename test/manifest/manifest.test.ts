import { mkdtempSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { readManifest } from '../../src/manifest/read.js';
import { formatManifest, ManifestText, writeManifest } from '../../src/manifest/write.js';
import { entry } from '../dailies/world.js';

const MANIFEST: Manifest = {
  manifest: 1,
  tool: { name: 'shotlist', version: '0.1.0' },
  service: 'local',
  list: { file: '../../film.yaml', title: 'Film', sha256: 'a'.repeat(64) },
  scenes: [],
  submissions: [],
  unlisted: [],
};

const file = () => join(mkdtempSync(join(tmpdir(), 'shotlist-manifest-')), 'manifest.json');

it('reads back what it wrote, to the byte', async () => {
  const path = file();
  expect(await writeManifest(path, MANIFEST)).toBe(true);
  expect(await readManifest(path)).toEqual({
    kind: 'read',
    manifest: MANIFEST,
    text: formatManifest(MANIFEST).toString(),
  });
});

it('is left alone when nothing but the version of the tool differs', async () => {
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
])('says what is wrong with %s', async (text, message) => {
  const path = file();
  await writeFile(path, text);
  expect(await readManifest(path)).toMatchObject({
    kind: 'unreadable',
    message: expect.stringContaining(message),
  });
});

it('never throws, whatever the file holds', async () => {
  const path = file();
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
      await writeFile(path, text);
      expect((await readManifest(path)).kind).toBe('unreadable');
    }),
    { numRuns: 50 },
  );
});

it('is formatted anew only where it has changed, and always as JSON would write it', () => {
  const text = new ManifestText();
  const many = Array.from({ length: 200 }, (_, index) => entry(`shot-${index}`));
  const steps = [
    many,
    many.with(70, entry('other')),
    many.slice(0, 130),
    [...many.slice(3), ...many.slice(0, 3)],
  ];
  for (const submissions of steps) {
    for (const manifest of [
      { ...MANIFEST, submissions },
      { ...MANIFEST, unlisted: submissions },
    ]) {
      const pieces = text.format(manifest);
      expect(Buffer.concat(pieces ?? []).toString()).toBe(`${JSON.stringify(manifest, null, 2)}\n`);
      expect(text.format({ ...manifest })).toBeNull();
    }
  }
});

it('is formatted as JSON would write it, entry by entry', () => {
  for (const manifest of [MANIFEST, { ...MANIFEST, submissions: [], unlisted: MANIFEST.submissions }]) {
    expect(formatManifest(manifest).toString()).toBe(`${JSON.stringify(manifest, null, 2)}\n`);
  }
});
