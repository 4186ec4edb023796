import { jsonText } from './json-text.js';
import type { Progress } from './terminal-progress.js';

/** Writes each event of a run as one line of JSON, for programs. */
export function createNdjson(stream: NodeJS.WritableStream): Progress {
  return {
    emit(event) {
      stream.write(`${jsonText(event)}\n`);
    },
    async end() {},
  };
}
