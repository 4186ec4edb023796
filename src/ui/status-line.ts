import { cut } from './fit.js';
import { visible } from './visible.js';

/** A line of a terminal that is rewritten in place, to show the progress of a long task. */
export interface StatusLine {
  show(text: string): void;
  /** Erases the line; call it before any other output, and at the end. */
  clear(): void;
}

/** Least time between two texts, milliseconds: faster than the eye can read. */
const EVERY = 100;

/** Makes a status line; one that writes nothing if the stream is not a terminal. `now` is in milliseconds. */
export function createStatusLine(stream: NodeJS.WriteStream, now: () => number): StatusLine {
  if (!stream.isTTY) return { show() {}, clear() {} };
  let last = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    show(text) {
      if (now() - last < EVERY) return;
      last = now();
      isShown = true;
      // One column stays free, or the cursor would be on the next line.
      stream.write(`\r\u001b[2K${cut(visible(text), (stream.columns || 80) - 1)}`);
    },
    clear() {
      if (isShown) stream.write('\r\u001b[2K');
      isShown = false;
    },
  };
}
