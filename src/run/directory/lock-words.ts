import type { Held } from './lock.js';

/** What cannot be printed as it is: a lock file may come from anywhere. */
const UNPRINTABLE = /[^\x20-\x7e]/g;

/** Who has a directory, as far as that can be told from here, and what to do. */
export function heldBy(directory: string, { holder, path, isAlive }: Held): string {
  if (!holder) {
    return `${directory} has a lock that cannot be read, ${path}. ${IF_OVER}`;
  }
  const since = `${holder.since.slice(0, 19).replace('T', ' ')} UTC`;
  const who = `process ${holder.pid} on ${holder.host}, since ${since}`.replace(UNPRINTABLE, '?');
  if (isAlive)
    return `${directory} is in use by ${who}. Nothing was sent. Wait until that is over, or stop it there.`;
  return `${directory} was last in use by ${who}; whether that is over cannot be told from here. ${IF_OVER}`;
}

const IF_OVER = 'Nothing was sent. If that run is certainly over, add --take-lock.';
