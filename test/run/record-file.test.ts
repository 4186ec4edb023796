import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRecord, readRecord, readRecords } from '../../src/run/records/record-file.js';
import type { Render } from '../../src/run/records/render.js';
import { attempts, done, lifeOf, SENT, type Steps, stagesOf, stateAt, stepped } from './lives.js';
import { hash, recordOf, submission } from './world.js';

/** A run directory with these record files. */
function directoryOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'shotlist-records-'));
  mkdirSync(join(directory, 'videos'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

function render(steps: Steps, branch = 'cliff', number = 0): Render {
  const life = lifeOf('cliff', [steps], { branch, number });
  if (!life) throw new Error('it has no attempt');
  return life;
}

const FAILED = { type: 'failed', code: null, message: 'Unsafe.', cost: null } as const;
const DONE = render(done(0.5));
const TEXT = formatRecord(DONE);
const FILE = recordOf('cliff');

const read = (text: string) => {
  const answer = readRecord(text);
  if (!answer.ok) throw new Error(answer.problem);
  return answer.render;
};

describe('the text of a record', () => {
  it('has each fact of a render that is the same on every machine', () => {
    fc.assert(
      fc.property(attempts, (lives) => {
        for (const stage of stagesOf('cliff', lives)) {
          if (!stage) continue;
          const again = read(formatRecord(stage));
          expect(stateAt(again)).toEqual(stateAt(stage));
          expect(formatRecord(again)).toBe(formatRecord(stage));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the input of each attempt, once if all are the same', () => {
    const one = submission('cliff', { input: { prompt: 'A cliff', start_image_url: 'a' } });
    const other = submission('cliff', { input: { prompt: 'A cliff', start_image_url: 'b' } });
    const first = lifeOf('cliff', [done(0.5)], { submission: one });
    const second = lifeOf('cliff', [done(0.5)], { submission: other, from: first, number: 1 }) as Render;
    const inputs = read(formatRecord(second)).attempts.map(({ input }) => input.start_image_url);
    expect(inputs).toEqual(['a', 'b']);
    expect(formatRecord(DONE).match(/"input"/g)).toHaveLength(1);
  });

  it('has no signature of a link', () => {
    const signed = 'https://user:pass@files.runcomfy.net/1.mp4?sig=secret#top';
    const steps = [SENT, { type: 'completed', outputs: [signed], cost: null, finished: null }] as const;
    expect(read(formatRecord(render(steps))).attempts[0]?.outputs[0]?.url).toBe(
      'https://files.runcomfy.net/1.mp4',
    );
  });

  it('is one line for each field, in a fixed order, with a newline at the end', () => {
    const names = TEXT.split('\n').flatMap((line) => /^ {2}"(\w+)"/.exec(line)?.[1] ?? []);
    expect(names.join(' ')).toBe(
      'record service key id shot scene take part model defaults prompt segments seconds audio input attempts',
    );
    expect(TEXT.endsWith('}\n')).toBe(true);
  });
});

describe('a record that another program wrote again', () => {
  const other: readonly (readonly [string, string])[] = [
    ['with the line ends of Windows', TEXT.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\ufeff${TEXT}`],
    ['with tabs', `${JSON.stringify(JSON.parse(TEXT), null, '\t')}\n`],
    ['in one line', JSON.stringify(JSON.parse(TEXT))],
    ['as prettier does', TEXT.replace(/\[\n\s*\{\n\s*"field"/, '[{ "field"').replaceAll('[]', '[\n  ]')],
    ['without the newline at its end', TEXT.trimEnd()],
    ['with its fields sorted', JSON.stringify(sorted(JSON.parse(TEXT)), null, 2)],
  ];

  it.each(other)('is read %s, and changes nothing', (_how, text) => {
    expect(JSON.parse(formatRecord(read(text)))).toEqual(JSON.parse(TEXT));
    expect(readRecords(directoryOf({ [FILE]: text }))).toMatchObject({
      kind: 'read',
      twice: [],
      renders: new Map([[DONE.key, expect.objectContaining({ isChanged: false })]]),
    });
  });
});

/** The same value with the names of all objects in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map(([name, one]) => [name, sorted(one)]));
}

describe('a record that cannot be read', () => {
  const json = JSON.parse(TEXT);
  const conflict = (ours: string, theirs: string) =>
    `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> branch\n`;

  it.each<[string, string | Uint8Array, string]>([
    ['an empty one', '', 'it is empty'],
    ['blanks', ' \n', 'it is empty'],
    ['half of one', TEXT.slice(0, 400), 'it is not JSON'],
    ['zeros, as after a loss of power', '\0'.repeat(500), 'it is not JSON'],
    ['text', 'version https://git-lfs.github.com/spec/v1', 'it is not JSON'],
    ['a list', '[]', 'it must be a set of fields'],
    ['other JSON', '{"name": "shotlist"}', 'there is no `record`'],
    [
      'a later version',
      JSON.stringify({ ...json, record: 2 }),
      'a newer version of Shotlist wrote it (record 2)',
    ],
    ['no attempt', JSON.stringify({ ...json, attempts: [] }), 'attempts'],
    ['an unknown field', JSON.stringify({ ...json, price: 1 }), 'price'],
    ['a short key', JSON.stringify({ ...json, key: 'abc' }), 'key'],
    [
      'a file that leaves the folder',
      TEXT.replace('"videos/cliff.', '"videos/../../cliff.'),
      'a file directly in `videos/`',
    ],
    [
      'bytes that are no text',
      Buffer.from(TEXT.replace('A cliff', 'A cl\u00eeff'), 'latin1'),
      'it is not UTF-8',
    ],
    ['UTF-16', Buffer.from(TEXT, 'utf16le'), 'it is not JSON'],
    [
      'two versions that were merged by lines, as git’s driver `union` does',
      TEXT.replace(/^ *"request_id": .*\n/m, '$&$&'),
      'it has `request_id` twice in one place',
    ],
    ['a conflict without an end', conflict(TEXT, TEXT).replace(/>{7}.*\n/, ''), 'has no end'],
    ['a conflict with half a side', conflict(TEXT, `${TEXT.slice(0, 300)}\n`), 'it is not JSON'],
    ['a conflict with an empty side', conflict(TEXT, ''), 'it is empty'],
    [
      'a conflict of two renders',
      conflict(TEXT, TEXT.replaceAll(DONE.key, hash('beach'))),
      'the two sides of its merge conflict are of different renders',
    ],
    [
      'a conflict of two services',
      conflict(TEXT, TEXT.replace('"local"', '"https://a.test"')),
      'the two sides of its merge conflict are of different renders',
    ],
  ])('stops the reading of all at %s, and names the file', (_what, content, problem) => {
    const directory = directoryOf({
      [recordOf('beach')]: formatRecord(lifeOf('beach', [done(0.5)]) as Render),
      [FILE]: content,
    });
    expect(readRecords(directory)).toEqual({
      kind: 'unreadable',
      file: FILE,
      message: expect.stringMatching(
        new RegExp(
          `^${join(directory, FILE).replaceAll('.', '\\.')}: .*${problem.replace(/[()`.]/g, '\\$&')}`,
        ),
      ),
    });
  });

  it('is also a folder with the name of a record', () => {
    const directory = directoryOf({});
    mkdirSync(join(directory, FILE));
    expect(readRecords(directory)).toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('no file'),
    });
  });

  it('is also one that is far too long', () => {
    const directory = directoryOf({ [FILE]: Buffer.alloc(17 * 1024 * 1024, ' ') });
    expect(readRecords(directory)).toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('too large'),
    });
  });

  // Root reads everything.
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'is also one without the permission to read it',
    () => {
      const directory = directoryOf({ [FILE]: TEXT });
      chmodSync(join(directory, FILE), 0);
      expect(readRecords(directory)).toMatchObject({
        kind: 'unreadable',
        message: expect.stringContaining('it cannot be read (EACCES)'),
      });
    },
  );

  it('is none of the files that are no records', () => {
    const directory = directoryOf({
      'videos/.cliff.json': '',
      [`${FILE}.0a3acbb1.tmp`]: '{',
      'videos/cliff.mp4': 'x',
    });
    expect(readRecords(directory)).toMatchObject({ kind: 'read', renders: new Map() });
    expect(readRecords(mkdtempSync(join(tmpdir(), 'shotlist-none-')))).toMatchObject({ kind: 'read' });
  });
});

