import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { removeLeftovers } from '../../../src/cut/delivery/folder-files.js';

it('the next delivery removes old temporary files of a killed delivery, and no other file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-delivery-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const theirs = ['SHa_v001.mp4', 'notes.tmp', 'film.mov.0a1b2c3d.tmp', '.hidden'];
  const ours = ['.SHa_v001.mp4.0a1b2c3d.tmp', 'film_v001.xml.0a1b2c3d.tmp', 'delivery.json.0a1b2c3d.tmp'];
  for (const name of [...theirs, ...ours]) await writeFile(join(folder, name), '');
  await removeLeftovers(folder, Date.now());
  expect(await readdir(folder)).toHaveLength(theirs.length + ours.length);
  await removeLeftovers(folder, Date.now() + 7_200_000);
  expect((await readdir(folder)).toSorted()).toEqual(theirs.toSorted());
});
