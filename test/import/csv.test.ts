import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ColumnMap, parseColumnMap } from '../../src/import/columns.js';
import { readCsv } from '../../src/import/csv.js';
import type { Imported } from '../../src/import/imported.js';

async function read(content: string | Buffer, map: ColumnMap = new Map()) {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-csv-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'shots.csv');
  await writeFile(file, content);
  return { result: await readCsv(file, { map }), folder };
}

async function imported(content: string | Buffer, map?: ColumnMap): Promise<Imported & { folder: string }> {
  const { result, folder } = await read(content, map);
  if (!result.ok) throw new Error(result.message);
  return { ...result.imported, folder };
}

describe('a table of shots', () => {
  it('recognises the columns of a table by their headers, letter case and signs ignored', async () => {
    const { shots, folder } = await imported(
      'SHOT #,Scene No.,Shot Description,Dialogue,Est. Time,Storyboard,Shot Size,Movement,Lens,Notes\n' +
        '12A,3,She waits,ANNA: No,2.5,img/a.png,CU,push in,35mm,dusk\n',
    );
    expect(shots).toEqual([
      {
        name: '12A',
        scene: '3',
        action: 'She waits',
        dialogue: 'ANNA: No',
        seconds: 2.5,
        startImage: join(folder, 'img/a.png'),
        camera: { size: 'CU', move: 'push in', lens: '35mm' },
        notes: 'dusk',
      },
    ]);
  });

  it.each([
    ['semicolons and a byte order mark', '\ufeffShot;Action\r\na;One, two\r\n'],
    ['tabs', 'Shot\tAction\na\tOne, two\n'],
    ['commas and quotes', 'Shot,Action\na,"One, two"\n'],
    ['UTF-16', Buffer.from('\ufeffShot\tAction\r\na\tOne, two\r\n', 'utf16le')],
    ['a title above its headers', 'My film;\n;\nShot;Action\na;One, two\n'],
  ])('reads a table with %s', async (_, content) => {
    expect((await imported(content)).shots).toEqual([{ name: 'a', action: 'One, two' }]);
  });

  it('keeps line breaks inside quotes, and leaves out empty rows', async () => {
    const { shots } = await imported('Shot,Action\n1,"one\ntwo"\n,\n2,three\n');
    expect(shots.map(({ action }) => action)).toEqual(['one\ntwo', 'three']);
  });

  it('puts the scene into the names of shots if every scene counts from 1', async () => {
    const { shots } = await imported('Scene,Shot,Action\n1,1,a\n1,2,b\n2,1,c\n');
    expect(shots.map(({ name }) => name)).toEqual(['1-1', '1-2', '2-1']);
  });

  it('keeps a length that it cannot read as it is written', async () => {
    const { shots } = await imported('Action,Length\na,long\n');
    expect(shots).toEqual([{ name: '1', action: 'a', unreadLength: 'long' }]);
  });

  it('keeps the URL of an image as it is', async () => {
    const { shots } = await imported('Action,Image\na,https://example.com/a.png\n');
    expect(shots[0]?.startImage).toBe('https://example.com/a.png');
  });

  it('names the columns of a table that it does not use', async () => {
    expect((await imported('Action,Budget\na,7\n')).notices).toEqual([
      'Columns not used: Budget; `--map notes=Budget` would.',
    ]);
  });

  it('reads a table with unknown headers by --map', async () => {
    const map = parseColumnMap(['prompt=Was passiert, kurz,duration=Dauer']);
    if ('message' in map) throw new Error(map.message);
    const { shots } = await imported('"Was passiert, kurz",Dauer\nEr geht,4\n', map);
    expect(shots).toEqual([{ name: '1', action: 'Er geht', seconds: 4 }]);
  });

  it.each([
    [
      'no known header',
      'foo,bar\n1,2\n',
      'shots.csv has no column that says what happens or names an image; its first row is foo, bar',
    ],
    ['no shot', 'Shot,Action\n', 'shots.csv has headers and no shot below them'],
    [
      'an open quotation mark',
      'Shot,Action\n1,"open\n',
      'shots.csv: a quotation mark is opened and never closed (line 2)',
    ],
    ['nothing', '', 'shots.csv is empty'],
    ['another encoding', Buffer.from('Action\ncaf\xe9\n', 'latin1'), 'shots.csv is not UTF-8 text'],
    ['a workbook', Buffer.from('PK\x03\x04…'), 'shots.csv is a workbook or an archive, not text'],
  ])('refuses a table with %s and says why', async (_, content, message) => {
    const { result } = await read(content);
    expect(result).toMatchObject({ ok: false, exit: 65, message });
  });

  it('says which header of --map the table lacks, and which one was probably meant', async () => {
    const { result } = await read('Action,Length\na,1\n', new Map([['duration', 'Lenght']]));
    expect(result).toMatchObject({ message: 'shots.csv has no column Lenght', hint: 'did you mean Length?' });
  });
});

describe('--map', () => {
  it.each([
    ['promt=Action', '--map knows no field promt', 'did you mean prompt?'],
    ['prompt', '--map takes field=Header, not prompt', 'such as --map prompt=Action,duration=Length'],
  ])('refuses --map %s', (pair, message, hint) => {
    expect(parseColumnMap([pair])).toEqual({ message, hint });
  });
});
