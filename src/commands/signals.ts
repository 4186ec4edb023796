import { writeSync } from 'node:fs';
import { effects } from '../base/effects.js';
import { Exit } from '../base/exit.js';

/** A closed terminal sends SIGHUP; Ctrl-Break on Windows sends SIGBREAK. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/**
 * A signal within this time after the first is the same one, milliseconds: `npx` passes on the signal that the terminal sends
 * to both. A closed terminal sends SIGHUP several times, and its shell sends it again.
 */
const ECHO = 100;

/**
 * Runs a task whose signal aborts at the first Ctrl-C, SIGTERM or SIGHUP, so that it can stop gently. At the second, the
 * process exits immediately, with `lastWords` on standard error.
 */
export function stopOnSignals<T>(task: (signal: AbortSignal) => Promise<T>, lastWords = ''): Promise<T> {
  const controller = new AbortController();
  let first = Number.NaN;
  const stop = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      first = effects.now();
      controller.abort();
    } else if (name !== 'SIGHUP' && effects.now() - first > ECHO) exitNow(lastWords);
  };
  return withListener(stop, () => task(controller.signal));
}

/** Runs a task that needs no clean-up: the process exits with 130 at the first signal, with `lastWords` on standard error. */
export function exitOnSignals<T>(task: () => Promise<T>, lastWords: string): Promise<T> {
  return withListener(() => exitNow(lastWords), task);
}

async function withListener<T>(listener: (name: NodeJS.Signals) => void, task: () => Promise<T>): Promise<T> {
  for (const name of SIGNALS) process.on(name, listener);
  try {
    return await task();
  } finally {
    for (const name of SIGNALS) process.off(name, listener);
  }
}

function exitNow(lastWords: string): never {
  try {
    if (lastWords !== '') writeSync(process.stderr.fd, `${lastWords}\n`);
  } catch {
    // The terminal may be closed.
  }
  process.exit(Exit.interrupted);
}
