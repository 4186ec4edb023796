import { Exit, type ExitCode } from '../../base/exit.js';
import type { Start } from '../../emulator/emulator.js';
import type { Failure } from '../console.js';

const EXITS: Readonly<Record<(Start & { ok: false })['reason'], ExitCode>> = {
  'port-in-use': Exit.usage,
  'cannot-listen': Exit.usage,
  'cannot-write': Exit.cannotWrite,
  'unreadable-state': Exit.invalid,
};

/** Why the emulator did not start, for a command. */
export function emulatorFailure({ reason, message, hint }: Start & { ok: false }): Failure {
  return { exit: EXITS[reason], message, hint };
}
