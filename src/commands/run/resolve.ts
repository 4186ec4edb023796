import { resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { version } from '../../generated/version.js';
import { type Decision, resolveUnknown } from '../../run/requests/resolve.js';
import { type Console, fail } from '../console.js';

export interface ResolveFlags {
  readonly requestId?: string;
  readonly resubmit?: boolean;
  readonly giveUp?: boolean;
  readonly takeLock?: boolean;
}

const DECIDED: Readonly<Record<Decision['as'], string>> = {
  accepted: 'taken up: the next run polls and fetches it',
  resubmit: 'free to be sent again by the next run',
  'given-up': 'given up: it is neither waited for nor sent again',
};

/** `shotlist resolve`: records what happened to a submission whose answer was lost. */
export async function resolveSubmission(
  directory: string,
  submission: string,
  { flags, console }: { flags: ResolveFlags; console: Console },
): Promise<ExitCode> {
  const decisions: Decision[] = [
    ...(flags.requestId === undefined ? [] : [{ as: 'accepted', request_id: flags.requestId } as const]),
    ...(flags.resubmit ? [{ as: 'resubmit' } as const] : []),
    ...(flags.giveUp ? [{ as: 'given-up' } as const] : []),
  ];
  const [decision] = decisions;
  if (!decision || decisions.length > 1) {
    const message = 'say one of --request-id <id>, --resubmit and --give-up';
    return fail(console, { exit: Exit.usage, message });
  }
  const now = new Date(effects.now()).toISOString();
  const resolved = await resolveUnknown({
    directory: resolve(directory),
    submission,
    decision,
    now,
    toolVersion: version,
    takeLock: flags.takeLock,
  });
  if (!resolved.ok) return fail(console, resolved);
  for (const note of resolved.notes) console.stderr.write(`${note}\n`);
  console.stdout.write(`${resolved.id} is ${DECIDED[decision.as]}.\n`);
  return Exit.done;
}
