import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.js';
import { type RawRequest, reply, startRawServer } from '../rig/raw-server.js';
import { TOKEN } from './secrets.js';

/** Sends a request on to the service and resolves with its answer. */
export type Pass = () => Promise<{ readonly status: number; readonly body: string }>;

/**
 * Handles one request in place of the usual way, which is to pass it on and send the answer back. `pass` brings the request to
 * the service; the client may be told anything else. Undefined leaves the request to the usual way.
 */
export type Trouble = (
  request: RawRequest,
  line: { readonly socket: Socket; readonly pass: Pass },
) => Promise<void> | undefined;

/** Starts a proxy before a service that can lose, cut and change requests and answers. */
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
