import type { ExitCode } from '../../base/exit.js';

/** Why a run cannot begin: nothing was sent. */
export interface RunRefused {
  readonly ok: false;
  readonly exit: ExitCode;
  /** What is the matter and what to do, for a person. */
  readonly message: string;
}
