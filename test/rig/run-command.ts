import { PassThrough } from 'node:stream';
import { makeProgram } from '../../src/cli/program.js';
import type { Console } from '../../src/commands/console.js';

/** The end of a command that ran in this process. */
export interface EndedCommand {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, without a terminal and without the word `shotlist`. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<EndedCommand> {
  const [stdout, stderr] = [collect(), collect()];
  const stdin = Object.assign(new PassThrough(), { isTTY: false });
  const console = { stdin, stdout: stdout.stream, stderr: stderr.stream, env } as unknown as Console;
  let code = 0;
  const program = makeProgram({ console, end: (exit) => (code = exit) });
  await program.parseAsync([...args], { from: 'user' });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(): { readonly stream: PassThrough; readonly text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return { stream, text: () => text };
}
