import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { type Mood, type OddService, startOddService } from '../rig/odd-service.js';
import { type EndedCommand, runCommand } from '../rig/run-command.js';
import { TOKEN } from './secrets.js';

const BOARD = fileURLToPath(new URL('../../examples/boards/hello.png', import.meta.url));

/** Three clips with other pictures, three seconds each. */
let clips: readonly [Buffer, Buffer, Buffer];

beforeAll(async () => {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-clips-'));
  const draw = async (colour: string) => {
    const to = join(folder, `${colour}.mp4`);
    const source = `color=${colour}:size=320x180:rate=24:duration=3`;
    await promisify(execFile)(found.ffmpeg.path, ['-f', 'lavfi', '-i', source, '-pix_fmt', 'yuv420p', to]);
    return readFileSync(to);
  };
  clips = [await draw('red'), await draw('green'), await draw('blue')];
});

/** A film of several shots in a folder with a blank in its name, and a service that renders them. */
class Film {
  readonly folder: string;
  readonly service: OddService;

  constructor(folder: string, service: OddService) {
    this.folder = folder;
    this.service = service;
  }

  static async make(...ids: readonly string[]): Promise<Film> {
    const folder = await mkdtemp(join(tmpdir(), 'shotlist ways out '));
    const service = await startOddService(clips[0]);
    onTestFinished(async () => {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    });
    await mkdir(join(folder, 'boards'));
    await copyFile(BOARD, join(folder, 'boards/board.png'));
    const film = new Film(folder, service);
    await film.write(...ids);
    return film;
  }

  /** Writes the list; the prompt of each shot is `Shot <id>`, unless it is given after a colon. */
  write(...shots: readonly string[]): Promise<void> {
    const lines = shots.map((shot) => {
      const [id, prompt = `Shot ${id}`] = shot.split(': ');
      return `  - { id: ${id}, prompt: ${prompt} }`;
    });
    const defaults =
      '{ model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }';
    return this.writeText(`version: 1\ndefaults: ${defaults}\nshots:\n${lines.join('\n')}\n`);
  }

  writeText(text: string): Promise<void> {
    return writeFile(join(this.folder, 'film.yaml'), text);
  }

  get list(): string {
    return join(this.folder, 'film.yaml');
  }

  get directory(): string {
    return join(this.folder, 'renders/film');
  }

  command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<EndedCommand> {
    const { base } = this.service;
    // Inspecting with ffmpeg is not what these tests are about.
    const machine = { HOME: this.folder, SHOTLIST_FFMPEG: join(this.folder, 'no-ffmpeg') };
    const api = { RUNCOMFY_MODEL_API_BASE: base, RUNCOMFY_API_TOKEN: TOKEN };
    return runCommand(args, { ...machine, ...api, ...env });
  }

  run(...args: readonly string[]): Promise<EndedCommand> {
    return this.command(['run', this.list, '--yes', ...args]);
  }

  /** The command of this kind that an output shows, as its words: a shell takes it apart. */
  typed({ stdout }: EndedCommand, option: string, id = ''): readonly string[] {
    const commands = stdout.match(/shotlist (?:resolve|run) .*?(?= \(|[;,]|\n|$)/g) ?? [];
    const command = commands.find((one) => one.includes(option) && one.includes(id));
    if (command === undefined) throw new Error(`no command with ${option}:\n${stdout}`);
    const script = `for word in ${command}; do printf '%s\\n' "$word"; done`;
    const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
    return words.slice(1);
  }

  /** Names of the clips that are here. */
  clips(): readonly string[] {
    return readdirSync(join(this.directory, 'videos')).filter((name) => name.endsWith('.mp4'));
  }

  clip(id: string): string {
    const name = this.clips().find((one) => one.startsWith(`${id}.`));
    if (name === undefined) throw new Error(`no clip of ${id} is here`);
    return join(this.directory, 'videos', name);
  }

  removeClips(): void {
    for (const name of this.clips()) rmSync(join(this.directory, 'videos', name));
  }

  /** The files that people commit, with their text. */
  committed(): Readonly<Record<string, string>> {
    const records = readdirSync(join(this.directory, 'videos')).filter((name) => name.endsWith('.json'));
    const names = [...records.map((name) => `videos/${name}`), 'manifest.json'];
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(this.directory, name), 'utf8')]));
  }

  paid(id: string): number {
    return this.service.accepted.filter(({ prompt }) => prompt === `Shot ${id}`).length;
  }
}

