import { Exit, type ExitCode } from '../../base/exit.js';
import { LockLost } from './lock.js';

/** Error of a file that cannot be written: the run must stop. */
export class CannotWrite extends Error {}

/** Reason why a run cannot write in its directory. */
export interface Obstacle {
  readonly exit: ExitCode;
  /** Sentences for a person. */
  readonly why: string;
  /** True if the directory was removed, with its records. */
  readonly isRemoved?: boolean;
}

/** The reason in an error why a run cannot write; null if the error is a bug of ours. */
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

/** The message of a file system error; null for any other error. */
export function writeProblem(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof CannotWrite) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return null;
  return code === 'ENOSPC' || code === 'EDQUOT' ? `the disk is full (${code}).` : `${error.message}.`;
}

/** Reason why a run cannot begin. Nothing was sent. */
export interface RunRefused {
  readonly ok: false;
  readonly exit: ExitCode;
  /** Problem and next step, for a person. */
  readonly message: string;
}
