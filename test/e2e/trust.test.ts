import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RawRequest, type RawServer, reply, startRawServer } from '../rig/raw-server.js';
import { hurry, Project } from './rig.js';
import { expectNoSecrets, TOKEN } from './secrets.js';

/** Hostile answers of a service; it accepts everything else. */
interface Malice {
  /** Answers a submission; its id is `r-1` unless said. */
  readonly submit?: (request: RawRequest) => readonly [status: number, body: object];
  /** URL of the clip in its answers. */
  readonly clip?: (origin: string) => string;
  /** Answer to a request for the clip: status, content, headers. */
  readonly file?: readonly [status: number, content: string | Buffer, headers?: Record<string, string>];
}

/** A service that renders everything immediately and lies about the rest. */
async function hostile({ submit, clip, file }: Malice): Promise<{
  server: RawServer;
  env: Record<string, string>;
}> {
  const server = await startRawServer((request, socket) => {
    if (request.method === 'POST') {
      const [status, body] = submit?.(request) ?? [200, { request_id: 'r-1' }];
      reply(socket, status, body);
    } else if (request.path.startsWith('/v1/requests/')) {
      const output = { video: clip?.(server.origin) ?? `${server.origin}/clip` };
      reply(socket, 200, { request_id: 'r-1', status: 'completed', output });
    } else reply(socket, ...(file ?? [404, '']));
  });
  onTestFinished(() => server.close());
  const env = {
    RUNCOMFY_MODEL_API_BASE: `${server.origin}/v1`,
    RUNCOMFY_API_TOKEN: TOKEN,
    ...hurry(20, { timeouts: true }),
  };
  return { server, env };
}

async function project(): Promise<Project> {
  const made = await Project.make();
  await made.film(1);
  return made;
}

const RUN = ['run', 'film.yaml', '--yes'];
/** For clips that never come: they are waited for. */
const BRIEFLY = [...RUN, '--shot-timeout', '12s'];
const posts = ({ requests }: RawServer) => requests.filter(({ method }) => method === 'POST').length;

describe('the token stays with us', () => {
  it.each(['utf8', 'base64', 'base64url', 'hex', 'url'])(
    'the search for secrets finds the token written as %s',
    async (as) => {
      const text =
        as === 'url' ? encodeURIComponent(TOKEN) : Buffer.from(TOKEN).toString(as as BufferEncoding);
      const { folder } = await Project.make();
      await expect(expectNoSecrets({ stdout: `Bearer ${text}` }, folder)).rejects.toThrow('stdout');
      const header = Buffer.from(`Bearer ${TOKEN}; x`).toString('base64');
      await expect(expectNoSecrets({ stderr: header }, folder)).rejects.toThrow('stderr');
    },
  );

  it('a run replaces the token in an error of the service, in every spelling', async () => {
    const echo = (text: string) =>
      [
        text,
        encodeURIComponent(text),
        ...(['base64', 'base64url', 'hex'] as const).map((as) => Buffer.from(text).toString(as)),
      ].join(' ');
    const { env } = await hostile({
      submit: ({ headers }) => [
        422,
        { error_code: 422001, message: echo(headers.authorization ?? ''), detail: { [TOKEN]: echo(TOKEN) } },
      ],
    });
    const film = await project();
    const { code, stdout } = await film.run([...RUN, '--json'], env);
    expect(code).toBe(1);
    expect(stdout).toContain('[token]');
  });

  it('a run replaces the token in the address of a clip and of a redirect', async () => {
    const film = await project();
    const named = await hostile({ clip: (origin) => `${origin}/clip?token=${encodeURIComponent(TOKEN)}` });
    expect((await film.run(BRIEFLY, named.env)).code).toBe(1);
    const location = `https://${Buffer.from(TOKEN).toString('hex')}.example/${TOKEN}`;
    const redirected = await hostile({ file: [302, '', { location }] });
    const other = await project();
    const { code, stdout } = await other.run(RUN, redirected.env);
    expect(code).toBe(1);
    expect(stdout).toContain('https://[token].example');
  });

  it('ffmpeg and git are started without the token in arguments or environment', async () => {
    const film = await Project.make();
    await film.write(
      'film.yaml',
      `version: 1
defaults: { model: kling-3.0/standard, duration: 3, audio: false, prompt: The sea }
shots:
  - { id: a, start_image: boards/board.png }
  - { id: b, start_image: { last_frame_of: a } }
`,
    );
    const env = { RUNCOMFY_API_TOKEN: TOKEN, RUNCOMFY_TOKEN: TOKEN };
    expect((await film.run(['run', 'film.yaml', '--provider', 'local'], env)).code).toBe(0);
    await film.run(['diff', 'film.yaml', '--since', 'HEAD'], env);
    const programs = await film.programs();
    if (process.platform !== 'win32') expect(programs).toMatch(/\/ffmpeg\n[\s\S]*\/git\n/);
  });

  it.each([
    ['RUNCOMFY_MODEL_API_BASE', `https://user:${TOKEN}@api.example/v1`],
    ['HTTPS_PROXY', `socks5://user:${TOKEN}@proxy.example:1`],
    ['RUNCOMFY_API_TOKEN', `Bearer ${TOKEN}`],
  ])('a malformed %s is refused without printing the token', async (name, value) => {
    const film = await project();
    const { code, stderr } = await film.run(RUN, { RUNCOMFY_API_TOKEN: TOKEN, [name]: value });
    expect([64, 77]).toContain(code);
    expect(stderr).toContain(name);
  });

  it('a proxy that refuses its password is reported without printing the password', async () => {
    const film = await project();
    const refusing = await hostile({});
    const proxy = refusing.server.origin.replace('//', `//user:${encodeURIComponent(TOKEN)}@`);
    const env = { RUNCOMFY_API_TOKEN: 'another-token', HTTPS_PROXY: proxy };
    const { stdout } = await film.run(['run', 'film.yaml', '--yes', '--json', '--shot-timeout', '2s'], env);
    expect(stdout).toContain('the proxy could not be used');
  });
});

