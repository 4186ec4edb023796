import { basename, join, relative, sep } from 'node:path';
import { Exit } from '../base/exit.js';
import { shellWord } from '../base/text.js';
import { formatNumber } from '../base/units.js';
import type { SubmissionState } from '../manifest/manifest.js';
import type { RequestState } from '../runcomfy/service.js';
import type { OnInterrupt } from './brakes.js';
import type { Obstacle } from './directory/obstacle.js';
import type { EndState } from './events.js';
import { GIVEN_UP, KEY_START, type KeyState, type KeyStates, type Render } from './records/render.js';

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

/** For a shot whose model the service does not know, which is said once for the run. */
export const UNKNOWN_MODEL = 'The service does not know its model.';

/** Notice that a model is not known to the service; `why` is a sentence that names it. */
export function unknownModelNotice(why: string): string {
  return [
    `${why} No other shot of this model is sent.`,
    'Give its shots another one, which `shotlist models` lists; if the service has renamed it, `shotlist models add <its new id>` takes it from the catalog.',
  ].join(' ');
}

/** For a shot that would pass a limit; the limit is named once for the run. */
export const OVER_BUDGET = 'Not sent: it would pass the limit.';

/** For a request that is with the service at the end of a run. */
export function stillThere(requestId: string): string {
  return `It is still with the service (request ${requestId}). Run again to fetch it.`;
}

/** Way out for a request that the service refuses to talk about. */
export function orGiveUp(known: KeyState, { directory, keyStates }: Place): string {
  return `If it stays so, end the waiting: ${settleCommand(typedDirectory(directory), nameOf(known, keyStates.values()), '--give-up')}`;
}

/** For a request that another account sent, which is explained once for the run. */
export function notOurs(requestId: string): string {
  return `Request ${requestId} belongs to another account.`;
}

/** Notice about a request that another account sent; `why` is the service's refusal, with the way out. */
export function otherAccountNotice(
  known: KeyState,
  { why, directory, keyStates }: Place & { readonly why: string },
): string {
  const giveUp = settleCommand(typedDirectory(directory), nameOf(known, keyStates.values()), '--give-up');
  return `${why} It is not sent again by itself. If that account is out of reach, end the waiting: ${giveUp}`;
}

/** Formats seconds as on the command line: `90s`, `20m`, `1h30m`. */
function formatDuration(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return parts.map((part, index) => (part > 0 ? `${part}${'hms'[index]}` : '')).join('') || '0s';
}

/**
 * For a request that has been with the service for longer than a shot may take; `seconds` is its age, and `said` a sentence with
 * what the service said last, or null.
 */
export function overdue(
  known: KeyState,
  options: Place & { readonly seconds: number; readonly said: string | null },
): string {
  const { seconds, said, directory, keyStates } = options;
  return [
    `It has been with the service for ${formatDuration(seconds)} and is not done.`,
    ...(said === null ? [] : [said]),
    `It is left there (request ${known.requestId}), not cancelled, since it is paid for.`,
    `Run again to fetch it, or end the waiting: ${settleCommand(typedDirectory(directory), nameOf(known, keyStates.values()), '--give-up')}`,
  ].join(' ');
}

type SaidOfRequest = Pick<RequestState, 'rawStatus' | 'code' | 'error'>;

/** Last words of the service about a request, as it said them. */
export function saidMessage(request: SaidOfRequest): string {
  const { rawStatus, code, error } = request;
  const word = rawStatus === '' ? 'no status' : `\`${rawStatus}\``;
  return sentence(`The service said ${word}${code === null ? '' : `, code ${code}`}`, error);
}

/** For a request that ended without a clip, with the words of the service. */
export function failureMessage({
  status,
  rawStatus,
  code,
  error,
}: SaidOfRequest & Pick<RequestState, 'status'>): string {
  const what =
    status === 'cancelled' ? 'It was cancelled, not by this run' : 'The service could not render it';
  // The usual words say no more than the sentence does.
  const isUsual = /^(?:failed|cancell?ed)$/.test(rawStatus);
  const said = [
    ...(isUsual ? [] : [rawStatus === '' ? 'no status' : `\`${rawStatus}\``]),
    ...(code === null ? [] : [`code ${code}`]),
  ];
  return sentence(said.length === 0 ? what : `${what} (${said.join(', ')})`, error);
}

function sentence(what: string, why: string | null): string {
  return why === null ? `${what}.` : `${what}: ${why.replace(/[^.!?]$/, '$&.')}`;
}

/** Notice while a clip does not arrive; `why` is a sentence. */
export function unfetchedNotice(name: string, why: string): string {
  return `The clip of ${name} cannot be fetched yet; still trying. ${why}`;
}

/** Notice when the service sent something else than a video, which is kept; `what` is its kind, such as `a PNG file`. */
export function noVideoNotice(
  name: string,
  { what, file }: { readonly what: string; readonly file: string },
): string {
  return `What the service sent for ${name} is ${what}, no usable video. It is kept as ${file}; nothing is cut from it or chained to it.`;
}

/** Notice about a file beside a clip that is nothing to keep; `why` is a sentence. */
export function besideNotice(name: string, why: string): string {
  return `The clip of ${name} is here. The service names another file for it: ${why}`;
}

/** For a clip that did not arrive within its time, seconds; `fault` is a sentence. */
export function lateClip(seconds: number, fault: string | null): string {
  return `It did not arrive within ${formatDuration(seconds)}.${fault === null ? '' : ` ${fault}`}`;
}

