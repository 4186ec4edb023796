import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { putInPlace } from '../../base/durable-file.js';
import { Exit } from '../../base/exit.js';
import type { SubmissionState } from '../../manifest/manifest.js';
import { isVideo, kindWords } from '../../media/facts.js';
import { kindOfFile } from '../../media/file-kind.js';
import { isRequestId } from '../../runcomfy/answers.js';
import { hashOf } from '../clips/local-copies.js';
import { clipIsHere, clipName, clipsAreHere, withEnding } from '../clips/recorded-clips.js';
import type { RunDeps } from '../context.js';
import { type HeldDirectory, holdDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/manifests.js';
import type { RunRefused } from '../directory/obstacle.js';
import { CLIPS } from '../records/record-file.js';
import { hasFailed, KEY_START, type KeyState, type KeyStates } from '../records/render.js';
import type { Step } from '../records/steps.js';

/** A person's decision about a submission that does not end by itself. */
export type Decision =
  /** The service has it: it is polled and fetched by the next run. */
  | { readonly as: 'accepted'; readonly request_id: string }
  /** The service never took it: the next run sends it. */
  | { readonly as: 'released' }
  /** It is neither waited for nor sent again. */
  | { readonly as: 'given-up' }
  /** The clip was saved by hand, at this absolute path. */
  | { readonly as: 'file'; readonly path: string }
  /** The clip is missing, and is not needed here. */
  | { readonly as: 'accepted-missing' }
  /** The next run renders it again, and pays again. */
  | { readonly as: 'rerender' };

export type Resolved =
  | {
      readonly ok: true;
      readonly key: string;
      readonly id: string;
      /** Manifests that could not be brought up to date, in words. */
      readonly notes: readonly string[];
    }
  | RunRefused;

export interface ResolveOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly submission: string;
  readonly decision: Decision;
  /** UTC, ISO 8601. */
  readonly now: string;
  readonly toolVersion: string;
  readonly probeVideo: RunDeps['probeVideo'];
  /** Takes the directory from the run that holds it. */
  readonly takeLock?: boolean | undefined;
}

/** True if a name means this submission: its id, or the start of its content key. */
export function isNamed({ submission, key }: KeyState, name: string): boolean {
  return submission.id === name || (name.length >= KEY_START && key.startsWith(name.toLowerCase()));
}

/** States in which a decision makes sense, and the words for them. */
const OPEN_TO: Readonly<
  Record<Decision['as'], { readonly states: readonly SubmissionState[]; readonly words: string }>
> = {
  accepted: { states: ['unknown', 'failed'], words: 'Unknown or given up here' },
  released: { states: ['unknown'], words: 'Unknown here' },
  'given-up': { states: ['unknown', 'submitted'], words: 'Unknown or with the service' },
  file: {
    states: ['unknown', 'submitted', 'completed', 'done', 'failed', 'cancelled'],
    words: 'Without a clip here',
  },
  'accepted-missing': { states: ['completed', 'done'], words: 'Rendered and not here' },
  rerender: { states: ['completed', 'done', 'failed'], words: 'Rendered or failed' },
};

/** Decisions about a clip that is not here. */
const ABOUT_MISSING: ReadonlySet<Decision['as']> = new Set(['file', 'accepted-missing']);

/**
 * Settles a submission that does not end by itself, named by its id or the start of its content key. Records the decision
 * and brings the manifests up to date; sends nothing. A person's mistake is a failure with an exit code and a message.
 */
export async function resolveSubmission(options: ResolveOptions): Promise<Resolved> {
  const { decision } = options;
  if (decision.as === 'accepted' && !isRequestId(decision.request_id)) {
    return usage(`\`${decision.request_id}\` is no request id: letters, digits, \`-\` and \`_\` only.`);
  }
  return holdDirectory(options, (held) => settle(options, held));
}

async function settle(options: ResolveOptions, { state, lock }: HeldDirectory): Promise<Resolved> {
  const { directory, submission, decision, toolVersion } = options;
  const known = findOpen([...state.keyStates.values()], { name: submission, decision, directory });
  if (typeof known === 'string') return usage(known);
  const other = decision.as === 'accepted' ? ownerOf(state.keyStates, decision.request_id) : undefined;
  if (other && other.key !== known.key) {
    const message = `Request ${other.requestId} is already that of ${other.submission.id} (${other.key.slice(0, KEY_START)}).`;
    return usage(`${message} Look for another one that was sent at the time of ${known.submission.id}.`);
  }
  const records = state.open({ service: state.service ?? '', permit: () => lock.assertHeld() });
  try {
    await records.begin();
    const step = decision.as === 'file' ? await takeFile(known, decision.path, options) : stepOf(decision);
    if (typeof step === 'string') return usage(step);
    await records.append(known.key, step);
  } finally {
    await records.close();
  }
  const notes = await renewManifests({ directory, keyStates: records.keyStates, toolVersion });
  const isOther = decision.as === 'file' && isOtherClip(known, records.get(known.key));
  return {
    ok: true,
    key: known.key,
    id: known.submission.id,
    notes: isOther ? [OTHER_CLIP, ...notes] : notes,
  };
}