describe('a clip comes from the service, is a video, and has the name we give it', () => {
  it.each(['http://169.254.169.254/latest/meta-data', 'file:///etc/hostname'])(
    'a run refuses a redirect of a clip to %s and does not send the shot again',
    async (location) => {
      const { server, env } = await hostile({ file: [302, '', { location }] });
      const film = await project();
      const first = await film.run(RUN, env);
      expect(first).toMatchObject({ code: 1, stderr: '' });
      expect(first.stdout).toContain('is not one of the service');
      expect((await film.run(RUN, env)).code).toBe(1);
      expect(posts(server)).toBe(1);
      expect(await film.clips('renders/film')).toEqual([]);
    },
  );

  it('a run refuses to fetch a clip from a host with a name similar to the service', async () => {
    const { env } = await hostile({ clip: () => 'https://evil-runcomfy.net/clip' });
    const film = await project();
    const { code, stdout } = await film.run(RUN, env);
    expect(code).toBe(1);
    expect(stdout).toContain('is not one of the service');
  });

  it.each<[string, Malice['file'], string]>([
    ['a page', [200, '<html>', { 'content-type': 'text/html' }], 'a text, no video'],
    ['a page that says it is a video', [200, '<html>', { 'content-type': 'video/mp4' }], 'a text, no video'],
    ['a picture', [200, Buffer.from('89504e470d0a1a0a', 'hex')], 'no whole video'],
    ['empty', [200, ''], 'The result is empty.'],
    ['too large', [200, '', { 'content-length': String(2 ** 40) }], 'too large for a clip'],
    ['compressed', [200, Buffer.alloc(64), { 'content-encoding': 'gzip' }], 'no whole video'],
  ])(
    'a run refuses a result that is %s, flags it, and does not send the shot again',
    async (what, file, words) => {
      const { server, env } = await hostile({ file });
      const film = await project();
      const { code, stdout } = await film.run(BRIEFLY, env);
      expect(code).toBe(1);
      expect(stdout).toContain(words);
      const { submissions } = await film.manifest('renders', 'film');
      const flags = submissions[0]?.outputs[0]?.check?.flags.map(({ code }) => code);
      expect(flags).toEqual(what === 'too large' ? undefined : ['unreadable']);
      await film.run(BRIEFLY, env);
      expect(posts(server)).toBe(1);
      expect(await film.clips('renders/film')).toEqual([]);
    },
  );

  it('a run fetches a clip again that was cut off, and does not send the shot again', async () => {
    const film = await project();
    await film.run(['run', 'film.yaml', '--provider', 'local']);
    const [clip = ''] = await film.clips('rehearsals/film');
    const bytes = await readFile(clip);
    const { server, env } = await hostile({ file: [200, bytes.subarray(0, bytes.length / 2)] });
    const { code, stdout } = await film.run(BRIEFLY, env);
    expect(code).toBe(1);
    expect(stdout).toContain('no whole video');
    expect(server.requests.filter(({ path }) => path === '/clip').length).toBeGreaterThan(1);
    expect(posts(server)).toBe(1);
    expect(await film.clips('renders/film')).toEqual([]);
  });

  it('a run takes no file name from the server', async () => {
    const { env } = await hostile({
      clip: (origin) => `${origin}/..%2f..%2f..%2fevil.mp4`,
      file: [200, '<html>', { 'content-disposition': 'attachment; filename="../../evil.mp4"' }],
    });
    const film = await project();
    await film.run(BRIEFLY, env);
    expect((await film.files()).filter((file) => file.includes('evil'))).toEqual([]);
  });
});
