import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from '../base/child-environment.js';

export interface ChildOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The process's own unless said; it is given on without what holds a secret. */
  readonly env?: NodeJS.ProcessEnv;
  /** Kills the child when it fires. */
  readonly signal?: AbortSignal;
  /** Keep what it prints on standard output; otherwise that is thrown away. */
  readonly keepOutput?: boolean;
  /** Keep the end of what it prints on standard error as its output: that is where filters of ffmpeg answer. */
  readonly keepErrors?: boolean;
}

/** How a child ended. Never a throw: a program that is missing or fails is a user's problem, not our bug. */
export interface ChildResult {
  readonly ok: boolean;
  /** Standard output, or the end of standard error, when it was to be kept. */
  readonly output: string;
  /** Why it is not ok: the last lines it wrote to standard error, or what kept it from running; else empty. */
  readonly message: string;
}

/** Standard error is kept from its end: that is where ffmpeg says what went wrong. */
const TAIL_BYTES = 4_096;
/** ffmpeg's longest table is about 40 kB. */
const OUTPUT_BYTES = 1_048_576;

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) kill(child);
});

/**
 * Runs a program to its end, in a process group of its own so that the terminal's Ctrl-C does not reach it
 * before we decide to end it. It never outlives this process's orderly exit.
 */
export function runChild(program: string, options: ChildOptions): Promise<ChildResult> {
  const { signal } = options;
  if (signal?.aborted) return Promise.resolve({ ok: false, output: '', message: 'it was stopped' });
  return new Promise((resolve) => {
    const child = spawn(program, options.args, {
      cwd: options.cwd,
      env: childEnvironment(options.env ?? process.env),
      // Windows would open a console window for a detached child; a hidden one of its own has the same effect.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', options.keepOutput ? 'pipe' : 'ignore', 'pipe'],
    });
    living.add(child);
    let output = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < OUTPUT_BYTES) output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-TAIL_BYTES);
    });
    const stop = () => kill(child);
    signal?.addEventListener('abort', stop, { once: true });
    const end = (result: Omit<ChildResult, 'output'>) => {
      living.delete(child);
      signal?.removeEventListener('abort', stop);
      resolve({ ...result, output: options.keepErrors ? errors : output });
    };
    child.on('error', (error: NodeJS.ErrnoException) => end({ ok: false, message: whyNotStarted(error) }));
    child.on('close', (code, by) => {
      if (code === 0) end({ ok: true, message: '' });
      else if (signal?.aborted) end({ ok: false, message: 'it was stopped' });
      else end({ ok: false, message: lastLines(errors) || `it ended with ${by ?? `code ${code}`}` });
    });
  });
}

function kill(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}

function whyNotStarted(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such program';
  if (error.code === 'EACCES') return 'it may not be run (no execute permission)';
  return error.message;
}

function lastLines(text: string): string {
  return text.trim().split(/\r?\n/).slice(-3).join(' / ');
}
