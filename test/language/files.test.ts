import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkList } from '../../src/commands/plan/check-list.js';
import { loadShotList } from '../../src/language/load.js';
import { inShort, Workspace } from './workspace.js';

const workspace = new Workspace();
const LIST = `version: 1
shots:
  - { id: a, model: kling-3.0/pro, prompt: Café, start_image: boards/cliff.png }
`;

async function said(file: string): Promise<readonly string[]> {
  const { diagnostics } = await checkList(file);
  return diagnostics.map((each) => `${inShort(each)} ${each.message}`);
}

describe('an unreadable list', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', 'SL005 1:1 the file is empty'],
    ['a file in UTF-16', Buffer.from(`\ufeff${LIST}`, 'utf16le'), 'SL004 1:1 the file is UTF-16 text'],
    [
      'a file in UTF-16 without a byte order mark',
      Buffer.from(LIST, 'utf16le'),
      'SL004 1:1 the file holds zero bytes: it is not text',
    ],
    ['a file in Latin-1', Buffer.from(LIST, 'latin1'), 'SL004 3:47 this is not UTF-8 text'],
    [
      'a file in Latin-1 with line ends of Windows',
      Buffer.from(LIST.replaceAll('\n', '\r\n'), 'latin1'),
      'SL004 3:47 this is not UTF-8 text',
    ],
    [
      'a file in UTF-8 that is cut off',
      Buffer.from('title: café').subarray(0, -1),
      'SL004 1:11 this is not UTF-8 text',
    ],
    [
      'a PNG',
      Buffer.from('89504e470d0a1a0a0000000d', 'hex'),
      'SL004 1:1 the file holds zero bytes: it is not text',
    ],
  ])('says why it cannot read a list that is %s', async (_, content, expected) => {
    expect(await said(workspace.write('other.yaml', content))).toEqual([expected]);
  });

  it('says that a list is missing, a folder, or too large', async () => {
    expect(await said(workspace.path('none.yaml'))).toEqual(['SL001 1:1 there is no such file']);
    expect(await said(workspace.path('boards/cliff.png/film.yaml'))).toEqual([
      'SL001 1:1 there is no such file',
    ]);
    expect(await said(workspace.folder)).toEqual(['SL002 1:1 this is a folder']);
    truncateSync(workspace.write('large.yaml', ''), 129 * 1024 * 1024);
    expect(await said(workspace.path('large.yaml'))).toEqual([
      'SL003 1:1 the file is 129 MiB; at most 128 MiB are read',
    ]);
  });

  it.runIf(process.platform === 'linux')(
    'refuses a pipe, a device and a link to itself as a list without waiting for them',
    async () => {
      execFileSync('mkfifo', [workspace.path('pipe.yaml')]);
      symlinkSync('loop.yaml', workspace.path('loop.yaml'));
      expect(await said(workspace.path('pipe.yaml'))).toEqual(['SL002 1:1 this is not a regular file']);
      expect(await said('/dev/zero')).toEqual(['SL002 1:1 this is not a regular file']);
      expect(await said(workspace.path('loop.yaml'))).toEqual([
        'SL002 1:1 this is a link that leads back to itself',
      ]);
    },
  );

  it.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')(
    'says that reading a list is not permitted',
    async () => {
      workspace.write('closed.yaml', LIST);
      execFileSync('chmod', ['000', workspace.path('closed.yaml')]);
      expect(await said(workspace.path('closed.yaml'))).toEqual(['SL002 1:1 reading it is not permitted']);
    },
  );
});

