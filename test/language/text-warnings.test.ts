import { describe, expect, it } from 'vitest';
import { checkList } from '../../src/commands/plan/check-list.js';
import { inShort, Workspace } from './workspace.js';

const workspace = new Workspace();

const TOP = `version: 1
defaults: { model: kling-3.0/pro, start_image: boards/cliff.png }
`;
const ZERO = '\u200b';
const NBSP = '\u00a0';

/** Warnings about a list, each with its file if that is not the list. */
async function warnings(text: string, set: Record<string, string> = {}): Promise<readonly string[]> {
  const file = workspace.write('film.yaml', text);
  const { diagnostics } = await checkList(file, { set: new Map(Object.entries(set)) });
  return diagnostics.map((each) => {
    const place = each.file === file ? '' : `${each.file.slice(workspace.folder.length + 1)} `;
    return `${place}${inShort(each)}`;
  });
}

describe('a character that cannot be seen', () => {
  it.each<[string, string, ...string[]]>([
    ['a plain text', `prompt: two${ZERO}words`, 'SL012 5:16'],
    ['the second line of a plain text', `prompt: one\n  two${ZERO}words`, 'SL012 6:10'],
    ['double quotes', `prompt: "a b${NBSP}c"`, 'SL012 5:17'],
    ['double quotes, after escapes', `prompt: "\\u00e9\\n${NBSP}c"`, 'SL012 5:22'],
    ['the second line of double quotes', `prompt: "one\n\n  two${NBSP}c"`, 'SL012 7:10'],
    ['single quotes', `prompt: 'it''s${NBSP}c'`, 'SL012 5:19'],
    ['a block', `prompt: |\n  one\n\n  two${NBSP}three`, 'SL012 8:10'],
    ['a block with an indent of its own', `prompt: |2-\n    one${NBSP}two`, 'SL012 6:12'],
    ['a folded block', `prompt: >-\n  one\n  two${ZERO}three`, 'SL012 7:10'],
    [
      'a flow map',
      `segments: [{ prompt: a, duration: 5 }, { prompt: b${ZERO}c, duration: 5 }]`,
      'SL012 5:55',
    ],
    ['a negative prompt', `prompt: a\nnegative_prompt: b${NBSP}c`, 'SL012 6:23'],
    ['a camera', `prompt: a\ncamera: { move: push${NBSP}in }`, 'SL012 6:25'],
    ['a look', `prompt: a\nlook: golden${NBSP}hour`, 'SL012 6:17'],
    ['a matrix', `matrix: { prompt: [a, b${NBSP}c] }`, 'SL012 5:28'],
    ['two places of one text', `prompt: a${NBSP}b${ZERO}c`, 'SL012 5:14', 'SL012 5:16'],
    ['one text twice, counted there', `prompt: a${NBSP}b${NBSP}c`, 'SL012 5:14'],
    ['double quotes by its number', `prompt: "a\\u00a0b\\_c\\u200bd"`],
    ['the comment of a block', `prompt: | # so${NBSP}so\n  a`],
    ['a comment', `prompt: a # so${NBSP}so`, 'SL010 5:15'],
    ['notes', `prompt: a\nnotes: so${NBSP}so`],
    ['the line ends of Windows', `prompt: |\r\n  a\r\n  b\r\n`],
    ['an emoji', `prompt: "👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿"`],
    ['Persian', 'prompt: می‌خواهم'],
    ['Hindi', 'prompt: क्‍ष'],
  ])('is reported in its place in %s', async (_, fields, ...expected) => {
    const text = `${TOP}shots:\n  - id: a\n${fields.replaceAll(/^(?=.)/gm, '    ')}\n`;
    expect(await warnings(text)).toEqual(expected);
  });

  it('is reported in the variable that holds it, not in the texts that use it', async () => {
    const list = `${TOP}vars:\n  title: Big${NBSP}Sur\nshots:\n  - { id: a, prompt: "\${title}" }\n  - { id: b, prompt: "x \${title}" }\n`;
    expect(await warnings(list)).toEqual(['SL012 4:13']);
  });

  it('is reported at the variable that --set gives it to', async () => {
    const list = `${TOP}vars:\n  place: Monterey\nshots: [{ id: a, prompt: "\${place}" }]\n`;
    expect(await warnings(list, { place: `Big${NBSP}Sur` })).toEqual(['SL012 4:3']);
    expect(await warnings(list, { place: String.raw`Big\nSur` })).toEqual(['SL013 4:3']);
  });

  it('is reported in a field of yours only if a shot uses it', async () => {
    const list = (prompt: string) =>
      `${TOP}x-mine: { a: &one "a${NBSP}b", b: [c${NBSP}d] }\nshots: [{ id: a, prompt: ${prompt} }]\n`;
    expect(await warnings(list('plain'))).toEqual([]);
    expect(await warnings(list('*one'))).toEqual(['SL012 3:21']);
  });

  it('is reported in an included file', async () => {
    workspace.write('shared/look.yaml', `defaults:\n  look: golden${NBSP}hour\n`);
    const list = `${TOP}include: [shared/look.yaml]\nshots: [{ id: a, prompt: b }]\n`;
    expect(await warnings(list)).toEqual(['shared/look.yaml SL012 2:15']);
  });

  it.each<[string, string, ...string[]]>([
    ['a cell', `sku,text\nmug,two${ZERO}words\n`, 'shots.csv SL012 2:8'],
    ['a cell in quotes', `sku,text\nmug,"a ""b"", c${ZERO}"\n`, 'shots.csv SL012 2:16'],
    ['the second line of a cell', `sku,text\nmug,"a\nb${NBSP}c"\n`, 'shots.csv SL012 3:2'],
    [
      'a table with the line ends of Windows',
      `\ufeffsku;text\r\n\r\nmug;a${NBSP}b\r\n`,
      'shots.csv SL012 3:6',
    ],
    ['a cell, where it is written as in double quotes', `sku,text\nmug,a\\nb\n`, 'shots.csv SL013 2:6'],
    ['a cell of a column that no text uses', `sku,text,other\nmug,a,b${NBSP}c\n`],
  ])('is reported in %s', async (_, csv, ...expected) => {
    workspace.write('shots.csv', csv);
    const list = `${TOP}shots: [{ id: "a-\${row.sku}", each: shots.csv, prompt: "\${row.text}" }]\n`;
    expect(await warnings(list)).toEqual(expected);
  });

  it('is reported in a table in JSON, unless its number is written', async () => {
    workspace.write('shots.json', `[\n  { "text": "a\\u00a0b\\n${NBSP}" }\n]\n`);
    const list = `${TOP}shots: [{ id: a, each: shots.json, prompt: "\${row.text}" }]\n`;
    expect(await warnings(list)).toEqual(['shots.json SL012 2:24']);
  });
});

