import { Exit } from '../base/exit.js';
import type { LoadOptions } from '../language/load.js';
import { choose } from '../plan/choose.js';
import type { Plan } from '../plan/plan.js';
import type { Failure } from './console.js';

/** How a command was told to read a list. */
export interface ListFlags {
  readonly profile?: string;
  readonly set?: ReadonlyMap<string, string>;
}

/** Which of its shots a command is for. */
export interface ChoiceFlags {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  readonly skipApproved?: boolean;
}

/** The flags as the loader takes them. */
export function loadOptions({ profile, set }: ListFlags): LoadOptions {
  return { profile, ...(set && { set }) };
}

/** Ids of the submissions that the flags name, with those they start from; all where nothing is said. */
export function chosenBy(
  plan: Plan,
  { only, except, skipApproved }: ChoiceFlags,
): ReadonlySet<string> | Failure {
  const skip = new Set(skipApproved ? plan.approved : []);
  const chosen = choose(plan, { ...(only && { only }), ...(except && { except }), skip });
  return chosen.ok ? chosen.ids : noShot(chosen.pattern);
}

/** A name on the command line that stands for nothing. */
export function noShot(pattern: string): Failure {
  return {
    exit: Exit.usage,
    message: `no shot is called ${pattern}`,
    hint: 'a name may have * in it, as in beach*; scene:010 is a whole scene',
  };
}