describe('a request that is in progress for ever', () => {
  it('run and status name the command that ends the waiting, which works although the shot was edited since', async () => {
    const film = await Film.make('-a', 'b');
    film.service.moods.set('Shot -a', { state: 'going' });
    const first = await film.run('--shot-timeout', '1s');
    expect(first.code).toBe(75);
    expect(first.stdout).toContain('It is left there');
    const status = await film.command(['status', film.directory]);
    expect(film.typed(status, '--give-up')).toEqual(['resolve', film.directory, '--give-up', '--', '-a']);

    await film.write('-a: Another prompt', 'b');
    const second = await film.run('--shot-timeout', '1s');
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('-a, no longer in the list, is unfinished');
    const giveUp = film.typed(second, '--give-up');
    expect(await film.command(giveUp)).toMatchObject({ code: 0, stderr: '' });
    const before = film.committed();
    expect((await film.run()).code).toBe(0);
    expect(film.committed()).toEqual(before);
    expect(film.service.accepted).toHaveLength(3);
  });

  it('a shot that was given up can be waited for again, or paid for again', async () => {
    const film = await Film.make('a', 'b');
    film.service.moods.set('Shot a', { state: 'going' });
    film.service.moods.set('Shot b', { state: 'going' });
    const overdue = await film.run('--shot-timeout', '1s');
    for (const id of ['a', 'b']) await film.command(film.typed(overdue, '--give-up', ` ${id} `));
    film.service.moods.clear();
    const given = await film.run();
    expect(given.code).toBe(1);
    await film.command(film.typed(given, '--request-id', ' a '));
    await film.command(film.typed(given, '--rerender', ' b '));
    expect((await film.run()).code).toBe(0);
    expect([film.paid('a'), film.paid('b')]).toEqual([1, 2]);
  });
});

/** Ways in which a clip can be gone at the service. */
const GONE: readonly (readonly [string, () => Mood])[] = [
  ['the link is dead', () => ({ file: 404 })],
  ['the request is forgotten and its link is dead', () => ({ state: 'forgotten', file: 410 })],
  ['the service sends no video', () => ({ file: Buffer.from('<html>Gone</html>') })],
  ['the service sends another video', () => ({ file: clips[2] })],
  ['the result is on another host', () => ({ links: () => ['https://cdn.example.com/a.mp4?signature=1'] })],
  [
    'the result is redirected to another host',
    () => ({ file: { location: 'https://cdn.example.com/b.mp4' } }),
  ],
];