describe('the folder of a list', () => {
  it.runIf(process.platform !== 'win32')(
    'takes the real folder of a list that is reached by a link',
    async () => {
      workspace.write('film.yaml', LIST);
      mkdirSync(workspace.path('shortcuts'));
      symlinkSync('../film.yaml', workspace.path('shortcuts/latest.yaml'));
      const loaded = await loadShotList(workspace.path('shortcuts/latest.yaml'));
      expect(loaded).toMatchObject({ ok: true, value: { name: 'film', path: workspace.path('film.yaml') } });
    },
  );

  it.runIf(process.platform !== 'win32')(
    'finds the includes of a list that is reached by a link to it or to its folder',
    async () => {
      workspace.write('films/shared.yaml', 'defaults: { duration: 4 }\n');
      const list = workspace.write(
        'films/film.yaml',
        `include: [shared.yaml]\n${LIST.replace('boards/', '../boards/')}`,
      );
      mkdirSync(workspace.path('links'));
      symlinkSync('../films/film.yaml', workspace.path('links/film.yaml'));
      symlinkSync('../films', workspace.path('links/films'));
      for (const file of [list, workspace.path('links/film.yaml'), workspace.path('links/films/film.yaml')])
        expect(await said(file)).toEqual([]);
    },
  );

  it('lets a list name files outside its folder only inside its repository', async () => {
    const list = workspace.write('deep/lists/film.yaml', LIST.replace('boards/', '../../boards/'));
    expect(await said(list)).toEqual([]);
    rmSync(workspace.path('.git'), { recursive: true });
    expect(await said(list)).toEqual(['SL212 3:63 ../../boards/cliff.png leads out of the shot list’s tree']);
    // In a worktree, `.git` is a file.
    workspace.write('.git', 'gitdir: /elsewhere/.git/worktrees/film\n');
    expect(await said(list)).toEqual([]);
  });
});

describe('the images of a request', () => {
  it('refuses a shot whose images come to more than 64 MiB', async () => {
    const png = readFileSync(workspace.path('boards/cliff.png'));
    workspace.write('boards/heavy.png', Buffer.concat([png, Buffer.alloc(5.9 * 1024 * 1024)]));
    const shots = (images: number) => `version: 1
ignore: [SL310]
elements: { hero: { reference_images: [${Array(images).fill('boards/heavy.png').join(', ')}] } }
shots:
  - { id: a, model: kling-3.0/pro, prompt: x, start_image: boards/cliff.png, elements: [hero] }
`;
    expect(await said(workspace.write('film.yaml', shots(8)))).toEqual([]);
    expect(await said(workspace.write('film.yaml', shots(9)))).toEqual([
      'SL306 5:5 the files of `a` would make a request of 70.8 MiB as base64, and the service takes 64 MiB: 9 × boards/heavy.png (5.9 MiB), boards/cliff.png (973 B)',
    ]);
  });
});

describe('a list of many mistakes', () => {
  // Each takes a second or two on a quiet machine.
  it.each<[string, string, number]>([
    [
      'fields of one shot',
      `- id: a\n${Array.from({ length: 10_000 }, (_, n) => `    k${n}: x`).join('\n')}`,
      10_001,
    ],
    ['shots', Array.from({ length: 10_000 }, (_, n) => `- { id: s${n}, model: x }`).join('\n  '), 10_000],
    ['shots with one id', Array(10_000).fill('- { id: s, model: x }').join('\n  '), 19_999],
    ['lines that are no YAML', Array(10_000).fill('- id: @x').join('\n  '), 20],
  ])('reports all mistakes of a list with ten thousand of them: %s', async (_, shots, count) => {
    const { diagnostics } = await workspace.check(`version: 1\nshots:\n  ${shots}\n`);
    expect(diagnostics).toHaveLength(count);
  });

  it('reports a mistake once if every shot inherits it', async () => {
    const shots = Array.from({ length: 5_000 }, (_, n) => `  - { id: s${n} }`).join('\n');
    const text = `version: 1
defaults: { model: kling-3.0/pro, prompt: x, start_image: boards/cliff.png, duration: 99 }
shots:
${shots}
`;
    const { diagnostics } = await workspace.check(text);
    expect(diagnostics.map(inShort)).toEqual(['SL302 2:87']);
  });
});
