import { Exit } from '../exit.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs a task whose signal aborts at the first Ctrl-C or SIGTERM, so that it can stop gently; at the second the
 * process leaves at once, which the journal is made for.
 */
export async function stopOnSignals<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(Exit.interrupted);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await task(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}
