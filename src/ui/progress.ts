import { createPaint } from './paint.js';
import { createPlainLines } from './plain-lines.js';
import { createTerminalProgress, type Progress } from './terminal-progress.js';

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** Whether the stream is a terminal that rows can be redrawn on. */
  readonly isTTY: boolean;
  readonly color: boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Waits, or until the signal aborts, and then resolves. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Rows on a terminal, plain lines without control codes anywhere else. */
export function createProgress({ stream, isTTY, color, now, sleep }: ProgressOptions): Progress {
  const paint = createPaint(color);
  if (isTTY) return createTerminalProgress({ stream, paint, now, sleep });
  const plain = createPlainLines(paint);
  return {
    emit(event) {
      const line = plain.line(event);
      if (line !== null) stream.write(`${line}\n`);
    },
    async end() {},
  };
}
