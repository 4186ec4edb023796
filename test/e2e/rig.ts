import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { canRunHere, runHere } from './in-this-process.js';
import { expectNoSecrets } from './secrets.js';
import { placeWitnesses, type Witnesses } from './witnesses.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(ROOT, 'dist/cli.js');
const BOARD = join(ROOT, 'examples/boards/hello.png');

/** Shortest timeout of the CLI, milliseconds. A busy machine may need all of it for an answer. */
const SHORTEST_TIMEOUT = 4000;

/** The end of a command. */
export interface Ended {
  /** Exit code; null when a signal ended its process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running process of the built CLI. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the match when the standard output has one; rejects if the process ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/**
 * A temporary folder with a board and lists, in which commands run. After each command, its output, its files here, and the
 * arguments of the programs that it started are searched for the token.
 */
export class Project {
  readonly folder: string;
  readonly #witnesses: Witnesses;

  private constructor(folder: string, witnesses: Witnesses) {
    this.folder = folder;
    this.#witnesses = witnesses;
  }

  /** Makes a project, which is removed when the test is over. */
  static async make(): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'shotlist-e2e-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    await mkdir(join(folder, 'boards'));
    await copyFile(BOARD, join(folder, 'boards/board.png'));
    return new Project(folder, await placeWitnesses());
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(this.path(name), text);
  }

  /** Writes `film.yaml` with N silent shots of three seconds. */
  async film(shots: number): Promise<void> {
    const names = Array.from({ length: shots }, (_, index) => String(index + 1));
    await this.write('film.yaml', filmOf(names));
  }

  /** Starts the built CLI as a process of its own. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return this.#start(args, { env, stdout: 'pipe' });
  }

  #start(
    args: readonly string[],
    { env, stdout }: { env: Readonly<Record<string, string>>; stdout: 'pipe' | number },
  ): Running {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.folder,
      env: this.#environment(env),
      stdio: ['ignore', stdout, 'pipe'],
    });
    const running = watch(child);
    const ended = running.ended.then((end) => this.#searched(end));
    // A test that does not wait for the end learns of a found token here.
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return { ...running, ended };
  }

  #environment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { PATH: this.#witnesses.path, HOME: this.folder, NO_COLOR: '1', ...env };
  }

  /** Arguments and environments of the programs that the CLI started; empty on Windows. */
  programs(): Promise<string> {
    return this.#witnesses.seen();
  }

  async #searched({ code, stdout, stderr }: Ended): Promise<Ended> {
    const programs = await this.#witnesses.seen();
    await expectNoSecrets({ stdout, stderr, 'what other programs were given': programs }, this.folder);
    return { code, stdout, stderr };
  }

  /** Runs a command to its end: in the process of the test if it can, because starting a process is what takes longest. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const place = { folder: this.folder, env: this.#environment(env) };
    if (!canRunHere(place)) return this.start(args, env).ended;
    return this.#searched(await runHere(args, place));
  }

  /** Runs the built CLI with a device as its standard output, such as `/dev/full`. */
  async runOnto(device: string, args: readonly string[]): Promise<Ended> {
    const file = await open(device, 'w');
    const { ended } = this.#start(args, { env: {}, stdout: file.fd });
    return ended.finally(() => file.close());
  }

  read(...parts: string[]): Promise<string> {
    return readFile(this.path(...parts), 'utf8');
  }

  async remove(...parts: string[]): Promise<void> {
    await rm(this.path(...parts), { recursive: true });
  }

  async manifest(...parts: string[]): Promise<Manifest> {
    return JSON.parse(await this.read(...parts, 'manifest.json'));
  }

  /** The texts of all records of a run directory, by their paths. */
  async records(...run: string[]): Promise<Readonly<Record<string, string>>> {
    const files = (await this.files(...run, 'videos')).filter((file) => file.endsWith('.json'));
    return Object.fromEntries(
      await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)),
    );
  }

  /** Absolute paths of what is beside the records of a run directory: its clips, and what downloads left behind. */
  async clips(...run: string[]): Promise<string[]> {
    return (await this.files(...run, 'videos')).filter((file) => !file.endsWith('.json'));
  }

  /** Bytes of files, a character each: Vitest compares texts immediately, and buffers in a second for each clip. */
  bytesOf(files: readonly string[]): Promise<readonly string[]> {
    return Promise.all(files.map((file) => readFile(file, 'latin1')));
  }

  /** Every file under a folder, as an absolute path. */
  async files(...parts: string[]): Promise<string[]> {
    const entries = await readdir(this.path(...parts), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }
}

/** The environment in which Node loads modules of `test/crash/preload` before the built CLI. */
export function preload(
  ...names: readonly ('hurry' | 'kill' | 'full-disk')[]
): Readonly<Record<string, string>> {
  const urls = names.map((name) => pathToFileURL(join(ROOT, `test/crash/preload/${name}.js`)));
  return { NODE_OPTIONS: urls.map(({ href }) => `--import ${href}`).join(' ') };
}

/**
 * The environment in which waits of the built CLI end `factor` times sooner; 1 leaves them as they are. Timeouts, which a
 * busy machine may need, are shortened only with `timeouts`.
 */
export function hurry(factor: number, { timeouts = false } = {}): Readonly<Record<string, string>> {
  const below = timeouts ? Number.POSITIVE_INFINITY : SHORTEST_TIMEOUT;
  return {
    ...preload('hurry'),
    SHOTLIST_TEST_HURRY: String(factor),
    SHOTLIST_TEST_HURRY_BELOW: String(below),
  };
}

/** A list of silent shots of three seconds, which are called `shot-` and their name. */
export function filmOf(names: readonly string[], board = 'boards/board.png'): string {
  const defaults = `{ model: kling-3.0/standard, duration: 3, audio: false, start_image: ${board} }`;
  const shots = names.map(
    (name) => `  - { id: shot-${name}, prompt: The camera pushes in on shot ${name} }\n`,
  );
  return `version: 1\ntitle: Film\ndefaults: ${defaults}\nshots:\n${shots.join('')}`;
}

function watch(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }));
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(stdout);
        if (!match) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${stdout}\n${stderr}`)));
    });
  return { child, ended, says };
}