describe('a `\\n` that is no line break', () => {
  it.each<[string, string, ...string[]]>([
    ['a plain text', String.raw`prompt: one\ntwo`, 'SL013 5:16'],
    ['single quotes', String.raw`prompt: 'one\ntwo'`, 'SL013 5:17'],
    ['a block', `prompt: |\n  one\n  two\\nthree`, 'SL013 7:10'],
    ['a folded block', `prompt: >\n  one\\ntwo`, 'SL013 6:10'],
    ['a segment', String.raw`segments: [{ prompt: one\ntwo, duration: 5 }]`, 'SL013 5:29'],
    ['double quotes', String.raw`prompt: "one\ntwo"`],
    ['double quotes, written twice on purpose', String.raw`prompt: "one\\ntwo"`],
    ['notes', 'prompt: one\nnotes: C:\\new'],
  ])('is reported in its place in %s', async (_, fields, ...expected) => {
    const text = `${TOP}shots:\n  - id: a\n${fields.replaceAll(/^(?=.)/gm, '    ')}\n`;
    expect(await warnings(text)).toEqual(expected);
  });

  it('says how to write the line break, and how to keep a character', async () => {
    const list = `${TOP}shots: [{ id: a, prompt: 'a\\nb${NBSP}c${ZERO}d' }]\n`;
    const { diagnostics } = await workspace.check(list);
    expect(diagnostics.map(({ message, hint }) => [message, hint])).toEqual([
      [
        'this `\\n` is no line break: it is sent as two characters',
        'put the whole text in double quotes, or begin it with `|` and write it on several lines',
      ],
      [
        'the text has a no-break space (U+00A0) in it; it looks like a plain space',
        String.raw`type a plain space; to keep it, put the text in double quotes and write \u00a0`,
      ],
      [
        'the text has a zero width space (U+200B) in it; it cannot be seen',
        String.raw`delete it: type the words around it again; to keep it, put the text in double quotes and write \u200b`,
      ],
    ]);
  });
});
