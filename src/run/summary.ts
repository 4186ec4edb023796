import { relative, sep } from 'node:path';
import type { Manifest, ManifestEntry, Output, SubmissionState } from '../manifest/manifest.js';
import { writeManifest } from '../manifest/manifest-file.js';
import { withoutSignatures } from '../models/native-input.js';
import {
  LISTED,
  type ListedFields,
  type Plan,
  pick,
  SENT,
  type SentFields,
  type Submission,
  UNLISTED,
} from '../plan/plan.js';
import { chainedFrames, chainedTo, dependentsOf, staleFrame } from './chains.js';
import { blockedMessage } from './messages.js';
import { withoutSecrets } from './records/record-file.js';
import { type KeyState, type KeyStates, spentOn } from './records/render.js';
import type { Sleep } from './waits.js';

/** The manifest of a run: the plan, joined with what the records say of it. Pure. */
export function summarize(options: {
  readonly plan: Plan;
  readonly keyStates: KeyStates;
  /** `local`, or the API's origin. */
  readonly service: string;
  /** Absolute path of the manifest's folder. */
  readonly directory: string;
  readonly toolVersion: string;
}): Manifest {
  const { plan, keyStates, service, directory } = options;
  const { title, aspect, path } = plan.list;
  const blocked = blockedKeys(plan, keyStates);
  const listed = new Set(plan.submissions.map(({ key }) => key));
  const unlisted = [...keyStates.values()].filter((known) => !listed.has(known.key) && mayHaveCost(known));
  return {
    manifest: 1,
    tool: { name: 'shotlist', version: options.toolVersion },
    service,
    list: { file: relative(directory, path).split(sep).join('/'), title, aspect },
    scenes: plan.scenes,
    submissions: plan.submissions.map((submission) => listedEntry(submission, { keyStates, blocked })),
    unlisted: unlisted.map((known) => unlistedEntry(known, keyStates)),
  };
}

/** Number of submissions in each state. */
export function countStates(
  submissions: readonly Pick<ManifestEntry, 'state'>[],
): Readonly<Record<SubmissionState, number>> {
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
  for (const { state } of submissions) counts[state] += 1;
  return counts;
}

/** Ids of the list's submissions whose clips differ from what was asked for. */
export function flaggedIds({ submissions }: Manifest): readonly string[] {
  return submissions
    .filter(({ accepted_missing }) => !accepted_missing)
    .filter(({ outputs }) => outputs.some(({ check }) => (check?.flags.length ?? 0) > 0))
    .map(({ id }) => id);
}

/** Code of the error of a submission that was not sent because of another. */
export const BLOCKED = 'blocked';

/** States that last until a person does something. */
const STUCK: ReadonlySet<SubmissionState> = new Set(['failed', 'refused', 'unknown']);

/** Keys that are chained, directly or not, to a stuck one; each with the reason, in a sentence. */
function blockedKeys({ submissions }: Plan, keyStates: KeyStates): ReadonlyMap<string, string> {
  const links = submissions
    .map(({ key, input }) => ({ key, frames: chainedFrames(input) }))
    .filter(({ frames }) => frames.length > 0);
  const dependents = dependentsOf(links);
  const stateOf = (key: string) => keyStates.get(key)?.state ?? 'planned';
  const reached = chainedTo(dependents, {
    first: [...dependents.keys()].filter((key) => STUCK.has(stateOf(key))),
    passes: ({ key }) => stateOf(key) === 'planned',
  });
  const reasons = new Map<string, string>();
  for (const [key, frame] of reached) {
    const state = stateOf(frame.key);
    const end = state === 'failed' || state === 'refused' || state === 'unknown' ? state : 'blocked';
    reasons.set(key, blockedMessage(frame.$last_frame_of, end));
  }
  return reasons;
}

function listedEntry(
  submission: Submission,
  { keyStates, blocked }: { readonly keyStates: KeyStates; readonly blocked: ReadonlyMap<string, string> },
): ManifestEntry {
  const known = keyStates.get(submission.key);
  // A submission that was sent keeps what was sent, without signatures, and the price of that day.
  const sent =
    known && known.state !== 'planned'
      ? known.submission
      : { ...submission, input: withoutSignatures(submission.input) };
  const message = blocked.get(submission.key);
  const error = message === undefined ? undefined : { code: BLOCKED, message };
  return entry(submission, { sent, known, keyStates, error });
}

function unlistedEntry(known: KeyState, keyStates: KeyStates): ManifestEntry {
  const { key, submission } = known;
  return entry({ ...submission, ...UNLISTED, key, same_as: null }, { sent: submission, known, keyStates });
}

