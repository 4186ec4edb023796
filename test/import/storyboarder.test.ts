import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { importSource } from '../../src/import/import-source.js';

/** Makes a scene's folder with the given content, and empty files as images. */
async function scene(content: unknown, images: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-storyboarder-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'images'));
  for (const image of images) await writeFile(join(folder, 'images', image), '');
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(join(folder, 'chase.storyboarder'), text);
  return folder;
}

async function read(folder: string) {
  const result = await importSource(join(folder, 'chase.storyboarder'), { map: new Map() });
  if (!result.ok) throw new Error(result.message);
  return result.imported;
}

const BOARD = { uid: 'AAAAA', url: 'board-1-AAAAA.png', shot: '1A', layers: {} };

describe('a Storyboarder scene', () => {
  it('makes one shot per board of a Storyboarder scene, with all its texts and its length', async () => {
    const folder = await scene(
      {
        version: '3.0.0',
        aspectRatio: '1.7777777777777777',
        fps: 24,
        defaultBoardTiming: 2000,
        boards: [
          { ...BOARD, duration: '1300', action: 'She runs', dialogue: 'ANNA: Go', notes: 'dark' },
          { uid: 'BBBBB', url: 'board-2-BBBBB.png', shot: '2A', audio: null, action: '' },
        ],
      },
      ['board-1-AAAAA-posterframe.jpg', 'board-1-AAAAA-fill.png', 'board-2-BBBBB.png'],
    );
    expect(await read(folder)).toEqual({
      title: 'chase',
      origin: 'chase.storyboarder',
      aspect: '16:9',
      shots: [
        {
          name: '1A',
          startImage: join(folder, 'images/board-1-AAAAA-posterframe.jpg'),
          seconds: 1.3,
          action: 'She runs',
          dialogue: 'ANNA: Go',
          notes: 'dark',
        },
        { name: '2A', startImage: join(folder, 'images/board-2-BBBBB.png'), seconds: 2 },
      ],
      notices: [],
    });
  });

  it('names the boards that have only a layer, no picture, or sound that is left out', async () => {
    const layers = { fill: { url: 'board-1-AAAAA-fill.png' }, notes: { url: 'board-1-AAAAA-notes.png' } };
    const folder = await scene(
      { boards: [{ ...BOARD, layers, audio: { filename: 'a.wav' } }, { url: 'board-2-BBBBB.png' }] },
      ['board-1-AAAAA-fill.png', 'board-1-AAAAA-notes.png'],
    );
    const { shots, notices } = await read(folder);
    expect(shots.map(({ name, startImage }) => [name, startImage])).toEqual([
      ['1A', join(folder, 'images/board-1-AAAAA-fill.png')],
      ['board-2', undefined],
    ]);
    expect(notices).toEqual([
      'These boards have only a layer as picture: 1A; open the scene in Storyboarder, which flattens them, and import it again.',
      'These boards have no picture: board 2; open the scene in Storyboarder, which flattens them, and import it again.',
      'Recorded sound is left out, no model takes it: 1A.',
    ]);
  });

  it('uses no image outside the scene’s own folder', async () => {
    const folder = await scene({ boards: [{ url: '../../chase.storyboarder' }] });
    expect((await read(folder)).shots[0]?.startImage).toBeUndefined();
  });

  it('finds a Storyboarder scene in its folder', async () => {
    const folder = await scene({ boards: [BOARD] });
    expect(await importSource(folder, { map: new Map() })).toMatchObject({
      ok: true,
      imported: { origin: 'chase.storyboarder' },
    });
  });

  it.each([
    ['broken JSON', '{"boards": [', /is not a Storyboarder file/],
    ['other JSON', '[1, 2]', /is not a Storyboarder file/],
    ['boards that are none', { boards: ['a'] }, /is not a Storyboarder file/],
    ['no board', { boards: [] }, /has no boards yet/],
  ])('refuses a Storyboarder file with %s and says why', async (_, content, message) => {
    const result = await importSource(join(await scene(content), 'chase.storyboarder'), { map: new Map() });
    expect(result).toMatchObject({ ok: false, exit: 65, message: expect.stringMatching(message) });
  });
});
