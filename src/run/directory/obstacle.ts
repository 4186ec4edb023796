import { Exit, type ExitCode } from '../../base/exit.js';
import { LockLost } from './lock.js';

/** A file that could not be written: the run has to stop. */
export class CannotWrite extends Error {}

/** What keeps a run from writing in its directory. */
export interface Obstacle {
  readonly exit: ExitCode;
  /** Whole sentences, for a person. */
  readonly why: string;
  /** Whether the journal is gone with all that it knew. */
  readonly isRemoved?: boolean;
}

/** Why a run cannot go on writing, when that is what an error means; null for a bug of ours. */
export function obstacleOf(error: unknown, directory: string): Obstacle | null {
  if (error instanceof LockLost && error.isRemoved) {
    return { exit: Exit.cannotWrite, why: error.message, isRemoved: true };
  }
  if (error instanceof LockLost) return { exit: Exit.unfinished, why: error.message };
  const problem = writeProblem(error);
  return problem === null
    ? null
    : { exit: Exit.cannotWrite, why: `Cannot write in ${directory}: ${problem}` };
}

/** The file system's words, when that is what went wrong; null for anything else. */
export function writeProblem(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof CannotWrite) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return null;
  return code === 'ENOSPC' || code === 'EDQUOT' ? `the disk is full (${code}).` : `${error.message}.`;
}

/** Why a run cannot begin: nothing was sent. */
export interface RunRefused {
  readonly ok: false;
  readonly exit: ExitCode;
  /** What is the matter and what to do, for a person. */
  readonly message: string;
}