describe('a clip that was fetched once and is gone', () => {
  it.each(GONE)('keeps its recorded facts where %s, and is known again by its hash', async (_words, mood) => {
    const film = await Film.make('a', 'b');
    await film.run();
    const before = film.committed();
    const kept = join(film.folder, 'kept.mp4');
    await rename(film.clip('a'), kept);
    film.service.moods.set('Shot a', mood());
    for (const _run of [1, 2]) {
      const { code, stdout } = await film.run();
      expect(code).toBe(1);
      expect(stdout).toMatch(/^a {2}failed .*its clip cannot be fetched/m);
      expect(stdout).toContain('1 clip in ');
      expect(film.committed()).toEqual(before);
    }
    await rename(kept, join(film.directory, 'videos/from the archive.MP4'));
    const { code, stdout } = await film.run();
    expect(code).toBe(0);
    expect(stdout).toContain('2 clips in ');
    expect(film.clips()).toHaveLength(2);
    expect(film.committed()).toEqual(before);
    expect(film.service.accepted).toHaveLength(2);
  });

  it('is settled by each command that the message names', async () => {
    const film = await Film.make('a', '-b', 'c');
    await film.run();
    await copyFile(film.clip('a'), join(film.folder, 'clip.mp4'));
    film.removeClips();
    for (const id of ['a', '-b', 'c']) film.service.moods.set(`Shot ${id}`, { file: 404 });
    const gone = await film.run();
    expect(gone.code).toBe(1);

    const take = film
      .typed(gone, '--file', ' a ')
      .map((word) => (word === 'clip.mp4' ? join(film.folder, word) : word));
    expect(await film.command(take)).toMatchObject({ code: 0, stdout: 'a is done: its clip is here.\n' });
    expect(await film.command(film.typed(gone, '--accept-missing', ' -b'))).toMatchObject({ code: 0 });
    expect(await film.command(film.typed(gone, '--rerender', ' c '))).toMatchObject({ code: 0 });

    const unasked = await film.command(['run', film.list]);
    expect(unasked.code).toBe(64);
    expect(unasked.stderr).toContain('this run would submit 1 shot');
    film.service.moods.set('Shot c', { file: clips[1] });
    const dear = await film.command(['run', film.list, '--max-cost', '0.01']);
    expect(dear.code).toBe(75);
    expect(film.paid('c')).toBe(1);
    expect((await film.run()).code).toBe(0);
    expect([film.paid('a'), film.paid('-b'), film.paid('c')]).toEqual([1, 1, 2]);
    expect(film.clip('c')).toMatch(/c\.\w{8}\.attempt2\.mp4$/);
    const [record] = Object.entries(film.committed()).filter(([name]) => name.startsWith('videos/c.'));
    expect(JSON.parse(record?.[1] ?? '').attempts).toMatchObject([
      { state: 'done', cost: 0.25 },
      { state: 'done' },
    ]);

    const before = film.committed();
    expect((await film.run()).code).toBe(0);
    expect(await film.command(['verify', film.directory])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 clip is not here, as accepted with shotlist resolve.'),
    });
    expect((await film.command(['status', film.directory])).code).toBe(0);
    expect((await film.command(['report', film.directory])).code).toBe(0);
    expect(film.committed()).toEqual(before);
    const assembled = await film.command(['assemble', film.directory]);
    expect(assembled).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('-b  rendered, but its clip is not here'),
    });
  });

  it('verify --repair names the same commands, and takes a copy that is on this machine', async () => {
    const film = await Film.make('a', 'b');
    await film.run();
    await rename(film.clip('a'), join(film.directory, 'videos/old.mp4'));
    await rm(film.clip('b'));
    film.service.moods.set('Shot a', { file: 404 });
    film.service.moods.set('Shot b', { file: 404 });
    const repaired = await film.command(['verify', film.directory, '--repair']);
    expect(repaired.code).toBe(1);
    expect(repaired.stdout).toMatch(
      /^videos\/a\.\w+\.mp4 {2}put in its place from a copy on this machine\.$/m,
    );
    await film.command(film.typed(repaired, '--accept-missing', ' b '));
    expect((await film.command(['verify', film.directory])).code).toBe(0);
  });

  it('counts as rendered and not here, and not as gone, while the service cannot give a link that works', async () => {
    const film = await Film.make('a');
    await film.run();
    film.removeClips();
    const request = film.service.accepted[0]?.id ?? '';
    film.service.moods.set('Shot a', { state: 'closed', file: 403 });
    const { code, stdout } = await film.run();
    expect(code).toBe(77);
    expect(stdout).not.toContain('--rerender');
    film.service.moods.clear();
    expect((await film.run()).code).toBe(0);
    expect(film.service.fetched.filter((id) => id === request).length).toBeGreaterThan(1);
  });
});

describe('two shots that got the same bytes', () => {
  it('keep a clip each, and a missing one is copied from the other', async () => {
    const film = await Film.make('a', 'b', 'c');
    for (const id of ['a', 'b', 'c']) film.service.moods.set(`Shot ${id}`, { file: clips[0] });
    await film.run();
    await rm(film.clip('b'));
    film.service.moods.set('Shot b', { file: 404 });
    expect((await film.run()).code).toBe(0);
    expect(film.clips()).toHaveLength(3);
  });
});

