import { onTestFinished } from 'vitest';
import { createService, type ServiceOptions } from '../../src/runcomfy/client.js';
import type { Service } from '../../src/runcomfy/service.js';
import { type RawServer, type Script, startRawServer } from '../rig/raw-server.js';

export const TOKEN = 'tok-0123456789-secret';
export const MODEL = 'kling/kling-3.0/standard/image-to-video';

/** A clock on which each sleep ends immediately; it remembers the sleeps, and can end a run after some. */
export interface Clock {
  readonly sleeps: number[];
  readonly deps: ServiceOptions['deps'];
  /** Aborts when the clock has been slept on `after` times. */
  signalAfter(after: number): AbortSignal;
}

export function createClock(): Clock {
  const sleeps: number[] = [];
  const ends: { after: number; controller: AbortController }[] = [];
  let now = Date.UTC(2026, 0, 1);
  return {
    sleeps,
    deps: {
      async sleep(ms) {
        sleeps.push(ms);
        if (sleeps.length > 100) throw new Error('it goes on for ever');
        now += ms;
        for (const end of ends) if (sleeps.length >= end.after) end.controller.abort();
      },
      random: () => 0.5,
      now: () => now,
    },
    signalAfter(after) {
      const controller = new AbortController();
      ends.push({ after, controller });
      return controller.signal;
    },
  };
}

/** A client for a base, closed when the test is over; no proxies unless `env` names them. */
export function connect(
  base: string,
  options: Partial<ServiceOptions> = {},
): { service: Service; clock: Clock } {
  const clock = createClock();
  const service = createService({ base, token: TOKEN, deps: clock.deps, env: {}, ...options });
  onTestFinished(() => service.close());
  return { service, clock };
}

/** A scripted server and a client for it, both closed when the test is over. */
export async function pair(
  script: Script,
  options: Partial<ServiceOptions> = {},
): Promise<{ server: RawServer; service: Service; clock: Clock }> {
  const server = await serve(script);
  return { server, ...connect(`${server.origin}/v1`, options) };
}

/** A scripted server, closed when the test is over. */
export async function serve(script: Script): Promise<RawServer> {
  const server = await startRawServer(script);
  onTestFinished(() => server.close());
  return server;
}
