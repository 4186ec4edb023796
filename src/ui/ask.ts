import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Streams of a question. */
export interface AskOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Aborting it answers no, as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

/** Asks a question. Resolves to true for `y` or `yes`; Enter, Ctrl-C and the end of the input mean no. */
export async function askYesNo(question: string, options: AskOptions): Promise<boolean> {
  const answer = await askLine(`${question} [y/N] `, { ...options, echo: true });
  return answer !== null && /^y(es)?$/i.test(answer.trim());
}

/** Asks for a line that the terminal does not show, such as a token; null on Ctrl-C and the end of the input. */
export async function askHidden(question: string, { input, output }: AskOptions): Promise<string | null> {
  const answer = await askLine(question, { input, output, echo: false });
  output.write('\n');
  return answer;
}

async function askLine(question: string, options: AskOptions & { echo: boolean }): Promise<string | null> {
  const { input, output, signal, echo } = options;
  // Readline would wait for ever for the end of a stream that has ended.
  if (!input.readable || signal?.aborted) return null;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (!echo) output.write(question);
  // Readline echoes what is typed to its output; `terminal` turns the terminal's own echo off.
  const lines = createInterface({ input, output: echo ? output : nowhere, terminal: isTerminal(input) });
  const closed = new AbortController();
  // Ctrl-C and the end of the input close the interface without an answer.
  const stop = () => lines.close();
  lines.once('SIGINT', stop);
  signal?.addEventListener('abort', stop, { once: true });
  lines.once('close', () => closed.abort());
  try {
    return await lines.question(echo ? question : '', { signal: closed.signal });
  } catch (error) {
    if (!closed.signal.aborted) throw error;
    return null;
  } finally {
    signal?.removeEventListener('abort', stop);
    lines.close();
  }
}

function isTerminal(input: NodeJS.ReadableStream): boolean {
  return 'isTTY' in input && input.isTTY === true;
}