const OTHER_CLIP = 'It is another clip than the one that was fetched; its facts are recorded from here on.';

/** True if a clip that a person gave has other bytes than the one that was fetched. */
function isOtherClip(before: KeyState, after: KeyState | undefined): boolean {
  return before.outputs.some(
    ({ sha256 }, index) => sha256 !== null && sha256 !== after?.outputs[index]?.sha256,
  );
}

function stepOf(decision: Exclude<Decision, { as: 'file' }>): Step {
  if (decision.as === 'accepted') return { type: 'accepted', request_id: decision.request_id };
  return { type: decision.as };
}

/** Puts a clip that was saved by hand in its place. A string says why it cannot be taken. */
async function takeFile(
  known: KeyState,
  from: string,
  { directory, probeVideo }: Pick<ResolveOptions, 'directory' | 'probeVideo'>,
): Promise<Step | string> {
  const there = await stat(from).catch(() => null);
  if (!there?.isFile()) return `There is no file ${from}.`;
  const index = Math.max(
    0,
    known.outputs.findIndex((output) => !clipIsHere(output, directory)),
  );
  const ending = kindOfFile(from)?.ending ?? 'mp4';
  const file = withEnding(known.outputs[index]?.file ?? clipName(known, index), ending);
  const to = join(directory, file);
  const isSame = existsSync(to) && (await hashOf(to)) === (await hashOf(from));
  if (existsSync(to) && !isSame) return `${to} is another file. Move it away first.`;
  const part = `${to}.part`;
  await mkdir(join(directory, CLIPS), { recursive: true });
  try {
    if (!isSame) await copyFile(from, part);
    const path = isSame ? to : part;
    const media = await probeVideo(path);
    const sha256 = await hashOf(path);
    if (media === null || sha256 === null) return `${from} is no whole video.`;
    if (!isVideo(media)) return `${from} is ${kindWords(media)}, no video.`;
    const { size: bytes } = await stat(path);
    if (!isSame) await putInPlace(part, to);
    return { type: 'downloaded', index, file, bytes, sha256, media };
  } finally {
    await rm(part, { force: true });
  }
}

/** Submission that has a request, by everything that the directory knows. */
function ownerOf(keyStates: KeyStates, requestId: string): KeyState | undefined {
  return [...keyStates.values()].find((known) => known.requestId === requestId);
}

function usage(message: string): RunRefused {
  return { ok: false, exit: Exit.usage, message };
}

/** The submission that a decision is about; a string says why there is none. */
function findOpen(
  all: readonly KeyState[],
  {
    name,
    decision,
    directory,
  }: { readonly name: string; readonly decision: Decision; readonly directory: string },
): KeyState | string {
  const { states, words } = OPEN_TO[decision.as];
  const isHere = (known: KeyState) => known.state === 'done' && clipsAreHere(known, directory);
  const isOpen = (known: KeyState) =>
    states.includes(known.state) &&
    !(ABOUT_MISSING.has(decision.as) && isHere(known)) &&
    // A failure that the service reported stays one.
    !(decision.as === 'accepted' && hasFailed(known));
  const named = all.filter((known) => isNamed(known, name));
  const open = named.filter(isOpen);
  const [first, second] = open;
  if (first && !second) return first;
  const candidates = (second ? open : all.filter(isOpen)).map(
    ({ submission: { id }, key }) => `${id} (${key.slice(0, KEY_START)})`,
  );
  if (second) return `${name} names several submissions: ${candidates.join(', ')}. Name one by its key.`;
  const there =
    candidates.length > 0 ? `${words}: ${candidates.join(', ')}.` : `None is ${words.toLowerCase()}.`;
  if (!named[0]) return `${name} was never sent. ${there}`;
  const place = isHere(named[0]) ? 'done, and its clip is here' : named[0].state;
  return `${name} is ${place}, so there is nothing to settle. ${there}`;
}
