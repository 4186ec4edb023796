import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { runProgram as RunProgram } from '../../src/cli/program.js';
import type { Ended } from './rig.js';

const PROGRAM = new URL('../../dist/program.js', import.meta.url);
const { runProgram }: { runProgram: typeof RunProgram } = await import(PROGRAM.href);

/** The current folder and the whole environment of a command. */
interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Variables with the folder of temporary files, on every platform. */
const TEMPORARY = ['TMPDIR', 'TEMP', 'TMP'];

let isBusy = false;

/**
 * True if a command can run in the process of the test. Only one can, because a process has one current folder and one
 * environment. With SHOTLIST_TEST_PROCESSES each command is a process.
 */
export function canRunHere({ env }: Place): boolean {
  const asksOnlyForHurry = /^(--import \S+\/hurry\.js)?$/.test(env.NODE_OPTIONS ?? '');
  return !isBusy && !process.env.SHOTLIST_TEST_PROCESSES && asksOnlyForHurry;
}

/**
 * Runs a command of the built CLI in the process of the test, which costs a tenth of a process of its own. It sees its own
 * folder and environment, and waits as `hurry.js` would make it wait.
 */
export async function runHere(args: readonly string[], { folder, env }: Place): Promise<Ended> {
  const before = { folder: process.cwd(), env: process.env, setTimeout: globalThis.setTimeout };
  // Temporary files go where the test run removes them.
  const temporary = TEMPORARY.flatMap((name) => {
    const value = before.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const [stdout, stderr] = [keepOutput(), keepOutput()];
  const restore = () => {
    globalThis.setTimeout = before.setTimeout;
    process.env = before.env;
    process.chdir(before.folder);
  };
  // A test that ends before its command, because it took too long, leaves nothing to the next one.
  onTestFinished(restore);
  isBusy = true;
  process.chdir(folder);
  process.env = { ...Object.fromEntries(temporary), ...env };
  globalThis.setTimeout = hurried(env);
  try {
    const code = await runProgram(
      { stdin: noInput(), stdout: stdout.stream, stderr: stderr.stream, env: process.env },
      args,
    );
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    restore();
    isBusy = false;
  }
}

/** `setTimeout` as `test/crash/preload/hurry.js` makes it. */
function hurried({ SHOTLIST_TEST_HURRY, SHOTLIST_TEST_HURRY_BELOW }: Place['env']): typeof setTimeout {
  const { setTimeout } = globalThis;
  const below = Number(SHOTLIST_TEST_HURRY_BELOW);
  const later = (callback: (...args: unknown[]) => void, delay = 0, ...args: unknown[]) =>
    setTimeout(callback, delay < below ? delay / Number(SHOTLIST_TEST_HURRY) : delay, ...args);
  return Object.assign(later, setTimeout);
}

function noInput(): NodeJS.ReadStream {
  return new PassThrough().end() as unknown as NodeJS.ReadStream;
}

/** Standard output or standard error that is no terminal and keeps what is written. */
function keepOutput(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join('') };
}
