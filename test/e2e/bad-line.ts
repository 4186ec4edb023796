import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.js';
import { type RawRequest, reply, startRawServer } from '../rig/raw-server.js';
import { TOKEN } from './secrets.js';

/** Hands a request on to the service and returns its answer. */
export type Pass = () => Promise<{ readonly status: number; readonly body: string }>;

/**
 * What becomes of one request on the way: `pass` brings it to the service, whatever is said to the client then.
 * Undefined where it is left to the line.
 */
export type Trouble = (
  request: RawRequest,
  line: { readonly socket: Socket; readonly pass: Pass },
) => Promise<void> | undefined;

/** A line to a service on which everything can happen that happens on lines; what was accepted the service knows. */
export async function badLine(
  emulator: Emulator,
  trouble: Trouble,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly requests: readonly RawRequest[] }> {
  const server = await startRawServer((request, socket) => {
    const pass = () => passOn(emulator, request);
    const usual = async () => {
      const { status, body } = await pass();
      reply(socket, status, body);
    };
    void (trouble(request, { socket, pass }) ?? usual());
  });
  onTestFinished(() => server.close());
  const env = { RUNCOMFY_MODEL_API_BASE: `${server.origin}/v1`, RUNCOMFY_API_TOKEN: TOKEN };
  return { env, requests: server.requests };
}

async function passOn(
  emulator: Emulator,
  { method, path, headers, body }: RawRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(emulator.origin + path, {
    method,
    headers: { authorization: headers.authorization ?? '', 'content-type': 'application/json' },
    ...(method === 'POST' && { body }),
  });
  return { status: answer.status, body: await answer.text() };
}
