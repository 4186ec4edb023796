import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkList } from '../../src/commands/plan/check-list.js';
import { importSource } from '../../src/import/import-source.js';
import { CODES, type Diagnostic } from '../../src/language/diagnostic.js';
import { formatDiagnostics } from '../../src/ui/diagnostics.js';
import { FIXTURES, Workspace } from '../language/workspace.js';
import { runs, spoilt } from '../rig/spoil.js';

const workspace = new Workspace();
const read = (folder: string, names: RegExp) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => names.test(name))
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
const LISTS = read(join(FIXTURES, 'lists'), /\.yaml$/);
const BOARDS = read(join(FIXTURES, 'boards'), /./);
const MODELS = read(join(FIXTURES, '../../schemas/models'), /\.json$/);

/** Checks that diagnostics point into the file and are safe to print. */
function expectDiagnostics(diagnostics: readonly Diagnostic[], text: Uint8Array): void {
  for (const { code, line, column, message } of diagnostics) {
    expect(Object.keys(CODES)).toContain(code);
    expect(Math.min(line, column)).toBeGreaterThan(0);
    expect(message).not.toBe('');
  }
  for (const format of ['pretty', 'github'] as const) {
    const sources = new Map(diagnostics.map(({ file }) => [file, Buffer.from(text).toString()]));
    const shown = formatDiagnostics(diagnostics, { format, sources, color: false, width: 80 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  }
}

const ONE = `version: 1
include: [shared.yaml]
shots:
  - { id: a, model: kling-3.0/pro, prompt: A \${row.place}, start_image: board.png, each: rows }
`;

describe('the files of a list', () => {
  it('a spoilt shot list gives diagnostics and no exception', async () => {
    const property = fc.asyncProperty(spoilt(LISTS), async ([, bytes]) => {
      const { diagnostics } = await checkList(workspace.write('lists/film.yaml', bytes));
      expectDiagnostics(diagnostics, bytes);
    });
    await fc.assert(property, runs(60));
  });

  it('a spoilt included file gives diagnostics and no exception', async () => {
    workspace.write('includes/film.yaml', ONE.replace(', each: rows', '').replace('${row.place}', 'sea'));
    workspace.write('includes/board.png', readFileSync(workspace.path('boards/cliff.png')));
    const shared = { shared: readFileSync(workspace.path('lists/included/shared.yaml')), ...LISTS };
    const property = fc.asyncProperty(spoilt(shared), async ([, bytes]) => {
      workspace.write('includes/shared.yaml', bytes);
      const { diagnostics } = await checkList(workspace.path('includes/film.yaml'));
      expectDiagnostics(diagnostics, bytes);
    });
    await fc.assert(property, runs(40));
  });

  it('a spoilt table gives diagnostics and no exception', async () => {
    const tables = {
      'rows.csv': Buffer.from('place;number\r\n"a; b";1\r\nc;2\r\n'),
      'rows.tsv': Buffer.from('place\tnumber\na\t1\n'),
      'rows.json': Buffer.from('[{"place": "a", "number": 1}, {"place": "b"}]'),
    };
    workspace.write('tables/board.png', readFileSync(workspace.path('boards/cliff.png')));
    const property = fc.asyncProperty(spoilt(tables), async ([name, bytes]) => {
      workspace.write(`tables/${name}`, bytes);
      const text = ONE.replace('include: [shared.yaml]\n', '').replace('each: rows', `each: ${name}`);
      const { diagnostics } = await checkList(workspace.write('tables/film.yaml', text));
      expectDiagnostics(diagnostics, Buffer.from(text));
    });
    await fc.assert(property, runs(60));
  });

  it('a spoilt model file gives diagnostics and no exception', async () => {
    const text =
      'version: 1\nshots:\n  - { id: a, model: mine, prompt: A, start_image: ../boards/cliff.png }\n';
    workspace.write('own/film.yaml', text);
    const mine = Object.fromEntries(
      Object.entries(MODELS).map(([name, bytes]) => [
        name,
        Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), id: 'me/mine', name: 'mine' })),
      ]),
    );
    const property = fc.asyncProperty(spoilt(mine), async ([, bytes]) => {
      workspace.write('own/models/mine.json', bytes);
      const { diagnostics } = await checkList(workspace.path('own/film.yaml'));
      expectDiagnostics(diagnostics, Buffer.from(text));
    });
    await fc.assert(property, runs(25));
  });

  it('a spoilt image gives diagnostics and no exception', async () => {
    const text =
      'version: 1\nshots:\n  - { id: a, model: kling-3.0/pro, prompt: A, start_image: spoilt.png }\n';
    workspace.write('spoilt/film.yaml', text);
    const property = fc.asyncProperty(spoilt(BOARDS), async ([, bytes]) => {
      workspace.write('spoilt/spoilt.png', bytes);
      const { diagnostics } = await checkList(workspace.path('spoilt/film.yaml'));
      expectDiagnostics(diagnostics, Buffer.from(text));
    });
    await fc.assert(property, runs(120));
  });
});

it('a spoilt file to import becomes a list or a reason', async () => {
  const sources = {
    'a.csv': Buffer.from('Shot,Action,Length,Board\n1,"She, alone",3.5s,a.png\n2,He,00:04,b.png\n'),
    'a.txt': Buffer.from('\ufeffShot\tAction\n1\tA\n', 'utf16le'),
    'a.storyboarder': Buffer.from(
      JSON.stringify({
        version: '3.0.0',
        aspectRatio: 1.7777,
        defaultBoardTiming: 2000,
        boards: [
          {
            uid: 'A',
            url: 'board-1-A.png',
            shot: '1A',
            duration: '1500',
            layers: { fill: { url: 'a.png' } },
          },
          { uid: 'B', url: 'board-2-B.png', shot: '2A', dialogue: 'Yes', audio: { filename: 'b.wav' } },
        ],
      }),
    ),
  };
  const property = fc.asyncProperty(spoilt(sources), async ([name, bytes]) => {
    const result = await importSource(workspace.write(join('import', basename(name)), bytes), {
      map: new Map(),
    });
    if (!result.ok) expect(result.message).not.toBe('');
  });
  await fc.assert(property, runs(100));
});
