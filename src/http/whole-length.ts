import type { HttpAnswer } from './request.js';

/** Bytes of the whole file that an answer brings, or brings a part of (206); null where it does not say. */
export function wholeLength({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): number | null {
  const length =
    status === 206
      ? /^bytes \d+-\d+\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1]
      : /^\d{1,15}$/.exec(headers['content-length'] ?? '')?.[0];
  return length === undefined ? null : Number(length);
}
