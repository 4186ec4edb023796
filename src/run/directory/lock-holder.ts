import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

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
