import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify, type ToStringOptions } from 'yaml';
import { checkList } from '../../src/commands/plan/check-list.js';
import { formatList } from '../../src/edit/format.js';
import { normalField } from '../../src/language/layers.js';
import { Workspace } from '../language/workspace.js';

const workspace = new Workspace();

const BEFORE = `version: 1
defaults: { model: kling-3.0/pro, start_image: boards/cliff.png, duration: 8 }
`;

/** Everything that is sent and recorded of a list, by shot, without ids. */
async function sent(
  text: string | Uint8Array,
  set: Record<string, string> = {},
): Promise<readonly unknown[]> {
  const checked = await checkList(workspace.write('film.yaml', text), { set: new Map(Object.entries(set)) });
  if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics, null, 1));
  return checked.value.submissions.map(({ key, input, prompt, segments }) => ({
    key,
    input,
    prompt,
    segments,
  }));
}

/** The text of the one prompt that is sent. */
async function prompt(text: string, set: Record<string, string> = {}): Promise<unknown> {
  return (await sent(text, set)).map((each) => (each as { prompt: string }).prompt).join(' | ');
}

function shot(fields: string, top = ''): string {
  return `${BEFORE}${top}shots:\n  - id: a\n${fields.replaceAll(/^(?=.)/gm, '    ')}\n`;
}

describe('one text in several spellings', () => {
  it.each([
    ['plain', 'prompt: She waits'],
    ['in double quotes', 'prompt: "She waits"'],
    ['in single quotes, with blanks around it', "prompt: ' She waits  '"],
    ['as a block', 'prompt: |\n  She waits'],
    ['as a block that drops its end', 'prompt: |-\n  She waits'],
    ['as a block that keeps blank lines', 'prompt: |+\n\n  She waits\n\n'],
    ['folded', 'prompt: >\n  She\n  waits'],
    ['on two lines', 'prompt: She\n  waits'],
    ['with a tab at its end', 'prompt: |\n  She waits\t'],
    ['with line breaks of Windows around it', 'prompt: "\\r\\nShe waits\\r\\n"'],
    ['with an old line break at its end', 'prompt: "She waits\\r"'],
    ['with a no-break space at its end', 'prompt: "She waits\\u00a0"'],
    ['with a byte order mark before it', 'prompt: "\\ufeffShe waits"'],
  ])('is sent alike when it is written %s', async (_, fields) => {
    expect(await sent(shot(fields))).toEqual(await sent(shot('prompt: She waits')));
  });

  it('keeps indents, inner blank lines and inner spaces, which are the writer’s', async () => {
    expect(await prompt(shot('prompt: |\n  One\n    two  three\n\n  four'))).toBe(
      'One\n  two  three\n\nfour',
    );
  });

  it.each([
    [
      'segments',
      'segments: [{ prompt: Café, duration: 4 }, { prompt: "b\\nc", duration: 4 }]',
      'segments: [{ prompt: "Cafe\\u0301 \\n", duration: 4 }, { prompt: "b \\r\\nc\\r", duration: 4 }]',
    ],
    ['a negative prompt', 'prompt: a\nnegative_prompt: blur', 'prompt: a\nnegative_prompt: |\n  blur\n'],
    ['an empty negative prompt', 'prompt: a\nnegative_prompt: ""', 'prompt: a\nnegative_prompt: " "'],
    ['a look', 'prompt: a\nlook: golden', 'prompt: a\nlook: |\n  golden\n'],
    ['no look', 'prompt: a\nlook: none', 'prompt: a\nlook: |\n  none\n'],
    [
      'a camera',
      'prompt: a\ncamera: { size: MS, move: push in }',
      'prompt: a\ncamera: { size: "MS ", move: " push in\\n" }',
    ],
    [
      'a look after segments',
      'segments: [{ prompt: a }, { prompt: b }]\nduration: 8\nlook: x',
      'segments: [{ prompt: "a " }, { prompt: "b\\n" }]\nduration: 8\nlook: "x "',
    ],
    ['shot_type', 'prompt: a\nshot_type: customize', 'prompt: a\nshot_type: "customize "'],
  ])('is sent alike in %s', async (_, plain, respelt) => {
    expect(await sent(shot(respelt))).toEqual(await sent(shot(plain)));
  });

  it.each([
    ['a variable', 'vars: { place: " Big Sur " }\n', {}],
    ['a variable that is a block', 'vars:\n  place: |\n    Big Sur\n', {}],
    ['--set', 'vars: { place: Monterey }\n', { place: 'Big Sur\r\n' }],
  ])('is sent alike in %s', async (_, top, set) => {
    const fields = 'prompt: "In ${place}, dusk"';
    expect(await sent(shot(fields, top), set)).toEqual(await sent(shot('prompt: In Big Sur, dusk')));
  });

  it('leaves no blank where a variable is empty', async () => {
    expect(await prompt(shot('prompt: "She waits ${mood}"', 'vars: { mood: "" }\n'))).toBe('She waits');
  });

  it('composes a letter whose mark comes from a variable', async () => {
    expect(await prompt(shot('prompt: "cafe${mark}"', 'vars: { mark: "\\u0301" }\n'))).toBe('café');
  });

  it('names and sends the values of a matrix alike', async () => {
    const list = (values: string) => shot(`prompt: a\nmatrix: { look: ${values} }`);
    const ids = async (text: string) => (await workspace.plan(text)).map(({ id }) => id);
    expect(await ids(list('["warm ", "cold\\n"]'))).toEqual(['a.look-warm', 'a.look-cold']);
    expect(await sent(list('["warm ", "cold\\n"]'))).toEqual(await sent(list('[warm, cold]')));
  });

  it('makes the texts of a model’s own input normal, and leaves URLs as they are written', () => {
    const url = 'https://a.com/cafe\u0301.png';
    const written = { style: ' cafe\u0301', images: [url, { name: 'a\r\n' }], strength: 0.5 };
    expect(normalField('input', written)).toEqual({
      style: 'café',
      images: [url, { name: 'a' }],
      strength: 0.5,
    });
  });

  it('composes a prompt that goes through camera, look and elements as it composes a segment', async () => {
    const top = 'elements: { hero: { frontal_image: boards/hero.png } }\nlook: "for @hero, as @@home"\n';
    const fields =
      'elements: [hero]\ncamera: { move: "towards @hero " }\nsegments: [{ prompt: "@hero turns " }]\nduration: 5';
    const [one] = (await sent(shot(fields, top))) as { prompt: string; segments: { prompt: string }[] }[];
    expect(one?.prompt).toBe('@Element1 turns. Towards @Element1. For @Element1, as @home');
    expect(one?.segments).toEqual([{ prompt: one?.prompt, seconds: 5 }]);
  });

  it('reports an unknown element in a look and in a camera at its place', async () => {
    const text = shot('prompt: a\ncamera: { move: to @her }\nlook: as @him');
    const { diagnostics } = await workspace.check(text);
    expect(diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '6:24 the camera says @her, and there is no element `her`',
      '7:14 the look says @him, and there is no element `him`',
    ]);
  });
});

