import type { Progress } from './progress.js';

/** Writes each event of a run as one line of JSON, for programs. */
export function createNdjson(stream: NodeJS.WritableStream): Progress {
  return {
    emit(event) {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    async end() {},
  };
}
