import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkList } from '../src/commands/plan/check-list.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');
const schema = JSON.parse(await readFile(join(root, 'schemas/shotlist.schema.json'), 'utf8'));
const BOARD = join(root, 'test/fixtures/boards/cliff.png');

/** Names in backticks in the first column of the table under a heading cell. */
function namesIn(heading: string): readonly string[] {
  const [, table = ''] = readme.split(`| ${heading} | what it is |`);
  const rows = (table.split('\n\n')[0] ?? '').split('\n').filter((row) => row.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
}

describe("the README's reference", () => {
  it('has every field of a list, and no other', () => {
    const known = [...Object.keys(schema.properties), 'x-…'];
    expect(namesIn('field of the list').toSorted()).toEqual(known.toSorted());
  });

  it('has every field of a shot, and no other', () => {
    const known = Object.keys(schema.properties.shots.items.properties);
    expect(namesIn('field of a shot').toSorted()).toEqual(known.toSorted());
  });
});

describe("the README's shot lists", () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shotlist-readme-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const lists = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');

  it.each(lists.map((text, index) => [index + 1, text] as const))('number %i is one', async (_, text) => {
    for (const image of [...text.matchAll(/[\w./-]+\.png/g)]
      .map(([name]) => join(folder, name))
      .concat(join(folder, 'boards/a.png'))) {
      await mkdir(dirname(image), { recursive: true });
      await copyFile(BOARD, image);
    }
    await writeFile(join(folder, 'places.csv'), 'place,board\nharbour,a.png\n');
    await writeFile(join(folder, 'film.yaml'), text);
    const { ok, diagnostics } = await checkList(join(folder, 'film.yaml'));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(ok).toBe(true);
  });
});
