import { mkdtempSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LARGEST_REQUEST } from '../../src/base/limits.js';
import { mediaBody } from '../../src/run/requests/submit-shot.js';
import { hash } from './world.js';

const folder = mkdtempSync(join(tmpdir(), 'shotlist-body-'));
const media = (file: string) => ({ $file: file, sha256: hash('pixels'), type: 'image/png' });

it('replaces files and versioned URLs by strings in a body, at any depth', async () => {
  await writeFile(join(folder, 'board.png'), 'pixels');
  const input = {
    prompt: 'A cliff',
    image: media('board.png'),
    elements: [
      {
        frontal: { $url: 'https://cdn.example.com/a.png?sig=1', version: '2' },
        others: [media('board.png')],
      },
    ],
  };
  const uri = `data:image/png;base64,${Buffer.from('pixels').toString('base64')}`;
  expect(await mediaBody(input, { list: folder, run: folder })).toEqual({
    ok: true,
    body: {
      prompt: 'A cliff',
      image: uri,
      elements: [{ frontal: 'https://cdn.example.com/a.png?sig=1', others: [uri] }],
    },
  });
});

it.each([
  ['has changed', 'changed.png', 'changed.png has changed since the plan was made.'],
  ['is gone', 'gone.png', 'gone.png cannot be read (ENOENT).'],
  ['is larger than a request may be', 'large.png', 'the service takes 64'],
])('stops a shot whose image %s', async (_name, file, message) => {
  await writeFile(join(folder, 'changed.png'), 'other pixels');
  await writeFile(join(folder, 'large.png'), '');
  await truncate(join(folder, 'large.png'), LARGEST_REQUEST + 1);
  const made = await mediaBody({ image: media(file) }, { list: folder, run: folder });
  expect(made).toMatchObject({ ok: false, message: expect.stringContaining(message) });
});
