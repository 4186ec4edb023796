import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.js';
import type { ManifestEntry } from '../../src/manifest/manifest.js';
import type { RawRequest } from '../rig/raw-server.js';
import { reply } from '../rig/raw-server.js';
import { badLine } from './bad-line.js';
import { type Ended, hurry, Project } from './rig.js';
import { startService } from './service.js';

/** Two minutes' patience for an answer is six seconds, which a busy machine needs for the answers that do come. */
const HURRY = hurry(20, { timeouts: true });
const RUN = ['run', 'film.yaml', '--yes'];

/** Events in place of the answer to a POST that the service has accepted. */
const AFTER_ACCEPTANCE: readonly (readonly [string, (socket: Socket, answer: string) => void])[] = [
  ['a connection that ends without an answer', (socket) => socket.destroy()],
  ['a connection that is reset', (socket) => socket.resetAndDestroy()],
  ['an answer that never comes', () => {}],
  ['a connection that is cut within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
  ['a connection that is cut between head and body', (socket) => socket.end(head(80))],
  ['a connection that is cut within the body', (socket, answer) => cut(socket, answer)],
  ['an answer that stops within the body', (socket, answer) => socket.write(head(80) + answer.slice(0, 25))],
  ['an answer that is not HTTP', (socket) => socket.end('220 smtp.example.com ESMTP\r\n')],
  ...[500, 502, 503, 504].map((status) => answered(`a ${status}`, status, { message: 'Something broke.' })),
  answered('a 500 from a gateway in HTML', 500, '<html>Bad Gateway</html>'),
  answered('a 408', 408, { message: 'Request timeout.' }),
  answered('a 301', 301, '', { location: 'https://example.com/' }),
  answered('a 307', 307, '', { location: 'https://example.com/' }),
  answered('a 200 with an error code of the 5xx', 200, { error_code: '500001' }),
  answered('a 200 without an id', 200, { status: 'in_queue' }),
  answered('a 200 whose id is empty', 200, { request_id: '' }),
  answered('a 200 whose id is null', 200, { request_id: null }),
  answered('a 200 whose id is neither text nor number', 200, { request_id: true }),
  answered('a 200 whose id is spaces', 200, { request_id: '   ' }),
  answered('a 200 whose id would climb out of a path', 200, { request_id: '../../models' }),
  answered('a 200 in HTML', 200, '<html>Welcome</html>'),
  answered('a 200 with nothing in it', 200, ''),
];

describe('an accepted submission whose answer is lost', () => {
  const outcome = once(() => sendTwice(AFTER_ACCEPTANCE.map(([, answer]) => answer)));

  const titles = AFTER_ACCEPTANCE.map(([name], index) => [name, index] as const);
  it.each(titles)('a submission is unknown and never sent again by itself after %s', async (_name, index) => {
    const { entries, accepted, posts, reports } = await outcome();
    const entry = entries[index];
    expect(entry).toMatchObject({ state: 'unknown', request_id: null, attempts: 1 });
    // Sent once and accepted once, in two runs.
    expect(posts.filter((prompt) => prompt === entry?.prompt)).toHaveLength(1);
    expect(accepted.filter((prompt) => prompt === entry?.prompt)).toHaveLength(1);
    for (const { code, stdout } of reports) {
      expect(code).toBe(2);
      expect(stdout).toMatch(new RegExp(`${entry?.id} .*unknown`));
    }
  });

  it('a run with unknown submissions renders the other shots', async () => {
    const { entries } = await outcome();
    expect(entries.at(-1)).toMatchObject({ state: 'done' });
  });

  it('a run describes an unknown submission by time, model and prompt, and says what to type', async () => {
    const [first] = (await outcome()).reports;
    expect(first?.stdout).toMatch(
      /shot-1 .*On RunComfy's site, under Library > Generations, look for a generation of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC by kling\/kling-3.0\/standard\/image-to-video with the prompt "The camera pushes in on shot 1"/,
    );
    expect(first?.stdout).toContain('shotlist resolve renders/film <shot> --request-id <id>');
    expect(first?.stdout).toContain('shotlist resolve renders/film <shot> --resubmit');
    expect(first?.stdout).toContain('shotlist resolve renders/film <shot> --give-up');
  });
});

/** Answers that refuse a POST. The service has not accepted it. */
const REFUSALS: readonly (readonly [string, (socket: Socket, answer: string) => void])[] = [
  answered('a 400', 400, { message: 'No.' }),
  answered('a 404', 404, { message: 'No such model.' }),
  answered('a 413', 413, '<html>Too large</html>'),
  answered('a 422', 422, { error_code: '422001', message: 'No.' }),
  answered('a 200 with an error code of the 4xx and no id', 200, { error_code: '422001', message: 'No.' }),
];

describe('a refused submission', () => {
  const outcome = once(() =>
    sendTwice(
      REFUSALS.map(([, answer]) => answer),
      { accepts: false },
    ),
  );

  const titles = REFUSALS.map(([name], index) => [name, index] as const);
  it.each(titles)('a submission is refused and sent again by the next run after %s', async (_name, index) => {
    const { before, entries, accepted, posts } = await outcome();
    expect(before[index]).toMatchObject({ state: 'refused', attempts: 1 });
    const entry = entries[index];
    expect(entry).toMatchObject({ state: 'done', attempts: 2 });
    expect(posts.filter((prompt) => prompt === entry?.prompt)).toHaveLength(2);
    expect(accepted.filter((prompt) => prompt === entry?.prompt)).toHaveLength(1);
  });
});

describe('a submission that cannot have been accepted', () => {
  it.each([
    answered('a 429', 429, { message: 'Slow down.' }),
    answered('a 429 with Retry-After', 429, { message: 'Slow down.' }, { 'retry-after': '1' }),
    answered('a 200 that stands for a 429', 200, { error_code: '429001' }),
  ])('a submission is sent again in the same run after %s', async (_name, answer) => {
    const { before, accepted, posts, reports } = await sendTwice([answer], { accepts: false });
    expect(reports[0]).toMatchObject({ code: 0 });
    expect(before[0]).toMatchObject({ state: 'done', attempts: 2 });
    expect([posts.length, accepted.length]).toEqual([3, 2]);
  });

  it('a submission is sent again in the same run after a refused connection', async () => {
    const { emulator, env } = await startService();
    const { port } = emulator;
    await emulator.close();
    const project = await Project.make();
    await project.film(1);
    const running = project.start([...RUN, '--json'], { ...env, ...hurry(10) });
    await running.says(/connection was refused/);
    const again = await startService({ port });
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(again.emulator.requests()).toHaveLength(1);
    // The record of the POST that never left is gone, and its name is free again.
    expect(Object.keys(await project.records('renders/film'))).toEqual([
      expect.stringMatching(/shot-1\.[0-9a-f]{8}\.json$/),
    ]);
  });
});

describe('no submission is unknown for want of a fresh connection', () => {
  it('no submission is unknown because the server closes kept-alive connections as they are used again', async () => {
    const { emulator } = await startService();
    const project = await Project.make();
    await project.film(3);
    const used = new Set<number>();
    let stale = 0;
    const { env, requests } = await badLine(emulator, ({ connection, method, path }, { socket }) => {
      if (used.has(connection)) {
        stale += 1;
        return Promise.resolve(void socket.destroy());
      }
      used.add(connection);
      // The first poll is told that the render goes on, so that a second one follows soon.
      const isFirst = method === 'GET' && stale === 0;
      const going = { request_id: path.split('/').at(-2), status: 'in_progress' };
      return isFirst ? Promise.resolve(reply(socket, 200, going)) : undefined;
    });
    // Without hurry, which also closes idle connections sooner.
    expect(await project.run([...RUN, '--concurrency', '1'], env)).toMatchObject({ code: 0 });
    expect(stale).toBeGreaterThan(0);
    expect(emulator.requests()).toHaveLength(3);
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });
});

describe('shotlist resolve settles an unknown submission', () => {
  it('after resolve --request-id the next run polls and fetches the request and sends nothing', async () => {
    const { project, emulator, env } = await withUnknown();
    const [request] = emulator.requests();
    const settled = await project.run([
      'resolve',
      'renders/film',
      'shot-1',
      '--request-id',
      request?.id ?? '',
    ]);
    expect(settled).toMatchObject({
      code: 0,
      stdout: 'shot-1 is taken up: the next run polls and fetches it.\n',
      stderr: '',
    });
    expect(await statesOf(project)).toEqual(['submitted']);
    expect(await project.run(RUN, env)).toMatchObject({ code: 0, stderr: '' });
    expect(await entryOf(project)).toMatchObject({ state: 'done', request_id: request?.id, attempts: 1 });
    expect(emulator.requests()).toHaveLength(1);
  });

  it('after resolve --resubmit the next run sends the submission again as a second attempt', async () => {
    const { project, emulator, env } = await withUnknown();
    const settled = await project.run(['resolve', 'renders/film', 'shot-1', '--resubmit']);
    expect(settled).toMatchObject({ code: 0, stdout: 'shot-1 is free to be sent again by the next run.\n' });
    expect(await statesOf(project)).toEqual(['released']);
    expect(await project.run(RUN, env)).toMatchObject({ code: 0, stderr: '' });
    const [, second] = emulator.requests();
    expect(await entryOf(project)).toMatchObject({ state: 'done', request_id: second?.id, attempts: 2 });
    expect(emulator.requests()).toHaveLength(2);
  });

  it('after resolve --give-up the next run neither waits for the submission nor sends it again', async () => {
    const { project, emulator, env } = await withUnknown();
    const settled = await project.run(['resolve', 'renders/film', 'shot-1', '--give-up']);
    expect(settled.code).toBe(0);
    expect(await statesOf(project)).toEqual(['failed']);
    expect((await project.run(RUN, env)).code).toBe(1);
    expect(await entryOf(project)).toMatchObject({ state: 'failed', request_id: null, attempts: 1 });
    expect(emulator.requests()).toHaveLength(1);
  });

  it('resolve refuses a submission that is done or was never sent, and writes nothing', async () => {
    const { project, env } = await withUnknown();
    await project.run(['resolve', 'renders/film', 'shot-1', '--resubmit']);
    await project.run(RUN, env);
    const before = await project.records('renders/film');
    const resolve = (...args: string[]) => project.run(['resolve', 'renders/film', ...args]);
    expect(await resolve('shot-1', '--resubmit')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('shot-1 is done, and its clip is here, so there is nothing to settle.'),
    });
    expect(await resolve('shot-9', '--resubmit')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('shot-9 was never sent.'),
    });
    expect((await resolve('shot-1', '--resubmit', '--give-up')).code).toBe(64);
    expect((await resolve('shot-1', '--request-id', '../up')).code).toBe(64);
    expect(await project.records('renders/film')).toEqual(before);
  });
});

