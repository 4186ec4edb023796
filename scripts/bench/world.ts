import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { CLI, measured, programPath, type Usage } from './measured.js';

/** Films that people make, shots; the last size is the ceiling. */
export const SIZES = [60, 300, 1_000, 10_000];

/** Lengths of a service's jobs, seconds, spread evenly. */
export interface Jobs {
  readonly shortest: number;
  readonly longest: number;
}

/** Calls and jobs of a service; times are in milliseconds. */
export interface Seen {
  readonly counts: { readonly submit: number; readonly ask: number; readonly download: number };
  readonly jobs: readonly { readonly began: number; readonly done: number; readonly told: number | null }[];
  readonly lastDownload: number;
}

/** A folder with a tiny clip, in which services are started and films rendered. */
export class World {
  readonly folder: string;
  readonly #services: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes a world for as long as the task takes. */
  static async during<T>(task: (world: World) => Promise<T>): Promise<T> {
    const world = new World(await mkdtemp(join(tmpdir(), 'shotlist-bench-')));
    try {
      return await task(world);
    } finally {
      for (const service of world.#services) service.kill();
      await rm(world.folder, { recursive: true, force: true });
    }
  }

  /** Starts a service whose clips are all one file, by default a tiny video; resolves with its origin. */
  async service(jobs: Jobs, clip?: string): Promise<string> {
    const options = { ...jobs, clip: clip ?? (await this.#tinyClip()) };
    const child = spawn(process.execPath, [programPath('service.js'), JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#services.push(child);
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    return String(line).trim();
  }

  /** Calls and jobs of a service so far. */
  async seen(origin: string): Promise<Seen> {
    return (await fetch(`${origin}/bench`)).json() as Promise<Seen>;
  }

  /** Renders a film of N shots with the built CLI, as a process of its own. */
  async render(
    origin: string,
    { shots, concurrency }: { readonly shots: number; readonly concurrency: number },
  ): Promise<Usage> {
    const flags = ['--yes', '--concurrency', String(concurrency)];
    return measured({
      args: [CLI, 'run', 'film.yaml', ...flags],
      cwd: await this.film(shots),
      env: this.env(origin),
    });
  }

  /** A folder with a film of N shots, `film.yaml`. */
  async film(shots: number): Promise<string> {
    const folder = await mkdtemp(join(this.folder, 'film-'));
    await writeFile(join(folder, 'film.yaml'), filmOf(shots));
    return folder;
  }

  /** The environment in which the CLI renders at a service. */
  env(origin: string): NodeJS.ProcessEnv {
    const service = { RUNCOMFY_MODEL_API_BASE: `${origin}/v1`, RUNCOMFY_API_TOKEN: 'bench-token-0000' };
    return { ...process.env, ...service };
  }

  /** A tiny video in a file of N bytes: the rest is a box that players skip. */
  async clipOf(bytes: number): Promise<string> {
    const tiny = await readFile(await this.#tinyClip());
    const clip = join(this.folder, `clip-${bytes}.mp4`);
    const header = Buffer.alloc(8);
    header.writeUInt32BE(bytes - tiny.length);
    header.write('free', 4, 'latin1');
    await writeFile(clip, Buffer.concat([tiny, header]));
    await truncate(clip, bytes);
    return clip;
  }

  /** A video of five seconds with few and small pictures, so that its inspection is short. */
  async #tinyClip(): Promise<string> {
    const clip = join(this.folder, 'clip.mp4');
    const found = await findFfmpeg();
    if (!found.ok) throw new Error(found.message);
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=128x72:rate=4:duration=5'];
    const args = ['-y', ...picture, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', clip];
    const made = await runChild(found.ffmpeg.path, { args });
    if (!made.ok) throw new Error(made.message);
    return clip;
  }
}

function filmOf(shots: number): string {
  const list = Array.from(
    { length: shots },
    (_, index) => `  - id: shot-${index + 1}\n    prompt: The camera pushes in on shot ${index + 1}\n`,
  );
  return `version: 1
title: Film
defaults: { model: kling-3.0/standard, duration: 5, audio: false, start_image: https://example.com/board.png }
shots:
${list.join('')}`;
}
