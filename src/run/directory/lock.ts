import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { link, open, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The right to run in a directory. */
export interface Lock {
  /** Rejects with `LockLost` once another run has the directory, or with the file system's own error. */
  assertHeld(): Promise<void>;
  /** Releases the lock. Never throws, because the run is over in any case. */
  release(): Promise<void>;
}

/** Error of a run whose directory was taken over or removed. */
export class LockLost extends Error {
  /** True if the directory was removed, with everything in it. */
  readonly isRemoved: boolean;

  /** `holder` is null when the lock is gone, or its file cannot be read. */
  constructor(directory: string, { holder, isRemoved }: { holder: LockHolder | null; isRemoved: boolean }) {
    super(whyLost(directory, { holder, isRemoved }));
    this.isRemoved = isRemoved;
  }
}

function whyLost(
  directory: string,
  { holder, isRemoved }: { readonly holder: LockHolder | null; readonly isRemoved: boolean },
): string {
  if (isRemoved) return `${directory} was removed while this run was at work in it.`;
  if (!holder) return `${directory} is no longer held by this run: its lock was taken away.`;
  return `${directory} was taken over by process ${holder.pid} on ${holder.host} at ${holder.since}.`;
}

/** A lock that another process holds, or may hold. */
export interface Held {
  /** Null when the lock file cannot be read. */
  readonly holder: LockHolder | null;
  readonly path: string;
  /** True if the holder is known to be running; false if that is not known from here. */
  readonly isAlive: boolean;
}

export type TakeLock = { readonly ok: true; readonly lock: Lock } | ({ readonly ok: false } & Held);

interface Link {
  readonly path: string;
  readonly nonce: string;
  readonly holder: LockHolder | null;
}

/**
 * Takes the lock of a run directory: from a holder that is certainly gone, or with `force` from any holder.
 *
 * The lock is a chain of files: `lock`, then `lock.<nonce of the one before>` for each takeover. The last file's process
 * holds the lock. Each file appears whole (link(2) of a private one), and each name can be made only once. So exactly one
 * process follows each holder, wherever others are killed.
 * Throws the file system's own error if nothing can be written.
 */
export async function takeLock(options: {
  readonly directory: string;
  /** UTC, ISO 8601. */
  readonly now: string;
  readonly force: boolean;
}): Promise<TakeLock> {
  const { directory, force } = options;
  const nonce = randomBytes(8).toString('hex');
  const content = `${JSON.stringify(await thisProcess({ since: options.now, nonce }))}\n`;
  for (;;) {
    const last = readChain(directory).at(-1);
    const state = last?.holder ? await processState(last.holder) : 'unknown';
    if (last && !force && state !== 'gone') {
      return { ok: false, holder: last.holder, path: last.path, isAlive: state === 'alive' };
    }
    const path = join(directory, last ? `lock.${last.nonce}` : 'lock');
    if (!(await createWhole({ directory, path, nonce, content }))) continue;
    // Meanwhile, another process may have released that chain, and a third one may have begun a new chain.
    const chain = readChain(directory);
    if (chain.at(-1)?.nonce === nonce) return { ok: true, lock: lockOf(directory, nonce) };
    await rm(path, { force: true });
  }
}

function lockOf(directory: string, nonce: string): Lock {
  return {
    assertHeld: async () => {
      const last = readChain(directory).at(-1);
      if (last?.nonce === nonce) return;
      const isRemoved = (await stat(directory).catch(() => null)) === null;
      throw new LockLost(directory, { holder: last?.holder ?? null, isRemoved });
    },
    release: () => release(directory, nonce),
  };
}

/** The lock of a directory; null if there is none or its holder is certainly gone. Changes nothing. */
export async function holderOf(directory: string): Promise<Held | null> {
  const last = readChain(directory).at(-1);
  const state = last?.holder ? await processState(last.holder) : 'unknown';
  if (!last || state === 'gone') return null;
  return { holder: last.holder, path: last.path, isAlive: state === 'alive' };
}

/** Paths of the files of a directory's lock. Other files with such names are left from killed processes. */
export async function lockFiles(directory: string): Promise<readonly string[]> {
  return readChain(directory).map(({ path }) => path);
}

/** The files from `lock` to the current holder's. Synchronous, because a run reads them before each of its writes. */
function readChain(directory: string): readonly Link[] {
  const chain: Link[] = [];
  for (let name = 'lock'; ; ) {
    const path = join(directory, name);
    const found = readLink(path);
    if (!found || chain.some(({ nonce }) => nonce === found.nonce)) return chain;
    chain.push(found);
    name = `lock.${found.nonce}`;
  }
}

function readLink(path: string): Link | null {
  if (!existsSync(path)) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  const holder = parseHolder(text);
  // A file that cannot be parsed needs a nonce too, so that exactly one file can follow it.
  const nonce = holder?.nonce ?? createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { path, nonce, holder };
}

function parseHolder(text: string): LockHolder | null {
  try {
    const value: Partial<LockHolder> | null = JSON.parse(text);
    const { pid, host, since, nonce } = value ?? {};
    if (!Number.isInteger(pid) || typeof host !== 'string' || typeof since !== 'string') return null;
    // The nonce becomes a file name.
    if (typeof nonce !== 'string' || !/^[0-9a-f]{16}$/.test(nonce)) return null;
    return value as LockHolder;
  } catch {
    return null;
  }
}

/** Creates a file with its content in one step; false if the name exists. */
async function createWhole(options: {
  readonly directory: string;
  readonly path: string;
  readonly nonce: string;
  readonly content: string;
}): Promise<boolean> {
  const { directory, path, nonce, content } = options;
  const own = join(directory, `lock-${nonce}.tmp`);
  try {
    await writeFile(own, content, { flag: 'wx' });
    await link(own, path);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    // The holder of the directory removed our private file as one of a killed process.
    if (code === 'EEXIST' || (code === 'ENOENT' && syscall === 'link')) return false;
    if (!NO_LINKS.has(code)) throw error;
  } finally {
    await rm(own, { force: true });
  }
  return createAlone(path, content);
}

/** Error codes of file systems without hard links (FAT, some network shares). */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
]);