/** For a submission that failed in an earlier run. */
export function failedMessage(known: KeyState, place: Place): string {
  const { error, failures, requestId } = known;
  const why = error?.message ?? 'It failed.';
  if (error?.code === GIVEN_UP) {
    const ways: Way[] = [
      ...(requestId === null ? [] : [[`--request-id ${requestId}`, 'to wait for it after all'] as const]),
      ['--rerender', 'to pay for it again'],
    ];
    return `${why} It is not sent again by itself: change the shot, or ${waysOf(known, ways, place)}.`;
  }
  const times = failures > 1 ? ` It has failed ${failures} times.` : '';
  return `${why}${times} It is not sent again by itself: change the shot, or pay for it again with --retry-failed.`;
}

/** Notice when a shot failed and is sent again by itself: in some seconds, or by the next run if `seconds` is null. */
export function retryNotice(options: {
  readonly name: string;
  readonly message: string;
  readonly seconds: number | null;
  readonly failures: number;
  readonly retries: number;
}): string {
  const { name, message, seconds, failures, retries } = options;
  const again =
    seconds === null
      ? 'The next run sends it again, and pays again'
      : `It is sent again, and paid again, in ${seconds} s`;
  return `${name} failed. ${message} ${again}: retry ${failures} of ${retries}.`;
}

/** Notice when the time of the whole run is over. */
export function expiredNotice(seconds: number): string {
  return `The run's time of ${formatDuration(seconds)} is over: nothing more is sent, asked or fetched. What is with the service stays there; run again to continue.`;
}

/** For a submission that may have been accepted, with how to find out. */
export function unknownMessage(known: KeyState, place: Place): string {
  const { submission, sentAt, requestId, error } = known;
  const when = `${sentAt.slice(0, 19).replace('T', ' ')} UTC`;
  const look = requestId === null ? `a generation of ${when}` : `request ${requestId}, sent ${when},`;
  const ways: Way[] = [
    [`--request-id ${requestId ?? '<id>'}`, 'it is there'],
    ['--resubmit', 'it is not there'],
    ['--give-up', 'do not wait for it'],
  ];
  return [
    error?.message ?? 'It is not known whether the service accepted it.',
    `It is not sent again by itself, because it may have been billed.`,
    `On RunComfy's site, under Library > Generations, look for ${look} by ${submission.model} with the prompt`,
    `"${shortened(submission.prompt)}"; then settle it: ${waysOf(known, ways, place)}.`,
  ].join(' ');
}

/** The run directory of a submission, an absolute path, and all that it knows. */
export interface Place {
  readonly directory: string;
  readonly keyStates: KeyStates;
}

/** An option of `resolve`, and when to take it. */
type Way = readonly [option: string, when: string];

/** Commands that settle a submission, each with its reason: `shotlist resolve … (it is there)`. */
function waysOf(known: KeyState, ways: readonly Way[], { directory, keyStates }: Place): string {
  const command = (option: string) =>
    settleCommand(typedDirectory(directory), nameOf(known, keyStates.values()), option);
  return ways.map(([option, when]) => `${command(option)} (${when})`).join(', or ');
}

/** A run directory as it is typed in the current folder. */
function typedDirectory(directory: string): string {
  const path = relative(process.cwd(), directory).split(sep).join('/');
  return path === '' ? '.' : path;
}

/** The name by which `resolve` finds a submission: its id, or the start of its key if other submissions had the same id. */
export function nameOf({ submission, key }: KeyState, all: Iterable<KeyState>): string {
  for (const other of all) {
    if (other.submission.id === submission.id && other.key !== key) return key.slice(0, KEY_START);
  }
  return submission.id;
}

/** Command that settles a submission with an option; `directory` is as it is typed. */
export function settleCommand(directory: string, shot: string, option: string): string {
  // A path or an id that begins with a dash would be read as an option.
  const start = `shotlist resolve ${shellWord(directory.startsWith('-') ? `./${directory}` : directory)}`;
  return shot.startsWith('-')
    ? `${start} ${option} -- ${shellWord(shot)}`
    : `${start} ${shellWord(shot)} ${option}`;
}

/** Command that names the request of a submission; an ellipsis stands for an unknown request id. */
export function resolveCommand(
  directory: string,
  { shot, requestId }: { readonly shot: string; readonly requestId: string | null },
): string {
  return settleCommand(directory, shot, `--request-id ${requestId ?? '…'}`);
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

const GONE: readonly Way[] = [
  ['--file clip.mp4', 'if you have it'],
  ['--accept-missing', 'if it is not needed here'],
  ['--rerender', 'to pay for it again'],
];

/** Commands that settle a clip which cannot be fetched. */
export function goneWays(known: KeyState, place: Place): string {
  return waysOf(known, GONE, place);
}

/** For a clip that is rendered and cannot be fetched; `why` is a sentence. */
export function goneMessage(known: KeyState, { why, ...place }: Place & { readonly why: string }): string {
  return `Rendered and paid for, but its clip cannot be fetched: ${why} Run again to ask again, or settle it: ${waysOf(known, GONE, place)}.`;
}

/** For a clip that cannot be fetched, in whose place another branch's clip of the same shot is used; `why` is a sentence. */
export function twinNotice(
  { submission: { id }, requestId }: KeyState,
  { why, twin }: { readonly why: string; readonly twin: string },
): string {
  return `${id} was rendered twice. The clip of request ${requestId} cannot be fetched: ${why} The clip of request ${twin} is here, and is used from here on.`;
}

/** Notice about clips that are here without a record; `paths` are relative to the run directory, without the ending. */
export function unrecordedNotice(directory: string, paths: readonly [string, ...string[]]): string {
  const [is, it] = paths.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const record = join(directory, `${paths[0]}.json`);
  return [
    `${someOf(paths.map((path) => basename(path)))} ${is} rendered here, but without a record: perhaps paid for on another branch.`,
    `To keep ${it}, take the record from there (git checkout <branch> -- ${shellWord(record)}) and run again.`,
  ].join(' ');
}
