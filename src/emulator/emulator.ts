import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFileError, whyNotWritten } from '../base/files.js';
import { type Ffmpeg, ffmpegWhenNeeded } from '../media/ffmpeg.js';
import { placeFonts } from '../media/fonts.js';
import { builtIn, type Catalog } from '../models/catalog.js';
import { type FaultName, type FaultPlan, type FaultStage, Faults } from './faults.js';
import { UnreadableLedger } from './ledger.js';
import { type Clock, RateLimit } from './queue.js';
import { clearLeftovers, type Render, renderWith } from './render.js';
import { type Request, Requests } from './requests.js';
import { apiServer } from './server.js';

/** Settings of an emulator. */
export interface EmulatorOptions {
  /** Folder for its state and clips; made if it is missing. */
  readonly folder: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** 127.0.0.1 unless given: reachable only from this machine. */
  readonly host?: string;
  /** Models that it serves; those of Shotlist unless given. */
  readonly catalog?: Catalog;
  /** Most renders in progress; the number of cores unless given. */
  readonly concurrency?: number;
  /** The only token that is accepted; any token unless given. */
  readonly token?: string;
  /** True to report costs by the rates of the models; free unless given. */
  readonly charge?: boolean;
  /** Least time that a request is queued and in progress, seconds; 0 unless given. */
  readonly pace?: { readonly queued?: number; readonly inProgress?: number };
  /** Most submissions accepted in any minute; more get a 429. */
  readonly submissionsPerMinute?: number;
  readonly faults?: FaultPlan;
  /** Balance of the account before its first request, USD. Requests take their costs from it; at 0 no more are accepted. Endless unless given. */
  readonly balance?: number;
  /** Found at the first render unless given. */
  readonly ffmpeg?: Ffmpeg;
  readonly deps?: Partial<EmulatorDeps>;
}

/** Effects that tests replace. */
export interface EmulatorDeps {
  readonly clock: Clock;
  /** Returns a new request id: `[A-Za-z0-9_-]{1,128}`. */
  readonly newId: () => string;
  readonly render: Render;
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** Value for RUNCOMFY_MODEL_API_BASE: `origin` and `/v1`. */
  readonly base: string;
  /** Value for RUNCOMFY_SERVERLESS_API_BASE: `origin` and `/prod/v2`. */
  readonly serverlessBase: string;
  readonly port: number;
  /** All requests ever accepted in this folder, in order. */
  requests(): readonly Request[];
  /** Makes the next submission, read, download or render fail in that way, once. */
  next(stage: FaultStage, fault: FaultName): void;
  /** Closes connections and stops renders; unfinished renders begin again at the next start. */
  close(): Promise<void>;
}

/** A running emulator, or the reason why it did not start. */
export type Start = { readonly ok: true; readonly emulator: Emulator } | StartFailure;

/** Starts a server with RunComfy's Model API that renders animatics. It continues from the state in `folder`. */
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
  const { token = null, balance = null } = options;
  const server = apiServer({ folder, token, balance, catalog, clock, faults, requests, rateLimit });
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
      serverlessBase: `${origin}/prod/v2`,
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

/** Renders with the ffmpeg that is found at the first render: a server that renders nothing needs none. */
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

/** Reason why an emulator did not start. */
export interface StartFailure {
  readonly ok: false;
  readonly reason: 'port-in-use' | 'cannot-listen' | 'cannot-write' | 'unreadable-state';
  /** One sentence. */
  readonly message: string;
  /** One sentence: the way out. */
  readonly hint: string;
}

/** Failure of a server that cannot listen at an address. */
export function listenFailure(
  at: { readonly host: string; readonly port: number },
  error: NodeJS.ErrnoException,
): StartFailure {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${at.port} is in use.`;
    return { ok: false, reason: 'port-in-use', message, hint: 'Try --port 0, which takes any free one.' };
  }
  const why = error.code === 'EACCES' ? 'this user may not use it' : error.message;
  const message = `Cannot listen on ${at.host}, port ${at.port}: ${why}.`;
  return { ok: false, reason: 'cannot-listen', message, hint: 'Try --port 0, which takes any free one.' };
}

/** Failure of a folder that cannot be used. Throws an error that has another cause. */
function folderFailure(folder: string, error: unknown): StartFailure {
  if (error instanceof UnreadableLedger) {
    const message = `The rehearsal in ${folder} cannot be taken up: ${error.message}.`;
    return {
      ok: false,
      reason: 'unreadable-state',
      message,
      hint: 'Move that folder away to begin a new one.',
    };
  }
  // An error that is not from the file system is our bug.
  if (!isFileError(error)) throw error;
  const message = `Cannot write to ${folder}: ${whyNotWritten(error)}.`;
  return {
    ok: false,
    reason: 'cannot-write',
    message,
    hint: 'Free some space there, or choose another folder.',
  };
}
