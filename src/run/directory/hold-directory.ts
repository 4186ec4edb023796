import { readdir } from 'node:fs/promises';
import { Exit } from '../../base/exit.js';
import { type ReadState, readRunState } from '../records/records.js';
import { heldBy, type Lock, takeLock } from './lock.js';
import { obstacleOf, type RunRefused, writeProblem } from './obstacle.js';

/** A run directory whose lock is held to change something in it without a run. */
export interface HeldDirectory {
  readonly state: ReadState;
  readonly lock: Lock;
}

export interface HoldOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** UTC, ISO 8601. */
  readonly now: string;
  /** Takes the lock from any holder. */
  readonly takeLock?: boolean | undefined;
}

/**
 * Holds a run directory during a task, so that no run can start in it. Mistakes of a person, a disk that cannot be
 * written, and a lock that is lost meanwhile are returned as failures; other errors are thrown.
 */
export async function holdDirectory<T>(
  options: HoldOptions,
  task: (held: HeldDirectory) => Promise<T>,
): Promise<T | RunRefused> {
  const { directory, now, takeLock: force = false } = options;
  let lock: Lock | null = null;
  try {
    const missing = await missingDirectory(directory);
    if (missing) return missing;
    const taken = await takeLock({ directory, now, force });
    if (!taken.ok) return { ok: false, exit: Exit.unfinished, message: heldBy(directory, taken) };
    lock = taken.lock;
    const state = await readDirectory(directory);
    return state.kind === 'read' ? await task({ state, lock }) : state.refused;
  } catch (error) {
    const obstacle = obstacleOf(error, directory);
    if (!obstacle) throw error;
    return { ok: false, exit: obstacle.exit, message: obstacle.why };
  } finally {
    await lock?.release();
  }
}

/** Reads a run directory without holding it; returns a refusal if it cannot be read. */
export async function readDirectory(
  directory: string,
): Promise<ReadState | { readonly kind: 'refused'; readonly refused: RunRefused }> {
  const missing = await missingDirectory(directory);
  if (missing) return { kind: 'refused', refused: missing };
  const state = await readRunState(directory);
  if (state.kind === 'read' && state.service !== null) return state;
  if (state.kind === 'read') return { kind: 'refused', refused: noRun(directory) };
  const exit = state.kind === 'mixed' ? Exit.usage : Exit.invalid;
  return { kind: 'refused', refused: { ok: false, exit, message: state.message } };
}

/** Reason why a directory cannot be read; null if it can. */
export async function missingDirectory(directory: string): Promise<RunRefused | null> {
  try {
    await readdir(directory);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return noRun(directory);
    const problem = writeProblem(error);
    if (problem === null) throw error;
    return { ok: false, exit: Exit.cannotWrite, message: `Cannot use ${directory}: ${problem}` };
  }
}

function noRun(directory: string): RunRefused {
  const message = `There is no run directory ${directory}. Name the one that the run said at its end.`;
  return { ok: false, exit: Exit.missing, message };
}