describe('a record in conflict', () => {
  const from = render([SENT]);
  const ours = lifeOf('cliff', [done(0.4)], { from, branch: 'ours', number: 1, finish: [FAILED] }) as Render;
  const theirs = lifeOf('cliff', [done(0.3)], {
    from,
    branch: 'theirs',
    number: 2,
    finish: [FAILED],
  }) as Render;
  const alone = { ours: render(done(0.4), 'ours', 1), theirs: render(done(0.3), 'theirs', 2) };

  /** Two branches that changed a file, or added it; returns the file as `git merge` leaves it on the first one. */
  function merged(style: string, [base, left, right]: readonly [Render | null, Render, Render]): string {
    const directory = mkdtempSync(join(tmpdir(), 'shotlist-git-'));
    const git = (...args: readonly string[]) => {
      const names = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', `merge.conflictStyle=${style}`];
      return execFileSync('git', [...names, ...args], { cwd: directory, stdio: 'pipe' });
    };
    const commit = (one: Render | null) => {
      writeFileSync(join(directory, 'other.txt'), 'x');
      if (one) writeFileSync(join(directory, 'record.json'), formatRecord(one));
      git('add', '.');
      git('commit', '-qm', 'Render');
    };
    git('init', '-q', '-b', 'main');
    commit(base);
    git('checkout', '-qb', 'branch');
    commit(right);
    git('checkout', '-q', 'main');
    commit(left);
    expect(() => git('merge', 'branch')).toThrow('merge branch');
    return readFileSync(join(directory, 'record.json'), 'utf8');
  }

  it.each(['merge', 'diff3', 'zdiff3'])(
    'has all attempts of both branches, in the conflict style %s',
    (style) => {
      const both = readRecord(merged(style, [from, ours, theirs]));
      expect(both).toMatchObject({ ok: true, isConflict: true, isTwice: true });
      const known = both.ok ? both.render.attempts.map(({ request_id, cost }) => [request_id, cost]) : [];
      expect(known).toEqual([
        ['cliff-0', null],
        ['ours-1', 0.4],
        ['theirs-2', 0.3],
      ]);
      expect(readRecord(merged(style, [from, theirs, ours]))).toEqual(both);
    },
  );

  it.each(['merge', 'diff3', 'zdiff3'])(
    'that both branches added is read too, in the conflict style %s',
    (style) => {
      const both = readRecord(merged(style, [null, alone.ours, alone.theirs]));
      expect(both).toMatchObject({ ok: true, isConflict: true, isTwice: true });
      expect(both.ok && both.render.attempts.map(({ request_id }) => request_id)).toEqual([
        'ours-1',
        'theirs-2',
      ]);
    },
  );

  it('is read in one line, with the line ends of Windows, and with long marks', () => {
    const line = (one: Render) => JSON.stringify(JSON.parse(formatRecord(one)));
    const minified = `<<<<<<< HEAD\n${line(ours)}\n=======\n${line(theirs)}\n>>>>>>> branch\n`;
    const text = merged('merge', [from, ours, theirs]);
    const expected = readRecord(text);
    expect(readRecord(minified)).toEqual(expected);
    expect(readRecord(text.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(readRecord(text.replace(/^([<=>])\1{6}/gm, '$1'.repeat(12)))).toEqual(expected);
  });

  it('is read if its base was in conflict too, as after merges crosswise', () => {
    const base = `<<<<<<<<< a\n${formatRecord(from)}=========\n${formatRecord(ours)}>>>>>>>>> b\n`;
    const text = `<<<<<<< HEAD\n${formatRecord(ours)}||||||| merged\n${base}=======\n${formatRecord(theirs)}>>>>>>> branch\n`;
    expect(readRecord(text)).toEqual(readRecord(merged('merge', [from, ours, theirs])));
  });

  it('is not called paid twice if only one branch sent it, or a person wanted it again', () => {
    const seen = stepped(DONE, {
      type: 'inspected',
      index: 0,
      sha256: DONE.attempts[0]?.outputs[0]?.sha256 ?? '',
      pictures: true,
      flags: [],
    });
    const again = lifeOf('cliff', [done(0.3)], { from: DONE, branch: 'again', number: 3 });
    const text = `<<<<<<< HEAD\n${formatRecord(seen as Render)}=======\n${formatRecord(again as Render)}>>>>>>> b\n`;
    expect(readRecord(text)).toMatchObject({ ok: true, isConflict: true, isTwice: false });
  });
});

describe('the files of one render', () => {
  const left = render(done(0.5), 'left');
  const right = render(done(0.4), 'right', 1);
  const twin = lifeOf('cliff', [done(0.4)], {
    branch: 'right',
    number: 1,
    submission: submission('cliff', { id: 'twin' }),
  }) as Render;
  const onDisk = (files: Readonly<Record<string, string>>) => {
    const all = readRecords(directoryOf(files));
    if (all.kind !== 'read') throw new Error(all.message);
    return { ...all, one: all.renders.get(left.key) };
  };

  it('are joined if two branches sent it under two ids', () => {
    const other = FILE.replace('cliff', 'a-twin');
    const { one, twice } = onDisk({ [FILE]: formatRecord(left), [other]: formatRecord(twin) });
    expect(one).toMatchObject({ files: [FILE, other], isChanged: true });
    expect(one?.render.submission.id).toBe('cliff');
    expect(twice.map(({ attempts: all }) => all.length)).toEqual([2]);
  });

  it.each([
    'videos/a copy of it.json',
    'videos/cliff copy.json',
    `${FILE.slice(0, -5)} (1).json`,
    'videos/z.json',
  ])('may be a mere copy, %s, which adds nothing and changes nothing', (copy) => {
    const { one, twice } = onDisk({ [FILE]: formatRecord(left), [copy]: formatRecord(left) });
    expect(one).toMatchObject({ files: [FILE], isChanged: false });
    expect(twice).toEqual([]);
  });

  it('may be older copies, of which the newer one knows everything', () => {
    for (const stage of stagesOf('cliff', [done(0.5)], { branch: 'left' })) {
      const { one, twice } = onDisk({
        [FILE]: formatRecord(left),
        'videos/a.json': formatRecord(stage as Render),
      });
      expect(one).toMatchObject({ files: [FILE], isChanged: false });
      expect(twice).toEqual([]);
    }
  });

  it('keep the clips’ usual names if a person gave the record another name', () => {
    const { one } = onDisk({ 'videos/my favourite.json': formatRecord(render([SENT], 'left')) });
    expect(one?.state.pathStart).toBe(FILE.replace('.json', ''));
  });

  it('have longer names if the usual one is that of another key', () => {
    const long = FILE.replace(hash('cliff').slice(0, 8), hash('cliff').slice(0, 16));
    expect(onDisk({ [long]: formatRecord(left) }).one?.state.pathStart).toBe(long.replace('.json', ''));
  });

  it('are unreadable if they are of two services', () => {
    const rehearsal = formatRecord(right);
    const directory = directoryOf({
      [FILE]: rehearsal,
      'videos/z.json': rehearsal.replace('"local"', '"https://model-api.example"'),
    });
    expect(readRecords(directory)).toMatchObject({
      kind: 'unreadable',
      file: 'videos/z.json',
      message: expect.stringContaining(`it is of the same render as ${FILE}, but of another service.`),
    });
  });
});
