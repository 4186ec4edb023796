import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from '../base/child-environment.js';

/** Arguments and settings of a program. */
export interface ChildOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The environment of this process unless given. Variables with secrets are removed. */
  readonly env?: NodeJS.ProcessEnv;
  /** Aborting it kills the child. */
  readonly signal?: AbortSignal;
  /** Keeps standard output as `output`. */
  readonly keepOutput?: boolean;
  /** Keeps the end of standard error as `output`: filters of ffmpeg answer there. */
  readonly keepErrors?: boolean;
}

/** Outcome of a child. A missing or failing program is a result, because it is a problem of the user and not our bug. */
export interface ChildResult {
  readonly ok: boolean;
  /** Standard output, or the end of standard error, if it was kept. */
  readonly output: string;
  /** Reason of a failure: the last lines of standard error, or why the program did not start; else empty. */
  readonly message: string;
}

/** Most characters of standard error that are kept, from its end: ffmpeg names the cause there. */
const TAIL_LENGTH = 4_096;
/** Most characters of standard output that are kept; the longest table of ffmpeg has about 40,000. */
const OUTPUT_LENGTH = 1_048_576;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) kill(child);
});

/**
 * Runs a program to its end, in a process group of its own so that Ctrl-C in the terminal does not reach it. It is
 * killed when this process exits.
 */
export function runChild(program: string, options: ChildOptions): Promise<ChildResult> {
  const { signal } = options;
  if (signal?.aborted) return Promise.resolve({ ok: false, output: '', message: 'it was stopped' });
  return new Promise((resolve) => {
    const child = spawn(program, options.args, {
      cwd: options.cwd,
      env: childEnvironment(options.env ?? process.env),
      // On Windows a detached child would open a console window; a hidden window has the same effect.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', options.keepOutput ? 'pipe' : 'ignore', 'pipe'],
    });
    running.add(child);
    let output = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < OUTPUT_LENGTH) output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-TAIL_LENGTH);
    });
    const stop = () => kill(child);
    signal?.addEventListener('abort', stop, { once: true });
    const end = (result: Omit<ChildResult, 'output'>) => {
      running.delete(child);
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
