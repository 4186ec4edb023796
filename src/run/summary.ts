import { relative, sep } from 'node:path';
import { byIdentity } from '../base/by-identity.js';
import type { Manifest, ManifestEntry, SubmissionState } from '../manifest/manifest.js';
import type { Plan } from '../plan/plan.js';
import {
  LISTED,
  type ListedFields,
  pick,
  SENT,
  type SentFields,
  type Submission,
  UNLISTED,
} from '../plan/submission.js';
import { chainedFrames, dependentsOf, follows, staleFrame } from './chains.js';
import { type Fold, type KeyState, spentOn } from './journal/fold.js';
import { blockedMessage } from './messages.js';
import { withoutSignatures } from './requests/media-body.js';

/** The manifest of a run: what was planned, joined with what the journal says of it. Pure. */
export function summarize(options: {
  readonly plan: Plan;
  readonly fold: Fold;
  /** `local`, or the API's origin. */
  readonly service: string;
  /** Absolute path of the manifest's folder. */
  readonly directory: string;
  readonly toolVersion: string;
  /** Entries of the last summary, which are taken again where nothing has changed. */
  readonly before?: Entries;
}): Manifest {
  const { plan, fold, service, directory, before = noEntries() } = options;
  const { title, aspect, sha256, path } = plan.list;
  const { listed } = shapeOf(plan);
  const blocked = blockedIn(plan, fold);
  return {
    manifest: 1,
    tool: { name: 'shotlist', version: options.toolVersion },
    service,
    list: { file: relative(directory, path).split(sep).join('/'), title, aspect, sha256 },
    scenes: plan.scenes ?? [],
    submissions: plan.submissions.map((submission, index) => {
      const known = fold.get(submission.key);
      const why = blocked.get(submission.key) ?? null;
      return (
        unchanged(before.listed[index], known, why) ??
        again(before.listed, index, {
          known,
          blocked: why,
          fold,
          make: (now) => listedEntry(submission, now),
        })
      );
    }),
    unlisted: unlistedIn(fold, listed).map((known, index) =>
      again(before.unlisted, index, { known, blocked: null, fold, make: () => unlistedEntry(known) }),
    ),
  };
}

/** What has left the list, and may have cost something. */
function unlistedIn(fold: Fold, listed: ReadonlySet<string>): readonly KeyState[] {
  const found: KeyState[] = [];
  for (const [key, known] of fold) if (!listed.has(key) && mayHaveCost(known)) found.push(known);
  return found;
}

/** Submissions of a list by their state. */
export function countStates(manifest: Manifest): Readonly<Record<SubmissionState, number>> {
  const counts = {
    planned: 0,
    refused: 0,
    submitted: 0,
    completed: 0,
    done: 0,
    failed: 0,
    cancelled: 0,
    unknown: 0,
  };
  for (const { state } of manifest.submissions) counts[state] += 1;
  return counts;
}

/** Ids of the submissions of a list whose clips are not what was asked for. */
export function flaggedIds({ submissions }: Manifest): readonly string[] {
  return submissions
    .filter(({ outputs }) => outputs.some(({ check }) => (check?.flags.length ?? 0) > 0))
    .map(({ id }) => id);
}

/** What a plan alone says, whatever has become of it. */
const shapeOf = byIdentity(({ submissions }: Plan) => {
  const links = submissions
    .map(({ key, input }) => ({ key, frames: chainedFrames(input) }))
    .filter(({ frames }) => frames.length > 0);
  return { listed: new Set(submissions.map(({ key }) => key)), links, dependents: dependentsOf(links) };
});

/** Keys that wait for something which stays as it is until somebody sees to it, each with why. */
function blockedIn(plan: Plan, fold: Fold): ReadonlyMap<string, string> {
  const { links, dependents } = shapeOf(plan);
  if (links.length === 0) return new Map();
  const stateOf = (key: string) => fold.get(key)?.state ?? 'planned';
  const stuck = (key: string) => STUCK.has(stateOf(key));
  const passes = ({ key }: { readonly key: string }) => stateOf(key) === 'planned';
  const reached = follows(dependents, { first: [...dependents.keys()].filter(stuck), passes });
  const why = ([key, frame]: readonly [string, (typeof links)[number]['frames'][number]]) => {
    const state = stateOf(frame.key);
    const end = state === 'failed' || state === 'refused' || state === 'unknown' ? state : 'blocked';
    return [key, blockedMessage(frame.$last_frame_of, end)] as const;
  };
  return new Map([...reached].map(why));
}

/** Code of the error of one that was not sent because of another. */
export const BLOCKED = 'blocked';

const STUCK: ReadonlySet<SubmissionState> = new Set(['failed', 'refused', 'unknown']);

/** Entries by their places, with what they were made of. */
export interface Entries {
  readonly listed: Made[];
  readonly unlisted: Made[];
}

/** For a first summary. */
export function noEntries(): Entries {
  return { listed: [], unlisted: [] };
}

