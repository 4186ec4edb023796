import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { link, open, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The right to run in a directory. */
export interface Lock {
  /** Rejects with `LockLost` once somebody else has the directory. Throws the file system's own error. */
  assertHeld(): Promise<void>;
  /** Gives it back; never throws, since the run is over either way. */
  release(): Promise<void>;
}

/** The directory was taken over from a run that was still at it, or removed. */
export class LockLost extends Error {
  /** Whether the directory is gone, and all that was in it. */
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

/** A lock that is another's, as far as that can be told from here. */
export interface Held {
  /** Null when the lock file cannot be read. */
  readonly holder: LockHolder | null;
  readonly path: string;
  /** Whether it is known to be running; else that cannot be told from here. */
  readonly isAlive: boolean;
}

export type TakeLock = { readonly ok: true; readonly lock: Lock } | ({ readonly ok: false } & Held);

interface Link {
  readonly path: string;
  readonly nonce: string;
  readonly holder: LockHolder | null;
}

/**
 * Takes the lock of a run directory, by itself only from a holder that is certainly gone, by `force` from anyone.
 *
 * The lock is a chain of files: `lock`, and for each takeover `lock.<nonce of the one before>`; who is last holds it.
 * A file comes into being whole or not at all (link(2) of a private one), and one name can be made only once, so
 * exactly one process succeeds each holder, however many try and wherever they are killed.
 * Throws the file system's own error when nothing can be written.
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
    const fate = last?.holder ? await fateOf(last.holder) : 'untold';
    if (last && !force && fate !== 'gone') {
      return { ok: false, holder: last.holder, path: last.path, isAlive: fate === 'alive' };
    }
    const path = join(directory, last ? `lock.${last.nonce}` : 'lock');
    if (!(await createWhole({ directory, path, nonce, content }))) continue;
    // Between our look and our file, another may have released the chain we saw and a third begun a new one.
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

/** Who has a directory, unless that is certainly over or nobody has; changes nothing. */
export async function holderOf(directory: string): Promise<Held | null> {
  const last = readChain(directory).at(-1);
  const fate = last?.holder ? await fateOf(last.holder) : 'untold';
  if (!last || fate === 'gone') return null;
  return { holder: last.holder, path: last.path, isAlive: fate === 'alive' };
}

/** Paths of files that are part of the lock of a directory: others that look like it were left by somebody killed. */
export async function lockFiles(directory: string): Promise<readonly string[]> {
  return readChain(directory).map(({ path }) => path);
}

/**
 * From `lock` to the one who holds it now. Two small files, looked at before each write of a run: asking synchronously
 * takes a tenth of the time.
 */
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
  // Asked first, since to be told so by an error takes longer than all the rest.
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
  // A file that says nothing still has to be followed by exactly one other.
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

/** Makes a file with its content in one step; false when there is one of that name. */
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
    // Gone before it was linked: whoever holds the directory took it for what somebody killed had left.
    if (code === 'EEXIST' || (code === 'ENOENT' && syscall === 'link')) return false;
    if (!NO_LINKS.has(code)) throw error;
  } finally {
    await rm(own, { force: true });
  }
  return createAlone(path, content);
}

/** What file systems without hard links (FAT, some network shares) answer. */
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

/** `lock` goes first: from then on a new chain may begin, and what is left of ours means nothing to it. */
async function release(directory: string, nonce: string): Promise<void> {
  try {
    const chain = readChain(directory);
    // Taken from us by force: the chain is another's now.
    if (chain.at(-1)?.nonce !== nonce) return;
    for (const { path } of chain) await rm(path, { force: true });
  } catch {
    // A lock that stays behind is taken over by the next run, because this process will be gone.
  }
}

/** Who holds a lock: enough to tell, on the same machine, whether that very process is still there. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** UTC, ISO 8601. */
  readonly since: string;
  /** Differs from every other holder's. */
  readonly nonce: string;
  /** Linux: this boot of this kernel; null elsewhere. */
  readonly boot_id: string | null;
  /** Linux: the PID namespace, in which `pid` means something; null elsewhere. */
  readonly pid_namespace: string | null;
  /** Linux: when the process began, in clock ticks since the boot, because PIDs are used again; null elsewhere. */
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

/**
 * What became of a holder; `untold` when that cannot be known from here: it is of another machine, another boot, another
 * container.
 */
export async function fateOf(holder: LockHolder): Promise<'gone' | 'alive' | 'untold'> {
  const here = await thisPlace();
  if (here.boot_id === null || here.pid_namespace === null) {
    if (holder.boot_id !== null || holder.host !== here.host) return 'untold';
    return signalReaches(holder.pid) ? 'alive' : 'gone';
  }
  if (holder.boot_id !== here.boot_id || holder.pid_namespace !== here.pid_namespace) return 'untold';
  const start = await startOf(holder.pid);
  if (start === null) return 'gone';
  if (start === undefined || holder.start_time === null) return 'untold';
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

/** When a process began; null when there is none (a zombie counts as none), undefined when it cannot be read. */
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