function entry(
  listed: ListedFields & Pick<Submission, 'key' | 'same_as'>,
  options: {
    readonly sent: SentFields;
    readonly known: KeyState | undefined;
    readonly keyStates: KeyStates;
    readonly error?: ManifestEntry['error'] | undefined;
  },
): ManifestEntry {
  const { sent, known, keyStates, error } = options;
  return {
    ...pick(listed, LISTED),
    state: known?.state ?? 'planned',
    key: listed.key,
    same_as: listed.same_as,
    ...pick(sent, SENT),
    cost: { estimate: sent.cost.usd, actual: known?.cost ?? null, ...otherAttempts(known) },
    attempts: known?.attempts ?? 0,
    ...(known && known.failures > 0 && { failures: known.failures }),
    request_id: known?.requestId ?? null,
    ...(known?.cancelling && CANCELLABLE.has(known.state) && { cancelling: true }),
    ...(known?.acceptedMissing && { accepted_missing: true }),
    times: timesOf(known),
    outputs: known?.outputs.map(withoutSignature) ?? [],
    error: error ?? known?.error ?? null,
    warnings: known && wasAccepted(known) ? staleWarnings(known, keyStates) : [],
  };
}

/** True if the service accepted it, or may have. */
function wasAccepted({ state }: KeyState): boolean {
  return state !== 'planned' && state !== 'refused';
}

/** True if a manifest without it would lose track of money. */
function mayHaveCost(known: KeyState): boolean {
  const { usd, unknown } = spentOn(known);
  return wasAccepted(known) || usd > 0 || unknown > 0;
}

function staleWarnings(known: KeyState, keyStates: KeyStates): readonly string[] {
  const frame = staleFrame(known, keyStates);
  return frame ? [`It is chained to a clip of ${frame.$last_frame_of} that was rendered again since.`] : [];
}

/** Cost of the attempts that the entry does not describe. A `planned` entry describes none. */
function otherAttempts(known: KeyState | undefined): Pick<ManifestEntry['cost'], 'other_attempts'> {
  if (!known) return {};
  const { usd, unknown } = known.state === 'planned' ? spentOn(known) : known.others;
  return usd > 0 || unknown > 0 ? { other_attempts: { usd, unknown } } : {};
}

/** States in which a later `cancelled` of the service may be the answer to our request. */
const CANCELLABLE: ReadonlySet<SubmissionState> = new Set(['submitted', 'unknown']);

function timesOf(known: KeyState | undefined): ManifestEntry['times'] {
  return {
    submitted: known && wasAccepted(known) ? known.sentAt : null,
    completed: known?.finishedAt ?? null,
  };
}

/** The output as anyone may see it; a link of this run still has its signature. */
function withoutSignature(output: Output): Output {
  return { ...output, url: output.url === null ? null : withoutSecrets(output.url) };
}

/** Least time between two writes, milliseconds. */
const INTERVAL = 1000;

interface ManifestWriterOptions {
  readonly path: string;
  readonly make: () => Manifest;
  /** Rejects if the file is now another run's to write. Called before each write. */
  readonly permit: () => Promise<void>;
  readonly sleep: Sleep;
  /** Called once, if the manifest cannot be written. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps a manifest file up to date during a run: one write at a time, at most one a second. */
export class ManifestWriter {
  readonly #options: ManifestWriterOptions;
  #isOver = false;
  #isChanged = false;
  #working: Promise<void> | null = null;
  /** Ends the pause after a write. */
  #pause = new AbortController();

  constructor(options: ManifestWriterOptions) {
    this.#options = options;
  }

  /** Schedules a write. */
  changed(): void {
    this.#isChanged = true;
    if (!this.#isOver) this.#working ??= this.#work();
  }

  /** Writes the last manifest and returns it. Rejects with the file system's error, or with the error of `permit`. */
  async finish(): Promise<Manifest> {
    this.#end();
    await this.#working;
    return this.#write();
  }

  async #work(): Promise<void> {
    while (this.#isChanged && !this.#isOver) {
      this.#isChanged = false;
      try {
        await this.#write();
      } catch (error) {
        this.#end();
        this.#options.onFailure(error);
      }
      await this.#rest();
    }
    this.#working = null;
  }

  async #rest(): Promise<void> {
    if (this.#isOver) return;
    this.#pause = new AbortController();
    await this.#options.sleep(INTERVAL, this.#pause.signal);
  }

  async #write(): Promise<Manifest> {
    const { path, make, permit } = this.#options;
    await permit();
    const manifest = make();
    await writeManifest(path, manifest);
    return manifest;
  }

  #end(): void {
    this.#isOver = true;
    this.#pause.abort();
  }
}
