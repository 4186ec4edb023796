import { relative, sep } from 'node:path';
import type { Manifest, ManifestEntry, SubmissionState } from '../manifest/manifest.js';
import type { Plan, Submission } from '../plan/plan.js';
import type { Fold, KeyState } from './fold.js';
import { withoutSignatures } from './media-body.js';

/** The manifest of a run: what was planned, joined with what the journal says of it. Pure. */
export function summarize(options: {
  readonly plan: Plan;
  readonly fold: Fold;
  /** `local`, or the API's origin. */
  readonly service: string;
  /** Absolute path of the manifest's folder. */
  readonly directory: string;
  readonly toolVersion: string;
}): Manifest {
  const { plan, fold, service, directory } = options;
  const { title, sha256, path } = plan.list;
  const listed = new Set(plan.submissions.map(({ key }) => key));
  return {
    manifest: 1,
    tool: { name: 'shotlist', version: options.toolVersion },
    service,
    list: { file: relative(directory, path).split(sep).join('/'), title, sha256 },
    submissions: plan.submissions.map((submission) => entryOf(submission, fold.get(submission.key))),
    unlisted: [...fold.values()]
      .filter((known) => !listed.has(known.key) && wasAccepted(known))
      .map(unlistedEntry),
  };
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

function entryOf(submission: Submission, known: KeyState | undefined): ManifestEntry {
  const { id, shot, scene, take, part, selected, use, key, same_as } = submission;
  // Once sent, the manifest says what was sent, priced as it was then.
  const sent = known && known.state !== 'planned' ? known.submission : submission;
  return entry({ id, shot, scene, take, part, selected, use, key, same_as, sent, known });
}

/** Whether the service took it, or may have: what it never took is not worth a line once the shot is gone. */
function wasAccepted({ state }: KeyState): boolean {
  return state !== 'planned' && state !== 'refused';
}

function unlistedEntry(known: KeyState): ManifestEntry {
  const { id, shot, scene, take, part, use } = known.submission;
  const live = { id, shot, scene, take, part, selected: false, use };
  return entry({ ...live, key: known.key, same_as: null, sent: known.submission, known });
}

function entry(options: {
  readonly id: string;
  readonly shot: string;
  readonly scene: string | null;
  readonly take: number;
  readonly part: number | null;
  readonly selected: boolean;
  readonly use: readonly [number, number] | null;
  readonly key: string;
  readonly same_as: string | null;
  readonly sent: KeyState['submission'];
  readonly known: KeyState | undefined;
}): ManifestEntry {
  const { id, shot, scene, take, part, selected, use, key, same_as, sent, known } = options;
  return {
    id,
    shot,
    scene,
    take,
    part,
    selected,
    use,
    state: known?.state ?? 'planned',
    key,
    same_as,
    model: sent.model,
    input: withoutSignatures(sent.input),
    defaults: sent.defaults,
    prompt: sent.prompt,
    segments: sent.segments,
    seconds: sent.seconds,
    audio: sent.audio,
    cost: { estimate: sent.cost.usd, actual: known?.cost ?? null },
    attempts: known?.attempts ?? 0,
    request_id: known?.requestId ?? null,
    times: timesOf(known),
    outputs: known?.outputs.map(({ downloadedAt: _, ...output }) => output) ?? [],
    error: known?.error ?? null,
    warnings: [],
  };
}

function timesOf(known: KeyState | undefined): ManifestEntry['times'] {
  const downloads = known?.state === 'done' ? known.outputs.map(({ downloadedAt }) => downloadedAt) : [];
  return {
    // Of an unknown one, when it was about to leave: the only clue for finding it on the site.
    submitted: known?.submittedAt ?? (known?.state === 'unknown' ? known.sentAt : null),
    completed: known?.completedAt ?? null,
    downloaded:
      downloads
        .filter((at) => at !== null)
        .sort()
        .at(-1) ?? null,
  };
}
