import { writeSync } from 'node:fs';
import { Exit } from '../exit.js';

/** SIGHUP is what a terminal sends that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a task whose signal aborts at the first Ctrl-C, SIGTERM or SIGHUP, so that it can stop gently; at the
 * second the process leaves at once, with `lastWords` on stderr.
 */
export async function stopOnSignals<T>(
  task: (signal: AbortSignal) => Promise<T>,
  lastWords = '',
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) leave(lastWords);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await task(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
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