describe('--only', () => {
  it('is not failed by shots outside of the selection, and its last words are about the chosen ones', async () => {
    const film = await Film.make('gone', 'lost', 'going', 'b');
    film.service.moods.set('Shot lost', { state: 'mute' });
    film.service.moods.set('Shot gone', { file: 404 });
    film.service.moods.set('Shot going', { state: 'going' });
    expect((await film.run('--shot-timeout', '1s', '--except', 'b')).code).toBe(2);
    const { code, stdout } = await film.run('--only', 'b', '--shot-timeout', '1s');
    expect(code).toBe(0);
    expect(stdout.slice(stdout.indexOf('\n\n'))).not.toMatch(/failed|unknown|accepted|not finished|resolve/);
    expect(stdout).toMatch(/^b {2}done/m);
  });
});

describe('--fetch', () => {
  const LIST = (shots: string) => `version: 1
defaults: { model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }
shots:
${shots}`;
  const OLD = Array.from(
    { length: 30 },
    (_, index) => `  - { id: old-${index}, prompt: Shot old-${index} }\n`,
  ).join('');

  it('new fetches, inspects and lists only the new clip of a long film, and changes no record of the others', async () => {
    const film = await Film.make();
    await film.writeText(LIST(OLD));
    await film.run('--concurrency', '30');
    film.removeClips();
    const before = film.committed();
    film.service.fetched.length = 0;
    const idle = await film.run('--fetch', 'new');
    expect(idle).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 to render, 30 rendered before and not here'),
    });
    expect(film.committed()).toEqual(before);

    await film.writeText(LIST(`${OLD}  - { id: fresh, prompt: Shot fresh }\n`));
    const events = (await film.run('--fetch', 'new', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const shots = events.filter(({ event }) => event === 'shot' || event === 'check' || event === 'download');
    expect(new Set(shots.map(({ id }) => id))).toEqual(new Set(['fresh']));
    expect(events.at(-1)).toMatchObject({ exit: 0, clips: 1, not_here: 30 });
    expect(film.service.fetched).toHaveLength(1);
    const { 'manifest.json': _, ...records } = before;
    expect(film.committed()).toMatchObject(records);
    expect((await film.run('--fetch', 'new')).stdout).toMatch(
      /^1 clip in .*\n30 rendered clips are not here/m,
    );
  });

  it('needed fetches the clip that a new shot starts from; new blocks the shot and says so', async () => {
    const film = await Film.make('a', 'other');
    await film.run();
    film.removeClips();
    film.service.fetched.length = 0;
    const shots = '  - { id: a, prompt: Shot a }\n  - { id: other, prompt: Shot other }\n';
    const next = '  - { id: next, prompt: Shot next, start_image: { last_frame_of: a } }\n';
    await film.writeText(LIST(shots + next));
    const ffmpeg = { SHOTLIST_FFMPEG: await ffmpegPath() };
    const blocked = await film.command(['run', film.list, '--yes', '--fetch', 'new'], ffmpeg);
    expect(blocked.code).toBe(1);
    expect(blocked.stdout).toMatch(/^next {2}blocked .*--fetch needed/m);
    expect([film.paid('next'), film.service.fetched.length]).toEqual([0, 0]);
    const needed = await film.command(['run', film.list, '--yes', '--fetch', 'needed'], ffmpeg);
    expect(needed.code).toBe(0);
    expect(film.clips().map((name) => name.split('.')[0])).toEqual(['a', 'next']);
  });
});

async function ffmpegPath(): Promise<string> {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  return found.ffmpeg.path;
}

describe('a run with nothing to do', () => {
  it('changes no committed file on a fresh machine, with other links each time, with and without an ffmpeg', async () => {
    const film = await Film.make('a', 'b');
    await film.run();
    const before = film.committed();
    const machines: readonly Record<string, string>[] = [{}, { SHOTLIST_FFMPEG: await ffmpegPath() }];
    for (const machine of machines) {
      for (const fetch of ['all', 'needed', 'new']) {
        film.removeClips();
        expect((await film.command(['run', film.list, '--fetch', fetch], machine)).code).toBe(0);
        expect(film.committed()).toEqual(before);
      }
    }
    expect(Object.values(before).join('')).not.toContain('signature');
  });
});

