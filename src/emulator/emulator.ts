import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ffmpeg, ffmpegWhenNeeded } from '../media/ffmpeg.js';
import { placeFonts } from '../media/fonts.js';
import { builtIn, type Catalog } from '../models/catalog.js';
import { type FaultName, type FaultPlan, type FaultStage, Faults } from './faults.js';
import type { Clock } from './queue.js';
import { RateLimit } from './rate-limit.js';
import { clearLeftovers, type Render, renderWith } from './render.js';
import { type Request, Requests } from './requests.js';
import { apiServer } from './server.js';
import { folderFailure, listenFailure, type StartFailure } from './start-failure.js';

export interface EmulatorOptions {
  /** Folder for its state and clips; made if it is not there. */
  readonly folder: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** 127.0.0.1 unless said: reachable from this machine alone. */
  readonly host?: string;
  /** The models it serves: those that come with Shotlist, unless said. */
  readonly catalog?: Catalog;
  /** Renders in progress at once; as many as there are cores, unless said. */
  readonly concurrency?: number;
  /** The only token accepted; unless said, any is. */
  readonly token?: string;
  /** Report costs by the models' rates; unless said, everything is free. */
  readonly charge?: boolean;
  /** Seconds a request is queued and in progress at least; 0 unless said. */
  readonly pace?: { readonly queued?: number; readonly inProgress?: number };
  /** Submissions accepted in any minute; beyond that, 429. */
  readonly submissionsPerMinute?: number;
  readonly faults?: FaultPlan;
  /** Looked for at the first render, unless given. */
  readonly ffmpeg?: Ffmpeg;
  readonly deps?: Partial<EmulatorDeps>;
}

/** Effects, for tests. */
export interface EmulatorDeps {
  readonly clock: Clock;
  /** A request id: `[A-Za-z0-9_-]{1,128}`, never the same twice. */
  readonly newId: () => string;
  readonly render: Render;
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What clients take as RUNCOMFY_MODEL_API_BASE: `origin` and `/v1`. */
  readonly base: string;
  readonly port: number;
  /** Every request ever accepted in this folder, in order. */
  requests(): readonly Request[];
  /** Makes the next submission, read, download or render go wrong in that way, once. */
  next(stage: FaultStage, fault: FaultName): void;
  /** Cuts connections and stops renders; what was not over is done again at the next start. */
  close(): Promise<void>;
}

export type Start = { readonly ok: true; readonly emulator: Emulator } | StartFailure;

/** Starts a server that speaks RunComfy's Model API and renders animatics; state found in `folder` is taken up. */
export async function startEmulator(options: EmulatorOptions): Promise<Start> {
  const { host = '127.0.0.1', port = 0, pace, catalog = builtIn } = options;
  const folder = resolve(options.folder);
  const clock = options.deps?.clock ?? wallClock;
  const faults = new Faults(options.faults);
  let requests: Requests;
  try {
    await mkdir(folder, { recursive: true });
    await placeFonts(folder);
    await clearLeftovers(folder, clock.now());
    requests = await Requests.open({
      catalog,
      folder,
      concurrency: options.concurrency ?? availableParallelism(),
      pace: { queued: pace?.queued ?? 0, inProgress: pace?.inProgress ?? 0 },
      charge: options.charge ?? false,
      clock,
      newId: options.deps?.newId ?? randomUUID,
      render: options.deps?.render ?? (options.ffmpeg ? renderWith(options.ffmpeg) : renderWhenNeeded()),
      faults,
    });
  } catch (error) {
    return folderFailure(folder, error);
  }
  const rateLimit = new RateLimit(options.submissionsPerMinute ?? Number.POSITIVE_INFINITY, clock);
  const token = options.token ?? null;
  const server = apiServer({ folder, token, catalog, clock, faults, requests, rateLimit });
  try {
    await listen(server, { host, port });
  } catch (error) {
    await requests.close();
    return listenFailure({ host, port }, error as NodeJS.ErrnoException);
  }
  requests.begin();
  const bound = (server.address() as AddressInfo).port;
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  return {
    ok: true,
    emulator: {
      origin,
      base: `${origin}/v1`,
      port: bound,
      requests: () => Array.from(requests.all(), (request) => ({ ...request })),
      next: (stage, fault) => faults.next(stage, fault),
      close: once(() => shutDown(server, requests)),
    },
  };
}

const wallClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => {}),
};

/** Looks for ffmpeg at the first render: a server that only answers, as in tests, needs none. */
function renderWhenNeeded(): Render {
  const ffmpeg = ffmpegWhenNeeded();
  return async (shot, options) => {
    const found = await ffmpeg();
    if (!found.ok) return { ok: false, message: `${found.message} ${found.hint}` };
    return renderWith(found.ffmpeg)(shot, options);
  };
}

function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((listening, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      listening();
    });
  });
}

async function shutDown(server: Server, requests: Requests): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  await Promise.all([closed, requests.close()]);
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => {
    closing ??= close();
    return closing;
  };
}