interface Sent {
  /** After the first run and after the second, in list order. */
  readonly before: readonly ManifestEntry[];
  readonly entries: readonly ManifestEntry[];
  /** Prompts by the ledger of the service, and on the wire. */
  readonly accepted: readonly string[];
  readonly posts: readonly string[];
  readonly reports: readonly Ended[];
}

/** Runs a film twice. The first POST of each shot but the last gets its answer of the list; all others get the right answer. */
async function sendTwice(
  answers: readonly ((socket: Socket, answer: string) => void)[],
  { accepts } = { accepts: true },
): Promise<Sent> {
  const { emulator } = await startService();
  const project = await Project.make();
  await project.film(answers.length + 1);
  const isFirst = firstOnly();
  const accepted: string[] = [];
  const { env, requests } = await badLine(emulator, (request, { socket, pass }) => {
    if (request.method !== 'POST') return undefined;
    const prompt = promptOf(request);
    const answer = answers[Number(/\d+$/.exec(prompt)?.[0]) - 1];
    const isHit = isFirst(request) && answer !== undefined;
    const answering = async () => {
      const { status, body } = isHit && !accepts ? { status: 0, body: '' } : await pass();
      if (status === 200) accepted.push(prompt);
      if (isHit) answer(socket, body);
      else reply(socket, status, body);
    };
    return answering();
  });
  const run = () => project.run([...RUN, '--concurrency', '8'], { ...env, ...HURRY });
  const first = await run();
  const before = (await project.manifest('renders/film')).submissions;
  const second = await run();
  const entries = (await project.manifest('renders/film')).submissions;
  expect(accepted).toHaveLength(emulator.requests().length);
  const posts = requests.filter(({ method }) => method === 'POST').map(promptOf);
  return { before, entries, accepted, posts, reports: [first, second] };
}

