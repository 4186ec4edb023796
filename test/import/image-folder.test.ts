import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readImageFolder } from '../../src/import/image-folder.js';

const BOARD = fileURLToPath(new URL('../../examples/boards/hello.png', import.meta.url));

async function folderOf(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-folder-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of names) await copyFile(BOARD, join(folder, name));
  return folder;
}

describe('a folder of images', () => {
  it('makes one shot per image, sorted by name with numbers in order', async () => {
    const folder = await folderOf(['panel 10.png', 'Panel 2.png', 'panel 1.PNG', 'no-extension']);
    const result = await readImageFolder(folder);
    if (!result.ok) throw new Error(result.message);
    expect(result.imported.shots).toEqual([
      { name: 'no-extension', startImage: join(folder, 'no-extension') },
      { name: 'panel 1', startImage: join(folder, 'panel 1.PNG') },
      { name: 'Panel 2', startImage: join(folder, 'Panel 2.png') },
      { name: 'panel 10', startImage: join(folder, 'panel 10.png') },
    ]);
    expect(result.imported).toMatchObject({ title: basename(folder), aspect: '16:9', notices: [] });
  });

  it('recognises images by their content, names the files it leaves out, and ignores hidden files', async () => {
    const folder = await folderOf(['a.png']);
    await writeFile(join(folder, 'fake.png'), 'no image');
    await writeFile(join(folder, 'b.gif'), 'GIF89a\x01\0\x01\0\0\0\0');
    await writeFile(join(folder, '._a.png'), '');
    await mkdir(join(folder, 'old'));
    expect(await readImageFolder(folder)).toMatchObject({
      imported: {
        shots: [{ name: 'a' }],
        notices: [
          'Left out, being no jpg, png, bmp or webp: b.gif, fake.png.',
          'Folders in it were not looked into: old.',
        ],
      },
    });
  });

  it('says what a folder without images holds instead', async () => {
    const folder = await folderOf([]);
    const message = `there is no jpg, png, bmp or webp image in ${basename(folder)}`;
    expect(await readImageFolder(folder)).toEqual({ ok: false, exit: 65, message, hint: 'it is empty' });
    await mkdir(join(folder, 'day 1'));
    expect(await readImageFolder(folder)).toMatchObject({
      message,
      hint: 'import one of its folders: day 1',
    });
  });

  it('reports a missing folder with exit code 66', async () => {
    const folder = await folderOf([]);
    expect(await readImageFolder(join(folder, 'nope'))).toMatchObject({
      exit: 66,
      message: 'there is no file or folder nope',
    });
  });
});