describe('one table in several spellings', () => {
  const list = shot('each: shots.csv\nprompt: "${row.Größe} mug: ${row.text}"');
  const rows = 'Größe,text\nlarge,"steams, slowly"\nsmall,"falls\n\nbreaks"\n';
  const inTable = async (csv: string, yaml = list) => {
    workspace.write('shots.csv', csv);
    return sent(yaml);
  };

  it.each([
    ['with the line ends of Windows', rows.replaceAll('\n', '\r\n')],
    ['with the line ends of the oldest Macs', rows.replaceAll('\n', '\r')],
    ['with both line ends', rows.replace('\n', '\r\n')],
    ['with the other line end in the first row', rows.replaceAll('\n', '\r\n').replace('\r\n', '\n')],
    ['with a byte order mark', `\ufeff${rows}`],
    ['in the other form of accents', rows.normalize('NFD')],
    ['with blanks around its cells', rows.replaceAll(',"', ' , "').replaceAll('slowly"', 'slowly "')],
    ['with empty rows', rows.replace('\nsmall', '\n,,\n\nsmall')],
    ['with a zero width space in a name', rows.replace('text', 'te\u200bxt')],
  ])('gives the same keys %s', async (_, csv) => {
    expect(await inTable(csv)).toEqual(await inTable(rows));
  });

  it('gives the same keys in JSON, and when the list has the other form of accents', async () => {
    const expected = await inTable(rows);
    expect(await inTable(rows, list.normalize('NFD'))).toEqual(expected);
    const json = [
      { Größe: 'large ', text: 'steams, slowly\r\n' },
      { Größe: 'small', text: 'falls \r\n\r\nbreaks' },
    ];
    workspace.write('shots.json', JSON.stringify(json).normalize('NFD'));
    expect(await sent(list.replace('shots.csv', 'shots.json'))).toEqual(expected);
  });
});