/** A film of one shot that was accepted, with the answer lost. */
async function withUnknown(): Promise<{
  project: Project;
  emulator: Emulator;
  env: Readonly<Record<string, string>>;
}> {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.film(1);
  emulator.next('submit', 'lost-answer');
  expect((await project.run(RUN, env)).code).toBe(2);
  return { project, emulator, env };
}

/** The states of all attempts in the first record. */
async function statesOf(project: Project): Promise<readonly string[]> {
  const [text = ''] = Object.values(await project.records('renders/film'));
  return JSON.parse(text).attempts.map(({ state }: { readonly state: string }) => state);
}

async function entryOf(project: Project): Promise<ManifestEntry | undefined> {
  return (await project.manifest('renders/film')).submissions[0];
}

function promptOf({ body }: RawRequest): string {
  return JSON.parse(body).prompt;
}

/** A function that is true for the first POST of each prompt. */
function firstOnly(): (request: RawRequest) => boolean {
  const seen = new Set<string>();
  return (request) => {
    const prompt = promptOf(request);
    const isFirst = !seen.has(prompt);
    seen.add(prompt);
    return isFirst;
  };
}

/** Makes a value when the first test asks for it. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function answered(
  name: string,
  status: number,
  body: string | object,
  headers: Record<string, string> = {},
): readonly [string, (socket: Socket) => void] {
  return [name, (socket) => reply(socket, status, body, headers)];
}

function head(length: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
}

function cut(socket: Socket, answer: string): void {
  socket.end(head(answer.length) + answer.slice(0, 25));
}
