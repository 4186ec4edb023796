import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a process of Node used from its start to its end. */
export interface Usage {
  /** User and system time of the process itself, seconds. */
  readonly cpu: number;
  /** Most memory that was resident at a time, bytes. */
  readonly memory: number;
  /** From start to end, seconds. */
  readonly elapsed: number;
}

/** Runs a program with this Node to its end, throwing its output away. Throws where it ends with another code than 0. */
export async function measured(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Usage> {
  const began = performance.now();
  const reporter = programPath('report-usage.js');
  const child = fork(program, args, {
    ...options,
    execArgv: ['--import', reporter],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const [[usage], [code]] = await Promise.all([once(child, 'message'), once(child, 'close')]);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors}`);
  return { ...(usage as Usage), elapsed: (performance.now() - began) / 1000 };
}

/** Absolute path of a program of the bench; parts are bundled beside `run.js`. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
}

/** Absolute path of the built CLI. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
