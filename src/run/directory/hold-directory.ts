import { readdir } from 'node:fs/promises';
import { Exit } from '../../base/exit.js';
import { type ReadState, readRunState } from '../journal/run-state.js';
import { heldBy, type Lock, takeLock } from './lock.js';
import { obstacleOf, type RunRefused, writeProblem } from './obstacle.js';

/** A run directory that is held to change something in it, without a run. */
export interface HeldDirectory {
  readonly state: ReadState;
  readonly lock: Lock;
}

export interface HoldOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** UTC, ISO 8601. */
  readonly now: string;
  /** Takes the directory from whoever holds it. */
  readonly takeLock?: boolean | undefined;
}

/**
 * Does something in a run directory while no run can, with what is known of it. What a person can get wrong, a disk that
 * will not be written, and a directory that is taken away meanwhile, is a failure in words; nothing else is caught.
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
    const state = await readDirectory(directory, now);
    return state.kind === 'read' ? await task({ state, lock }) : state.refused;
  } catch (error) {
    const obstacle = obstacleOf(error, directory);
    if (!obstacle) throw error;
    return { ok: false, exit: obstacle.exit, message: obstacle.why };
  } finally {
    await lock?.release();
  }
}

/** What is known of a run directory, read without holding it; or why that cannot be told. */
export async function readDirectory(
  directory: string,
  now: string,
): Promise<ReadState | { readonly kind: 'refused'; readonly refused: RunRefused }> {
  const missing = await missingDirectory(directory);
  if (missing) return { kind: 'refused', refused: missing };
  const state = await readRunState(directory, now);
  if (state.kind === 'read' && state.service !== null) return state;
  if (state.kind === 'read') return { kind: 'refused', refused: noRun(directory) };
  const exit = state.kind === 'mixed' ? Exit.usage : Exit.invalid;
  return { kind: 'refused', refused: { ok: false, exit, message: state.message } };
}

/** Why a directory cannot be looked into; null where it can. */
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
