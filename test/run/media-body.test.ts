import { mkdtempSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LARGEST_REQUEST, USUAL_IMAGE } from '../../src/base/limits.js';
import type { Shrink } from '../../src/run/context.js';
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
  expect(await mediaBody(input, { list: folder, run: folder, shrink: null })).toEqual({
    ok: true,
    input,
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
  ['is larger than a request may be', 'large.png', 'Run again with --shrink'],
])('stops a shot whose image %s', async (_name, file, message) => {
  await writeFile(join(folder, 'changed.png'), 'other pixels');
  await writeFile(join(folder, 'large.png'), '');
  await truncate(join(folder, 'large.png'), LARGEST_REQUEST + 1);
  const made = await mediaBody({ image: media(file) }, { list: folder, run: folder, shrink: null });
  expect(made).toMatchObject({ ok: false, message: expect.stringContaining(message) });
});

it('sends smaller copies of the images that are too large, and records both hashes', async () => {
  await writeFile(join(folder, 'board.png'), 'pixels');
  await writeFile(join(folder, 'heavy.png'), Buffer.alloc(USUAL_IMAGE + 1, 'x'));
  const heavy = { $file: 'heavy.png', sha256: hash('x'.repeat(USUAL_IMAGE + 1)), type: 'image/png' };
  const input = { image: media('board.png'), elements: [{ frontal: heavy }] };
  const asked: number[] = [];
  const shrink: Shrink = async ({ bytes, most }) => {
    asked.push(bytes.length, most);
    return { ok: true, picture: { bytes: Buffer.from('small'), type: 'image/jpeg' } };
  };
  expect(await mediaBody(input, { list: folder, run: folder, shrink })).toEqual({
    ok: true,
    body: {
      image: `data:image/png;base64,${Buffer.from('pixels').toString('base64')}`,
      elements: [{ frontal: `data:image/jpeg;base64,${Buffer.from('small').toString('base64')}` }],
    },
    input: {
      image: media('board.png'),
      elements: [{ frontal: { ...heavy, sent: { sha256: hash('small'), type: 'image/jpeg', bytes: 5 } } }],
    },
  });
  expect(asked).toEqual([USUAL_IMAGE + 1, USUAL_IMAGE]);
  const failing: Shrink = async () => ({ ok: false, message: 'no such program' });
  expect(await mediaBody(input, { list: folder, run: folder, shrink: failing })).toMatchObject({
    ok: false,
    message: 'No smaller copy of heavy.png could be made: no such program.',
  });
});
