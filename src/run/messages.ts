import { join } from 'node:path';
import { Exit } from '../base/exit.js';
import { shellWord } from '../base/text.js';
import { formatNumber } from '../base/units.js';
import type { SubmissionState } from '../manifest/manifest.js';
import type { OnInterrupt } from './brakes.js';
import type { Obstacle } from './directory/obstacle.js';
import type { EndState } from './events.js';
import { GIVEN_UP, type KeyState, type Render } from './records/render.js';

/** For a submission that the service did not take in time. */
export const NOT_TAKEN = 'The service did not take it in time. It cost nothing; run again to send it.';

/** Notice when a person stops a run. */
export function interruptNotice(on: OnInterrupt): string {
  const what =
    on === 'cancel'
      ? 'what is still queued is cancelled'
      : 'what is with the service stays there and is rendered';
  return `Stopping: nothing more is sent, and ${what}. Ctrl-C again quits immediately.`;
}

/** Notice before many clips of earlier runs are inspected. */
export function inspectNotice(count: number): string {
  return `Inspecting ${formatNumber(count)} clips of earlier runs, for flags and stills. Ctrl-C leaves that to the next run.`;
}

/** Notice about all shots that were not sent; the reason has been said before. */
export function unsentNotice(count: number): string {
  const what = count === 1 ? '1 shot was' : `${formatNumber(count)} shots were`;
  return `${what} not sent. Run again to continue.`;
}

/** For a shot that is not sent for a reason that is said once for the run. */
export const NOT_SENT = 'Not sent.';

/** For a shot that would pass a limit; the limit is named once for the run. */
export const OVER_BUDGET = 'Not sent: it would pass the limit.';

/** For a request that is with the service at the end of a run. */
export function stillThere(requestId: string): string {
  return `It is still with the service (request ${requestId}). Run again to fetch it.`;
}

/** Formats seconds as on the command line: `90s`, `20m`, `1h30m`. */
function formatDuration(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return parts.map((part, index) => (part > 0 ? `${part}${'hms'[index]}` : '')).join('') || '0s';
}

/** For a request that has been with the service for longer than a shot may take. */
export function overdue(requestId: string, seconds: number): string {
  return `It has been with the service for ${formatDuration(seconds)} and is not done. It is left there (request ${requestId}), not cancelled, since it is paid for. Run again to fetch it.`;
}

/** Notice while a clip does not arrive; `why` is a sentence. */
export function unfetchedNotice(name: string, why: string): string {
  return `The clip of ${name} cannot be fetched yet; still trying. ${why}`;
}

/** For a clip that did not arrive within its time, seconds; `fault` is a sentence. */
export function lateClip(seconds: number, fault: string | null): string {
  return `It did not arrive within ${formatDuration(seconds)}.${fault === null ? '' : ` ${fault}`}`;
}

/** For a submission that failed in an earlier run. */
export function failedMessage({ error, failures }: KeyState): string {
  const why = error?.message ?? 'It failed.';
  if (error?.code === GIVEN_UP) return `${why} It is not sent again; change the shot to render it again.`;
  const times = failures > 1 ? ` It has failed ${failures} times.` : '';
  return `${why}${times} It is not sent again by itself: change the shot, or pay for it again with --retry-failed.`;
}

/** Notice when a shot failed and is sent again by itself. */
export function retryNotice(options: {
  readonly name: string;
  readonly message: string;
  readonly seconds: number;
  readonly failures: number;
  readonly retries: number;
}): string {
  const { name, message, seconds, failures, retries } = options;
  return `${name} failed. ${message} It is sent again, and paid again, in ${seconds} s: retry ${failures} of ${retries}.`;
}

/** Notice when the time of the whole run is over. */
export function expiredNotice(seconds: number): string {
  return `The run's time of ${formatDuration(seconds)} is over: nothing more is sent, asked or fetched. What is with the service stays there; run again to continue.`;
}

/** For a submission that may have been accepted, with how to find out. */
export function unknownMessage({ submission, sentAt, requestId, error }: KeyState): string {
  const when = `${sentAt.slice(0, 19).replace('T', ' ')} UTC`;
  const look = requestId === null ? `a generation of ${when}` : `request ${requestId}, sent ${when},`;
  return [
    error?.message ?? 'It is not known whether the service accepted it.',
    `It is not sent again by itself, because it may have been billed.`,
    `On RunComfy's site, under Library > Generations, look for ${look} by ${submission.model} with the prompt`,
    `"${shortened(submission.prompt)}"; then settle it with shotlist resolve.`,
  ].join(' ');
}

