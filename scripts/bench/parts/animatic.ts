import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { animaticArgs } from '../../../src/emulator/animatic.js';
import { renderWith } from '../../../src/emulator/render.js';
import type { AnimaticShot } from '../../../src/emulator/shot.js';
import { runChild } from '../../../src/media/child.js';
import { type Ffmpeg, findFfmpeg } from '../../../src/media/ffmpeg.js';
import { FONTS, placeFonts } from '../../../src/media/fonts.js';
import { timePairs } from '../pairs.js';
import type { Part } from '../part.js';

const ROUNDS = 7;
/** Time that an animatic with captions may take, as a multiple of the same move without. */
const ALLOWED = 1.3;
const SECONDS = 5;

/** A camera that moves nearer, along the board, turns, and none. */
const CAMERAS = ['Slow push in.', 'Pan left.', 'Handheld, slow rotation.', 'Static shot.'];

/**
 * A 5 s 720p animatic, from the request's data to the checked file in its place, beside the ffmpeg command that makes
 * the same picture move without captions.
 */
export const part: Part = {
  title: 'Animatics: 5 s at 1280×720',
  run: async () => {
    const found = await findFfmpeg();
    if (!found.ok) return found.message;
    const folder = await mkdtemp(join(tmpdir(), 'shotlist-bench-'));
    try {
      await placeFonts(folder);
      await mkdir(join(folder, 'pictures'));
      const board = new URL('../../examples/boards/lighthouse/headland.png', import.meta.url);
      await copyFile(board, join(folder, 'pictures/board.png'));
      const rows: string[] = [];
      for (const camera of CAMERAS) rows.push(await row(camera, { folder, ffmpeg: found.ffmpeg }));
      return [
        `| camera | animatic | plain ffmpeg | ratio (at most ${ALLOWED}) |`,
        '|---|---:|---:|---:|',
        ...rows,
        '',
        `Medians of ${ROUNDS} rounds in turns; ffmpeg ${found.ffmpeg.version}.`,
      ].join('\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function row(camera: string, { folder, ffmpeg }: { folder: string; ffmpeg: Ffmpeg }): Promise<string> {
  const shot = shotOf(camera);
  const signal = new AbortController().signal;
  const render = renderWith(ffmpeg);
  const plain = animaticArgs(shot, { lettering: null, fonts: FONTS, out: 'plain.mp4' });
  const { one, other, ratio } = await timePairs({
    rounds: ROUNDS,
    one: async () => must(await render(shot, { folder, to: 'clips/animatic.mp4', signal })),
    other: async () => must(await runChild(ffmpeg.path, { args: plain, cwd: folder })),
  });
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
  return `| ${camera} | ${seconds(one)} | ${seconds(other)} | ${ratio.toFixed(2)} |`;
}

function must(result: { readonly ok: boolean; readonly message?: string }): void {
  if (!result.ok) throw new Error(result.message);
}

function shotOf(camera: string): AnimaticShot {
  const prompt =
    'Wide of a headland after sunset. The keeper climbs the path toward an unlit lighthouse, lantern swinging, its ' +
    `small warm circle sliding over the grass. Wind, gulls, surf on the rocks below. ${camera}`;
  return {
    model: 'kling-3.0/standard',
    seconds: SECONDS,
    segments: [{ prompt, seconds: SECONDS }],
    audio: false,
    start: { kind: 'stored', file: 'pictures/board.png', width: 1280, height: 720 },
    end: null,
  };
}
