/**
 * Exit codes of the process. 64 to 77 follow BSD sysexits.h, so that schedulers know their meaning. If several apply to one
 * run, `worstExit` picks the one that needs a person most.
 */
export const Exit = {
  done: 0,
  /** A shot failed or is blocked. */
  failed: 1,
  /** The service may have accepted a submission whose answer was lost. */
  unknown: 2,
  usage: 64,
  /** The shot list, or an image it names, is wrong. */
  invalid: 65,
  /** The shot list itself is missing. */
  missing: 66,
  serviceDown: 69,
  /** Our own bug. */
  bug: 70,
  cannotWrite: 73,
  /** Not everything is done; running again continues. */
  unfinished: 75,
  /** Something is wrong with the token or the balance. */
  account: 77,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof Exit)[keyof typeof Exit];

const WORST_FIRST: readonly ExitCode[] = [
  Exit.interrupted,
  Exit.account,
  Exit.cannotWrite,
  Exit.serviceDown,
  Exit.unknown,
  Exit.failed,
  Exit.unfinished,
];

/** Exit code if several apply; 0 if none does. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return WORST_FIRST.find((code) => seen.has(code)) ?? Exit.done;
}