describe('a file that is rewritten', () => {
  const text = `# Coast
${BEFORE}look: 35mm, café
vars: { place: "Big Sur" }
shots:
  - id: a
    camera: { size: MS }
    prompt: |
      She waits in \${place}.

      She goes.
  - id: b   # two beats
    start_image: "boards/café.png"
    segments:
      - prompt: >-
          The sea,
          far below
        duration: 4
      - { prompt: 'It’s dusk', duration: 4 }
`;

  it.each<[string, (text: string) => string]>([
    ['with the line ends of Windows', (it) => it.replaceAll('\n', '\r\n')],
    ['with a byte order mark', (it) => `\ufeff${it}`],
    ['with a byte order mark and the line ends of Windows', (it) => `\ufeff${it.replaceAll('\n', '\r\n')}`],
    ['with tabs at the ends of its lines', (it) => it.replaceAll(/(?<=.)$/gm, '\t')],
    ['with spaces at the ends of its lines', (it) => it.replaceAll(/(?<=.)$/gm, '  ')],
    ['in the other form of accents', (it) => it.normalize('NFD')],
    ['without a line break at its end', (it) => it.trimEnd()],
    [
      'by shotlist fmt',
      (it) => formatList(it.replace('version: 1', 'version:    1').replaceAll('\n', '\r\n')) ?? '',
    ],
  ])('gives the same keys and the same input %s', async (_, rewrite) => {
    workspace.write('boards/café.png', workspace.read('boards/cliff.png'));
    expect(await sent(rewrite(text))).toEqual(await sent(text));
  });
});

describe('any spelling of a text', () => {
  const word = fc.constantFrom(
    'She',
    'waits.',
    'café',
    'ấm',
    'Å',
    '日本',
    '❤️',
    '#1',
    'a: b',
    '"so"',
    'it’s',
    '- x',
    '\\',
  );
  const line = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
  const text = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'));
  const blank = fc.constantFrom('', '', ' ', '\t', ' \t ', '\u00a0');
  const spelling = fc.record({
    end: fc.constantFrom('\n', '\r\n', '\r'),
    blank,
    around: fc.constantFrom('', '\n', ' \n\n', '\r\n\t'),
    form: fc.constantFrom('NFC' as const, 'NFD' as const),
    style: fc.constantFrom<ToStringOptions>(
      {},
      { defaultStringType: 'QUOTE_DOUBLE' },
      { defaultStringType: 'QUOTE_SINGLE', singleQuote: true },
      { defaultStringType: 'BLOCK_LITERAL' },
      { defaultStringType: 'BLOCK_FOLDED', lineWidth: 20 },
      { lineWidth: 12 },
    ),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\ufeff'),
    through: fc.constantFrom('shot', 'variable', 'set', 'matrix', 'table'),
  });

  it('has one key, and one recorded input', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, text, spelling, async (prompt, segment, look, how) => {
        const respell = (it: string) => {
          const lines = it.split('\n').map((one) => one + how.blank);
          return (how.around + lines.join(how.end) + how.around).normalize(how.form);
        };
        const list = (own: object, top: object) => ({
          version: 1,
          defaults: { model: 'kling-3.0/pro', start_image: 'boards/cliff.png', duration: 8 },
          ...top,
          shots: [{ id: 'a', ...own }],
        });
        const fields = (spell: (it: string) => string, said: string) => ({
          prompt: said,
          look: spell(look),
          camera: { move: spell(segment) },
          negative_prompt: spell(look),
          segments: [{ prompt: spell(segment) }, { prompt: said }],
        });
        const expected = await sent(
          stringify(
            list(
              fields((it) => it, prompt),
              {},
            ),
            { lineWidth: 0 },
          ),
        );
        const said = respell(prompt);
        const other = {
          shot: () => list(fields(respell, said), {}),
          variable: () => list(fields(respell, '${said}'), { vars: { said } }),
          set: () => list(fields(respell, '${said}'), { vars: { said: 'x' } }),
          matrix: () => list({ ...fields(respell, said), matrix: { prompt: [said] } }, {}),
          table: () => list({ ...fields(respell, '${row.said}'), each: 'said.csv' }, {}),
        }[how.through]();
        workspace.write('said.csv', `said${how.lineEnd}"${said.replaceAll('"', '""')}"${how.lineEnd}`);
        const yaml = how.mark + stringify(other, how.style).replaceAll('\n', how.lineEnd);
        expect(await sent(yaml, how.through === 'set' ? { said } : {})).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});
