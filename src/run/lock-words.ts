import type { LockHolder } from './lock-holder.js';

/** Who has a directory, and what to do; `holder` is null where its lock file cannot be read. */
export function heldBy(directory: string, holder: LockHolder | null): string {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process';
  return `${directory} is in use by ${who}. Nothing was sent. If that run is certainly over, add --take-lock.`;
}
