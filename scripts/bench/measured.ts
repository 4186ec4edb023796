import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A process of this Node. */
export interface Program {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Usage of a process of Node from its start to its end, without its children. */
export interface Usage {
  /** User and system time of the process itself, seconds. */
  readonly cpu: number;
  /** Peak resident memory, bytes. */
  readonly memory: number;
  /** From start to end, seconds. */
  readonly elapsed: number;
}

/** Runs a program to its end without its output. Throws if it ends with a code other than 0. */
export async function measured({ args, cwd, env }: Program): Promise<Usage> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--require', programPath('report-usage.cjs'), ...args], {
    ...(cwd && { cwd }),
    ...(env && { env }),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [errors, usage, [code]] = await Promise.all([
    text(child.stdio[2] as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'close'),
  ]);
  const elapsed = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${errors.slice(-2000)}`);
  return { ...JSON.parse(usage), elapsed };
}

/** Absolute path of a program of the bench; parts are bundled beside `run.js`. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
}

/** Absolute path of the built CLI. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