async function createAlone(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(content).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the chain, `lock` first: after that a new chain may begin, and the rest of ours means nothing to it. */
async function release(directory: string, nonce: string): Promise<void> {
  try {
    const chain = readChain(directory);
    // After a takeover by force, the chain is another run's.
    if (chain.at(-1)?.nonce !== nonce) return;
    for (const { path } of chain) await rm(path, { force: true });
  } catch {
    // The next run takes over a lock that stays, because this process will be gone.
  }
}

/** Process that holds a lock, described so that the same machine can tell if it is still running. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** UTC, ISO 8601. */
  readonly since: string;
  /** Unique to this holder: 16 hex digits. */
  readonly nonce: string;
  /** Linux: this boot of this kernel; null elsewhere. */
  readonly boot_id: string | null;
  /** Linux: the PID namespace, in which `pid` means something; null elsewhere. */
  readonly pid_namespace: string | null;
  /** Linux: start of the process, in clock ticks since the boot, because PIDs are reused; null elsewhere. */
  readonly start_time: string | null;
}

/** This process as a holder. */
export async function thisProcess(options: {
  readonly since: string;
  readonly nonce: string;
}): Promise<LockHolder> {
  const place = await thisPlace();
  return { ...options, ...place, pid: process.pid, start_time: (await startOf(process.pid)) ?? null };
}

/** State of a holder's process; `unknown` for one of another machine, another boot or another container. */
export async function processState(holder: LockHolder): Promise<'gone' | 'alive' | 'unknown'> {
  const here = await thisPlace();
  if (here.boot_id === null || here.pid_namespace === null) {
    if (holder.boot_id !== null || holder.host !== here.host) return 'unknown';
    return signalReaches(holder.pid) ? 'alive' : 'gone';
  }
  if (holder.boot_id !== here.boot_id || holder.pid_namespace !== here.pid_namespace) return 'unknown';
  const start = await startOf(holder.pid);
  if (start === null) return 'gone';
  if (start === undefined || holder.start_time === null) return 'unknown';
  return start === holder.start_time ? 'alive' : 'gone';
}

async function thisPlace(): Promise<Pick<LockHolder, 'host' | 'boot_id' | 'pid_namespace'>> {
  const elsewhere = { host: hostname(), boot_id: null, pid_namespace: null };
  if (process.platform !== 'linux') return elsewhere;
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return { ...elsewhere, boot_id: boot.trim(), pid_namespace: await readlink('/proc/self/ns/pid') };
  } catch {
    return elsewhere;
  }
}

/** Start of a process, in clock ticks; null if there is none (or a zombie), undefined if it cannot be read. */
async function startOf(pid: number): Promise<string | null | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? null : undefined;
  }
  // proc(5): the name, in parentheses, may hold spaces; after it, field 3 is the state and field 22 the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19];
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Characters that are not safe to print: a lock file may come from anywhere. */
const UNPRINTABLE = /[^\x20-\x7e]/g;

/** Message about the holder of a directory, with the next step. */
export function heldBy(directory: string, { holder, path, isAlive }: Held): string {
  if (!holder) {
    return `${directory} has a lock that cannot be read, ${path}. ${IF_OVER}`;
  }
  const since = `${holder.since.slice(0, 19).replace('T', ' ')} UTC`;
  const who = `process ${holder.pid} on ${holder.host}, since ${since}`.replace(UNPRINTABLE, '?');
  if (isAlive)
    return `${directory} is in use by ${who}. Nothing was sent. Wait until that is over, or stop it there.`;
  return `${directory} was last in use by ${who}; it is not known here whether that run is over. ${IF_OVER}`;
}

const IF_OVER = 'Nothing was sent. If that run is certainly over, add --take-lock.';