describe('an unknown submission', () => {
  it('ends the run with exit 2 and each command that settles it, which works as it is', async () => {
    const film = await Film.make('a', '-b', 'c');
    for (const id of ['a', '-b', 'c']) film.service.moods.set(`Shot ${id}`, { state: 'mute' });
    const lost = await film.run();
    expect(lost.code).toBe(2);
    film.service.moods.clear();
    const id = film.service.accepted.find(({ prompt }) => prompt === 'Shot a')?.id ?? '';
    const found = film.typed({ ...lost, stdout: lost.stdout.replaceAll('<id>', id) }, '--request-id', ' a ');
    for (const command of [
      found,
      film.typed(lost, '--resubmit', ' -b'),
      film.typed(lost, '--give-up', ' c '),
    ]) {
      expect(await film.command(command)).toMatchObject({ code: 0, stderr: '' });
    }
    expect((await film.run('--except', 'c')).code).toBe(0);
    expect([film.paid('a'), film.paid('-b'), film.paid('c')]).toEqual([1, 2, 1]);
  });
});

describe('a clip that was rendered and never fetched', () => {
  it('is settled by a file, by accepting that it is missing, or by another render', async () => {
    const film = await Film.make('none', 'junk', 'dead');
    film.service.moods.set('Shot none', { links: () => [] });
    film.service.moods.set('Shot junk', { file: Buffer.from('no video') });
    film.service.moods.set('Shot dead', { file: 410 });
    const gone = await film.run('--shot-timeout', '2s');
    expect(gone.code).toBe(1);
    const before = film.committed();
    expect((await film.run('--shot-timeout', '2s')).code).toBe(1);
    expect(film.committed()).toEqual(before);

    await writeFile(join(film.folder, 'clip.mp4'), clips[1]);
    const take = film
      .typed(gone, '--file', ' none ')
      .map((word) => word.replace(/^clip\.mp4$/, join(film.folder, '$&')));
    await film.command(take);
    await film.command(film.typed(gone, '--accept-missing', ' junk '));
    await film.command(film.typed(gone, '--rerender', ' dead '));
    film.service.moods.clear();
    const settled = await film.run();
    expect(settled.code).toBe(0);
    expect(settled.stdout).not.toContain('not quite what was asked for');
    expect([film.paid('none'), film.paid('junk'), film.paid('dead')]).toEqual([1, 1, 2]);
    for (const command of ['status', 'verify', 'report']) {
      expect((await film.command([command, film.directory])).code).toBe(0);
    }
    const after = film.committed();
    expect((await film.run()).code).toBe(0);
    expect(film.committed()).toEqual(after);
  });

  it('says that a clip given by hand has other bytes than the one that was fetched', async () => {
    const film = await Film.make('a');
    await film.run();
    film.removeClips();
    await writeFile(join(film.folder, 'clip.mp4'), clips[2]);
    const taken = await film.command([
      'resolve',
      film.directory,
      'a',
      '--file',
      join(film.folder, 'clip.mp4'),
    ]);
    expect(taken).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('It is another clip than the one'),
    });
    expect((await film.run()).code).toBe(0);
  });

  it('is fetched after all if it was accepted as missing and a new shot starts from it', async () => {
    const film = await Film.make('a');
    await film.run();
    film.removeClips();
    await film.command(['resolve', film.directory, 'a', '--accept-missing']);
    await film.writeText(
      `version: 1\ndefaults: { model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }\nshots:\n  - { id: a, prompt: Shot a }\n  - { id: next, prompt: Shot next, start_image: { last_frame_of: a } }\n`,
    );
    const next = await film.command(['run', film.list, '--yes'], { SHOTLIST_FFMPEG: await ffmpegPath() });
    expect(next.code).toBe(0);
    expect([film.paid('a'), film.paid('next')]).toEqual([1, 1]);
  });
});
