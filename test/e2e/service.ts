import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';
import { type Render, renderWith } from '../../src/emulator/render.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { TOKEN } from './secrets.js';

/** An emulator that outlives the processes that talk to it, and the environment that leads them to it. */
export async function startService(options: Partial<EmulatorOptions> = {}): Promise<{
  emulator: Emulator;
  env: Readonly<Record<string, string>>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-service-'));
  const start = await startEmulator({ folder, token: TOKEN, charge: true, deps: { render }, ...options });
  if (!start.ok) throw new Error(start.message);
  const { emulator } = start;
  onTestFinished(async () => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { emulator, env: { RUNCOMFY_MODEL_API_BASE: emulator.base, RUNCOMFY_API_TOKEN: TOKEN } };
}

const byLength = new Map<number, Promise<string>>();

/** Real clips, but each length is drawn once: these tests are about what happens around the picture. */
const render: Render = async (shot, options) => {
  let clip = byLength.get(shot.seconds);
  if (!clip) {
    clip = draw(shot, options);
    byLength.set(shot.seconds, clip);
  }
  const to = join(options.folder, options.to);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(await clip, to);
  return { ok: true };
};

async function draw(...[shot, options]: Parameters<Render>): Promise<string> {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  const drawn = await renderWith(found.ffmpeg)(shot, { ...options, signal: new AbortController().signal });
  if (!drawn.ok) throw new Error(drawn.message);
  const kept = join(await mkdtemp(join(tmpdir(), 'shotlist-clip-')), 'clip.mp4');
  await copyFile(join(options.folder, options.to), kept);
  return kept;
}
