import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.js';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';
import type { RenderResult } from '../../src/emulator/render.js';
import type { AnimaticShot } from '../../src/emulator/shot.js';

export const STANDARD = 'kling/kling-3.0/standard/image-to-video';
export const O1 = 'kling/kling-video-o1/standard/image-to-video';

/** The smallest input the standard model takes. */
export function input(prompt = 'She turns'): JsonObject {
  return { prompt, start_image_url: 'https://boards.example/cliff.png', duration: 3 };
}

/** A clock that moves only by `advance`. */
export class HandClock {
  #now = Date.UTC(2026, 0, 1);
  #alarms: { at: number; ring: () => void }[] = [];

  readonly now = (): number => this.#now;

  readonly sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (milliseconds <= 0 || signal.aborted) return resolve();
      this.#alarms.push({ at: this.#now + milliseconds, ring: resolve });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });

  advance(seconds: number): void {
    this.#now += seconds * 1000;
    const due = this.#alarms.filter(({ at }) => at <= this.#now);
    this.#alarms = this.#alarms.filter(({ at }) => at > this.#now);
    for (const { ring } of due) ring();
  }

  /** Number of callers that sleep. */
  get sleepers(): number {
    return this.#alarms.length;
  }
}

/** A render that ends when the test calls `finish`. */
export interface HeldRender {
  readonly shot: AnimaticShot;
  /** Writes a clip of these bytes and succeeds, or fails. */
  finish(result?: Buffer | { readonly message: string }): void;
}

export interface Rig {
  readonly emulator: Emulator;
  readonly folder: string;
  readonly clock: HandClock;
  readonly renders: readonly HeldRender[];
  post(path: string, body?: Json): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** Submits to the standard model; resolves with the request's id. */
  submit(prompt?: string): Promise<string>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-emulator-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts an emulator whose renders and clock the test controls; it is closed when the test ends. */
export async function startRig(options: Partial<EmulatorOptions> = {}): Promise<Rig> {
  const folder = options.folder ?? (await temporaryFolder());
  const clock = new HandClock();
  const renders: HeldRender[] = [];
  const start = await startEmulator({
    folder,
    concurrency: 1,
    ...options,
    deps: {
      clock,
      render: (shot, { to, signal }) =>
        new Promise<RenderResult>((resolve) => {
          signal.addEventListener('abort', () => resolve({ ok: false, message: 'stopped' }));
          const finish = async (result: Buffer | { readonly message: string } = Buffer.from('a clip')) => {
            if (!Buffer.isBuffer(result)) return resolve({ ok: false, message: result.message });
            await mkdir(dirname(join(folder, to)), { recursive: true });
            await writeFile(join(folder, to), result);
            resolve({ ok: true });
          };
          renders.push({ shot, finish });
        }),
      ...options.deps,
    },
  });
  if (!start.ok) throw new Error(start.message);
  const { emulator } = start;
  onTestFinished(() => emulator.close());
  const call = async (path: string, init: RequestInit): Promise<Reply> => {
    const headers = { authorization: 'Bearer test', ...init.headers };
    const response = await fetch(path.startsWith('/') ? emulator.origin + path : path, { ...init, headers });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  };
  const post = (path: string, body?: Json) =>
    call(path, {
      method: 'POST',
      body: body === undefined ? null : JSON.stringify(body),
      headers: JSON_TYPE,
    });
  return {
    emulator,
    folder,
    clock,
    renders,
    post,
    get: (path, headers) => call(path, { headers: headers ?? {} }),
    submit: async (prompt) => String((await post(`/v1/models/${STANDARD}`, input(prompt))).body.request_id),
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Resolves when a condition holds; rejects after the time that a busy machine may take to write a line to its disk. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 30_000, interval: 1 });
}
