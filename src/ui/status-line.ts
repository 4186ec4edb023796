import { cut } from './fit.js';
import { visible } from './visible.js';

/** A line of a terminal that is rewritten in place, to say how far something long has come. */
export interface StatusLine {
  show(text: string): void;
  /** To be called before anything else is written, and at the end. */
  clear(): void;
}

/** Least time between two texts, milliseconds: as often as an eye follows. */
const EVERY = 100;

/** Nothing is written where the stream is no terminal. `now` is in milliseconds. */
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
