import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that the service has accepted. */
export interface OddRequest {
  readonly id: string;
  readonly prompt: string;
}

/** How the service treats the requests of one prompt; it renders and keeps those without. */
export interface Mood {
  /**
   * `going`: in progress for ever; `forgotten`: 404; `closed`: 401; `mute`: accepted, and the connection ends without an
   * answer.
   */
  readonly state?: 'going' | 'forgotten' | 'closed' | 'mute';
  /** Links of the result; by default one to the clip here, with another signature each time. */
  readonly links?: (request: OddRequest) => readonly string[];
  /** Answer to a request for the clip: its bytes, a status, or the place of a redirect. */
  readonly file?: Buffer | number | { readonly location: string };
}

export interface OddService {
  /** Base URL of the API, ending in `/v1`. */
  readonly base: string;
  /** Accepted requests, in order: the ledger. */
  readonly accepted: readonly OddRequest[];
  /** Ids of the requests whose clip was asked for, in order. */
  readonly fetched: string[];
  /** By prompt. */
  readonly moods: Map<string, Mood>;
  close(): Promise<void>;
}

/** USD that each render costs. */
export const PRICE = 0.25;

/**
 * A service with RunComfy's API that renders a variant of `clip` for every prompt immediately, and can forget requests, lose answers, move
 * files to other hosts, and send other bytes than before.
 */
export async function startOddService(clip: Buffer): Promise<OddService> {
  const accepted: OddRequest[] = [];
  const fetched: string[] = [];
  const moods = new Map<string, Mood>();
  let signatures = 0;
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** The clip with bytes of its own: a box that players skip. */
  const ownClip = (id: string) => Buffer.concat([clip, Buffer.from([0, 0, 0, 44]), Buffer.from(`free${id}`)]);
  const clipUrl = (id: string) => `${origin}/files/${id}.mp4`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', origin).pathname;
    const say = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method === 'POST' && path.startsWith('/v1/models/')) {
      const { prompt } = JSON.parse(await text(request));
      const id = randomUUID();
      accepted.push({ id, prompt });
      if (moods.get(prompt)?.state === 'mute') response.destroy();
      else say(200, { request_id: id, status: 'in_queue' });
      return;
    }
    const id = /^\/(?:v1\/requests|files)\/([\w-]+)/.exec(path)?.[1];
    const known = accepted.find((one) => one.id === id);
    const mood = moods.get(known?.prompt ?? '') ?? {};
    if (!known || (mood.state === 'forgotten' && !path.startsWith('/files/'))) {
      say(404, { error_code: '404001', message: 'There is no such request.' });
    } else if (mood.state === 'closed' && !path.startsWith('/files/')) {
      say(401, { error_code: '400004', message: 'The token has expired.' });
    } else if (path.startsWith('/files/')) {
      fetched.push(known.id);
      sendFile(response, mood.file ?? ownClip(known.id));
    } else if (mood.state === 'going') {
      say(200, { request_id: id, status: 'in_progress' });
    } else {
      signatures += 1;
      const [...videos] = mood.links?.(known) ?? [`${clipUrl(known.id)}?signature=${signatures}`];
      const finished_at = '2026-11-29T10:00:00Z';
      say(200, { request_id: id, status: 'completed', output: { videos }, cost: PRICE, finished_at });
    }
  }

  return {
    base: `${origin}/v1`,
    accepted,
    fetched,
    moods,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function sendFile(response: ServerResponse, file: NonNullable<Mood['file']>): void {
  if (typeof file === 'number') response.writeHead(file).end();
  else if ('location' in file) response.writeHead(302, { location: file.location }).end();
  else response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': file.length }).end(file);
}
