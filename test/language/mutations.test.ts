import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fields } from './mutations/fields.js';
import { images } from './mutations/images.js';
import { language } from './mutations/language.js';
import { lists } from './mutations/lists.js';
import { prompts } from './mutations/prompts.js';
import { yaml } from './mutations/yaml.js';
import { inShort, Workspace } from './workspace.js';

/** Files that other systems cannot have: links, pipes, names that differ only in case or in encoding. */
const LINUX_ONLY =
  /link|pipe|device|folder that holds itself|in capitals$|encoded|no file system|space too many/;

const workspace = new Workspace();
makeOddImages(workspace);

// Each list has one unusual thing. A mistake is reported once, in its place, and nothing else is reported.
describe.each(Object.entries({ fields, prompts, images, lists, language, yaml }))('%s', (_, mutations) => {
  const here = mutations.filter(([what]) => process.platform === 'linux' || !LINUX_ONLY.test(what));
  it.each(here)(
    'reports exactly the expected diagnostics for a list with one change: %s',
    async (_what, text, ...said) => {
      const { diagnostics, ok } = await workspace.check(text);
      expect(diagnostics.map(inShort)).toEqual(said);
      expect(ok).toBe(diagnostics.every(({ severity }) => severity === 'warning'));
    },
  );
});

function makeOddImages(workspace: Workspace): void {
  const read = (name: string) => readFileSync(workspace.path(`boards/${name}`));
  workspace.write('made/a.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"></svg>');
  workspace.write('made/a.mp4', Buffer.concat([Buffer.from('\0\0\0\x18ftypisom'), Buffer.alloc(100)]));
  workspace.write('made/begun.png', read('cliff.png').subarray(0, 12));
  workspace.write('made/cut-off.jpg', read('dial.jpg').subarray(0, -20));
  workspace.write('made/cut-off.bmp', read('plain.bmp').subarray(0, -20));
  workspace.write('made/cut-off.webp', read('pack.webp').subarray(0, -20));
  workspace.write('made/caf\u00e9.png', read('cliff.png'));
  workspace.write('made/👩‍👩‍👧.png', read('cliff.png'));

  const jpg = read('dial.jpg');
  // The marker of the scan, where the picture begins.
  const scan = jpg.indexOf(Buffer.from([0xff, 0xda]));
  const fill = Buffer.from([0xff, 0xff]);
  workspace.write('made/filled.jpg', Buffer.concat([jpg.subarray(0, scan), fill, jpg.subarray(scan)]));
  const vast = Buffer.from(read('cliff.png'));
  // Width, height and checksum in a PNG's header.
  vast.writeUInt32BE(40_000, 16);
  vast.writeUInt32BE(22_500, 20);
  vast.writeUInt32BE(crc32(vast.subarray(12, 29)), 29);
  workspace.write('made/vast.png', vast);
  workspace.write('made/large.png', Buffer.concat([read('cliff.png'), Buffer.alloc(7e6)]));
  truncateSync(workspace.write('made/endless.png', read('cliff.png')), 10e9);
  truncateSync(workspace.write('made/endless.tif', 'II*\0'), 10e9);
  truncateSync(workspace.write('made/zeros.png', ''), 1e6);

  if (process.platform !== 'linux') return;
  symlinkSync('../boards/cliff.png', workspace.path('made/inside.png'));
  symlinkSync('/etc/hostname', workspace.path('made/outside.png'));
  symlinkSync('nowhere.png', workspace.path('made/dangling.png'));
  symlinkSync('loop.png', workspace.path('made/loop.png'));
  symlinkSync('.', workspace.path('made/round'));
  symlinkSync('/dev/zero', workspace.path('made/device.png'));
  symlinkSync('/dev/zero', workspace.path('made/device.csv'));
  symlinkSync('/etc/hostname', workspace.path('made/outside.csv'));
  execFileSync('mkfifo', [workspace.path('made/pipe.png')]);
}
