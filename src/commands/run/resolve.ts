import { resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { version } from '../../generated/version.js';
import { probeVideo } from '../../media/probe.js';
import { type Decision, resolveSubmission } from '../../run/requests/resolve.js';
import { type Console, fail } from '../console.js';

export interface ResolveFlags {
  readonly requestId?: string;
  readonly resubmit?: boolean;
  readonly giveUp?: boolean;
  readonly file?: string;
  readonly acceptMissing?: boolean;
  readonly rerender?: boolean;
  readonly takeLock?: boolean;
}

const DECIDED: Readonly<Record<Decision['as'], string>> = {
  accepted: 'taken up: the next run polls and fetches it',
  released: 'free to be sent again by the next run',
  'given-up': 'given up: it is neither waited for nor sent again',
  file: 'done: its clip is here',
  'accepted-missing': 'settled: its clip is not fetched and not missed here',
  rerender: 'free to be rendered again: the next run asks, and pays again',
};

/** `shotlist resolve`: settles a submission that does not end by itself. */
export async function resolveByHand(
  directory: string,
  submission: string,
  { flags, console }: { flags: ResolveFlags; console: Console },
): Promise<ExitCode> {
  const { requestId, file } = flags;
  const decisions: Decision[] = [
    ...(requestId === undefined ? [] : [{ as: 'accepted', request_id: requestId } as const]),
    ...(flags.resubmit ? [{ as: 'released' } as const] : []),
    ...(flags.giveUp ? [{ as: 'given-up' } as const] : []),
    ...(file === undefined ? [] : [{ as: 'file', path: resolve(file) } as const]),
    ...(flags.acceptMissing ? [{ as: 'accepted-missing' } as const] : []),
    ...(flags.rerender ? [{ as: 'rerender' } as const] : []),
  ];
  const [decision] = decisions;
  if (!decision || decisions.length > 1) {
    const message =
      'say one of --request-id <id>, --resubmit, --give-up, --file <clip>, --accept-missing and --rerender';
    return fail(console, { exit: Exit.usage, message });
  }
  const now = new Date(effects.now()).toISOString();
  const resolved = await resolveSubmission({
    directory: resolve(directory),
    submission,
    decision,
    now,
    toolVersion: version,
    probeVideo,
    takeLock: flags.takeLock,
  });
  if (!resolved.ok) return fail(console, resolved);
  for (const note of resolved.notes) console.stderr.write(`${note}\n`);
  console.stdout.write(`${resolved.id} is ${DECIDED[decision.as]}.\n`);
  return Exit.done;
}
