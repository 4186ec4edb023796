import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';
import { type Render, renderWith } from '../../src/emulator/render.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { rememberingFfmpeg } from '../rig/remembering-ffmpeg.js';
import { hurry } from './rig.js';
import { TOKEN } from './secrets.js';

/** Clients ask the emulator about a render after 50 ms, not after half a second. */
const HURRY = 10;

export interface ServiceOptions extends Partial<EmulatorOptions> {
  /** Renders stay in progress until `release` is called. */
  readonly hold?: boolean;
}

/** An emulator that outlives the processes that talk to it, and the environment that leads them to it. */
export async function startService({ hold = false, ...options }: ServiceOptions = {}): Promise<{
  readonly emulator: Emulator;
  readonly env: Readonly<Record<string, string>>;
  /** Lets the renders that are held end, and all later ones. */
  readonly release: () => void;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-service-'));
  let release = () => {};
  const released = hold ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  const render: Render = async (...args) => {
    await released;
    return copyOfClip(...args);
  };
  const start = await startEmulator({ folder, token: TOKEN, charge: true, deps: { render }, ...options });
  if (!start.ok) throw new Error(start.message);
  const { emulator } = start;
  onTestFinished(async () => {
    release();
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });
  const env = { RUNCOMFY_MODEL_API_BASE: emulator.base, RUNCOMFY_API_TOKEN: TOKEN, ...hurry(HURRY) };
  return { emulator, env, release: () => release() };
}

/** Clips by their length in seconds. In memory, because files of tests end with their test file. */
const byLength = new Map<number, Promise<Buffer>>();

/**
 * A real clip, but each length is drawn once: these tests are about what happens around the picture. A box at its end that
 * players skip has its name, so that no two clips have the same bytes.
 */
export const copyOfClip: Render = async (shot, options) => {
  let clip = byLength.get(shot.seconds);
  if (!clip) {
    clip = draw(shot, options);
    byLength.set(shot.seconds, clip);
  }
  const to = join(options.folder, options.to);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, Buffer.concat([await clip, freeBox(options.to)]));
  return { ok: true };
};

/** A box of an MP4 that means nothing. */
function freeBox(text: string): Buffer {
  const box = Buffer.concat([Buffer.alloc(4), Buffer.from(`free${text}`)]);
  box.writeUInt32BE(box.length);
  return box;
}

async function draw(...[shot, options]: Parameters<Render>): Promise<Buffer> {
  const found = await findFfmpeg({ env: { ...process.env, SHOTLIST_FFMPEG: await rememberingFfmpeg() } });
  if (!found.ok) throw new Error(found.message);
  const drawn = await renderWith(found.ffmpeg)(shot, { ...options, signal: new AbortController().signal });
  if (!drawn.ok) throw new Error(drawn.message);
  return readFile(join(options.folder, options.to));
}