/** Command that settles a submission; an ellipsis stands for an unknown request id. */
export function resolveCommand(
  directory: string,
  { shot, requestId }: { readonly shot: string; readonly requestId: string | null },
): string {
  const start = `shotlist resolve ${shellWord(directory)}`;
  const option = `--request-id ${requestId ?? '…'}`;
  // An id that begins with a dash would be read as an option.
  return shot.startsWith('-') ? `${start} ${option} -- ${shot}` : `${start} ${shot} ${option}`;
}

/** Longest part of a prompt in a message, characters. */
const LONGEST_PROMPT = 60;

function shortened(prompt: string): string {
  const line = prompt.replace(/\s+/g, ' ');
  return line.length > LONGEST_PROMPT ? `${line.slice(0, LONGEST_PROMPT).trimEnd()}…` : line;
}

const ENDS: Readonly<Record<Exclude<EndState, 'done' | 'blocked'>, string>> = {
  failed: 'failed',
  refused: 'was refused',
  cancelled: 'was cancelled',
  unknown: 'is unknown',
  unfinished: 'is not finished',
  unsent: 'is not sent yet',
};

/** For a shot that is not sent because of the shot it is chained to. */
export function blockedMessage(id: string, end: EndState | undefined): string {
  return `It waits for ${id}, which ${end && end in ENDS ? ENDS[end as keyof typeof ENDS] : 'is blocked'}.`;
}

/** Most ids in a notice. */
const MOST_IDS = 5;

/** The first ids of a list, and the number of the others. */
export function someOf(ids: readonly string[]): string {
  const more = ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : '';
  return `${ids.slice(0, MOST_IDS).join(', ')}${more}`;
}

/** Notice about shots that are chained to a clip which was rendered again since. */
export function staleNotice(ids: readonly string[]): string {
  const [are, them] = ids.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${someOf(ids)} ${are} chained to a clip that was rendered again since. To render ${them} again: --refresh-chained`;
}

/** Notice about shots without a price in a run with a limit. */
export function unpricedNotice(ids: readonly string[]): string {
  const does = ids.length === 1 ? 'does' : 'do';
  return `No price is known for ${someOf(ids)}, which ${does} not count toward the limit until the service reports a cost.`;
}

const RECORDS_GONE =
  'The records are gone with it, so another run would send these again, and pay again: put the folder back first, or keep the request ids above.';

/** Last notice of a run that could not go on. */
export function obstacleNotice(
  { exit, why, isRemoved }: Obstacle,
  states: Readonly<Record<SubmissionState, number>>,
): string {
  const { done, completed, submitted, unknown } = states;
  const where = `${done} here, ${completed} rendered but not here, ${submitted} with the service`;
  if (exit === Exit.bug) return `${why} ${where}.`;
  if (isRemoved) return `${why} ${where}. ${RECORDS_GONE}`;
  const loss = unknown > 0 ? `, ${unknown} unknown.` : '. Nothing is lost.';
  const next = exit === Exit.cannotWrite ? 'Make room there and run again.' : 'Run again when it is free.';
  return `${why} ${where}${loss} ${next}`;
}

/** Name of a service for people. */
export function serviceWords(service: string): string {
  return service === 'local' ? 'rehearsals on this machine' : service;
}

/** Notice about submissions that other runs have. */
export function takenOverNotice(count: number): string {
  const what = count === 1 ? '1 submission is' : `${count} submissions are`;
  return `${what} taken over from another run, and not sent again.`;
}

/** Notice about a render that two branches paid for. */
export function twiceNotice({ key, submission, attempts }: Render): string {
  const ids = attempts.flatMap(({ request_id }) => request_id ?? []).join(' and ');
  return `${submission.id} (${key.slice(0, 8)}) was rendered on two branches and paid for each time: requests ${ids}. Both are kept in its record; one clip is used.`;
}

/** For a clip that is rendered and cannot be fetched; `why` is a sentence. */
export function goneMessage(name: string, why: string): string {
  return [
    `Rendered and paid for, but its clip cannot be fetched: ${why}`,
    `Run again to ask again, or settle it with shotlist resolve ${name}: --file clip.mp4 if you have it,`,
    '--accept-missing if nobody needs it here, --rerender to pay for it again.',
  ].join(' ');
}

/** Notice about clips that are here without a record; `names` are without ending, in the folder of the clips. */
export function unrecordedNotice(folder: string, names: readonly [string, ...string[]]): string {
  const [is, it] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    `${someOf(names)} ${is} rendered here, but without a record: perhaps paid for on another branch.`,
    `To keep ${it}, take the record from there (git checkout <branch> -- ${shellWord(join(folder, `${names[0]}.json`))}) and run again.`,
  ].join(' ');
}
