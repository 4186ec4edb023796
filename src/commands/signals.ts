import { writeSync } from 'node:fs';
import { effects } from '../base/effects.js';
import { Exit } from '../base/exit.js';

/** SIGHUP is what a terminal sends that is closed, and SIGBREAK what Ctrl-Break does on Windows. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/**
 * What comes this soon after the first signal is the same one, milliseconds: `npx` passes on what the terminal has sent to
 * both. (A terminal that closes sends SIGHUP several times, its shell once more; nobody wants anything twice by that.)
 */
const ECHO = 100;

/**
 * Runs a task whose signal aborts at the first Ctrl-C, SIGTERM or SIGHUP, so that it can stop gently; at the
 * second the process leaves at once, with `lastWords` on stderr.
 */
export function stopOnSignals<T>(task: (signal: AbortSignal) => Promise<T>, lastWords = ''): Promise<T> {
  const controller = new AbortController();
  let first = Number.NaN;
  const stop = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      first = effects.now();
      controller.abort();
    } else if (name !== 'SIGHUP' && effects.now() - first > ECHO) leave(lastWords);
  };
  return listening(stop, () => task(controller.signal));
}

/** Runs a task that leaves nothing to be put in order: at the first signal the process leaves, with 130 as ever. */
export function leaveOnSignals<T>(task: () => Promise<T>, lastWords: string): Promise<T> {
  return listening(() => leave(lastWords), task);
}

async function listening<T>(heard: (name: NodeJS.Signals) => void, task: () => Promise<T>): Promise<T> {
  for (const name of SIGNALS) process.on(name, heard);
  try {
    return await task();
  } finally {
    for (const name of SIGNALS) process.off(name, heard);
  }
}

function leave(lastWords: string): never {
  try {
    if (lastWords !== '') writeSync(process.stderr.fd, `${lastWords}\n`);
  } catch {
    // The terminal may be what has gone.
  }
  process.exit(Exit.interrupted);
}