interface Made {
  readonly known: KeyState | undefined;
  readonly blocked: string | null;
  readonly warning: string | null;
  /** Whether it goes on from no other, so that nothing else can make a warning necessary. */
  readonly isAlone: boolean;
  readonly entry: ManifestEntry;
}

/** The entry of before, the very object, where nothing was learned since: of thousands only a few have changed. */
function unchanged(
  made: Made | undefined,
  known: KeyState | undefined,
  blocked: string | null,
): ManifestEntry | null {
  return made?.isAlone && made.known === known && made.blocked === blocked ? made.entry : null;
}

/** The entry of before where it would be the same again, else one that is made now. */
function again(
  made: Made[],
  place: number,
  now: Pick<Made, 'known' | 'blocked'> & {
    readonly fold: Fold;
    readonly make: (now: Pick<Made, 'known' | 'blocked'>) => ManifestEntry;
  },
): ManifestEntry {
  const { known, blocked, fold, make } = now;
  const before = made[place];
  const isSame = before?.known === known && before?.blocked === blocked;
  const warning = blocked === null ? warningOf(known, fold) : null;
  if (before && isSame && before.warning === warning) return before.entry;
  const fresh = make(now);
  const entry = warning === null ? fresh : { ...fresh, warnings: [warning] };
  const isAlone = known === undefined || chainedFrames(known.submission.input).length === 0;
  made[place] = { known, blocked, warning, isAlone, entry };
  return entry;
}

function listedEntry(
  submission: Submission,
  { known, blocked }: Pick<Made, 'known' | 'blocked'>,
): ManifestEntry {
  // Once sent, the manifest says what was sent, priced as it was then.
  const sent = known && known.state !== 'planned' ? known.submission : submission;
  const made = entry(submission, { sent, known });
  return blocked === null ? made : { ...made, error: { code: BLOCKED, message: blocked } };
}

/** Whether the service took it, or may have: what it never took is not worth a line once the shot is gone. */
function wasAccepted({ state }: KeyState): boolean {
  return state !== 'planned' && state !== 'refused';
}

/** Whether a manifest without it would forget money. */
function mayHaveCost(known: KeyState): boolean {
  const { usd, unknown } = spentOn(known);
  return wasAccepted(known) || usd > 0 || unknown > 0;
}

function warningOf(known: KeyState | undefined, fold: Fold): string | null {
  const frame = known && wasAccepted(known) ? staleFrame(known, fold) : null;
  return frame && `It goes on from a clip of ${frame.$last_frame_of} that was rendered anew since.`;
}

function unlistedEntry(known: KeyState): ManifestEntry {
  const { key, submission } = known;
  const listed = { ...submission, ...UNLISTED, key, same_as: null };
  return entry(listed, { sent: submission, known });
}

function entry(
  listed: ListedFields & Pick<Submission, 'key' | 'same_as'>,
  { sent, known }: { readonly sent: SentFields; readonly known: KeyState | undefined },
): ManifestEntry {
  return {
    ...pick(listed, LISTED),
    state: known?.state ?? 'planned',
    key: listed.key,
    same_as: listed.same_as,
    ...pick(sent, SENT),
    input: withoutSignatures(sent.input),
    cost: { estimate: sent.cost.usd, actual: known?.cost ?? null, ...otherAttempts(known) },
    attempts: known?.attempts ?? 0,
    ...(known && known.failures > 0 && { failures: known.failures }),
    request_id: known?.requestId ?? null,
    ...(known?.cancelling && CANCELLABLE.has(known.state) && { cancelling: true }),
    times: timesOf(known),
    outputs: known?.outputs.map(({ downloadedAt: _, ...output }) => output) ?? [],
    error: known?.error ?? null,
    warnings: [],
  };
}

/** Of one that is free to be sent again, the entry tells of no attempt: then all of them are others. */
function otherAttempts(known: KeyState | undefined): Pick<ManifestEntry['cost'], 'other_attempts'> {
  if (!known) return {};
  const { usd, unknown } = known.state === 'planned' ? spentOn(known) : known.others;
  return usd > 0 || unknown > 0 ? { other_attempts: { usd, unknown } } : {};
}

/** Where it matters whose wish it was, should the service say that it is cancelled. */
const CANCELLABLE: ReadonlySet<SubmissionState> = new Set(['submitted', 'unknown']);

function timesOf(known: KeyState | undefined): ManifestEntry['times'] {
  return {
    // Of an unknown one, when it was about to leave: the only clue for finding it on the site.
    submitted: known?.submittedAt ?? (known?.state === 'unknown' ? known.sentAt : null),
    completed: known?.completedAt ?? null,
    downloaded: known?.state === 'done' ? lastDownload(known) : null,
  };
}

function lastDownload({ outputs }: KeyState): string | null {
  let last: string | null = null;
  for (const { downloadedAt } of outputs) {
    if (downloadedAt !== null && (last === null || downloadedAt > last)) last = downloadedAt;
  }
  return last;
}
