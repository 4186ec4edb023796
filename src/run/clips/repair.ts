import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { stillNames } from '../../media/still-names.js';
import type { Service } from '../../runcomfy/service.js';
import type { RunDeps } from '../context.js';
import type { HeldDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/manifests.js';
import { CannotWrite } from '../directory/obstacle.js';
import { goneWays } from '../messages.js';
import { CLIPS } from '../records/record-file.js';
import type { Records } from '../records/records.js';
import type { KeyState } from '../records/render.js';
import { resultOf } from '../requests/follow-request.js';
import { withDeadline } from '../waits.js';
import { ASK_AGAIN } from './fetch-clips.js';
import { LocalCopies } from './local-copies.js';
import { clipName, type RecordedClip, staleIds, withEnding } from './recorded-clips.js';
import { takeClip } from './take-clip.js';

/** Downloads at a time. */
const DOWNLOADS = 4;
/** Time for one download, seconds. */
const DOWNLOAD = 1800;

/** Result of fetching a clip again. */
export interface Repaired {
  readonly id: string;
  readonly file: string;
  /**
   * `copied`: it was on this machine in another place. `other`: it is here, but the service sent other bytes than before.
   */
  readonly kind: 'same' | 'copied' | 'other' | 'gone' | 'later';
  /** Reason why it is not here; null if it is. */
  readonly message: string | null;
  /** Commands that settle a clip which is gone; null for any other. */
  readonly ways: string | null;
}

export interface RepairOptions {
  readonly directory: string;
  readonly held: HeldDirectory;
  /** Missing or damaged clips. */
  readonly clips: readonly RecordedClip[];
  /** Submissions that are rendered, but not fetched. */
  readonly notFetched: readonly KeyState[];
  readonly service: Service;
  readonly deps: Pick<RunDeps, 'now' | 'sleep' | 'probeVideo'>;
  readonly toolVersion: string;
  readonly signal: AbortSignal;
  /** Called after each clip. */
  readonly onRepaired: (repaired: Repaired) => void;
}

export interface RepairReport {
  /** Ids of submissions that are chained to a clip that is another now. */
  readonly stale: readonly string[];
  /** Problems with writing manifests, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Fetches missing and damaged clips again, records them, and renews the manifests. Never submits. An existing file is
 * replaced only by a whole video. Rejects with `CannotWrite`, or with the file system's own error.
 */
export async function repair(options: RepairOptions): Promise<RepairReport> {
  const { directory, held, clips, notFetched, toolVersion } = options;
  const { state, lock } = held;
  const records = state.open({ service: state.service ?? '', permit: () => lock.assertHeld() });
  const copies = new LocalCopies({ directory, records, takenFrom: new Map() });
  const limit = pLimit(DOWNLOADS);
  await mkdir(join(directory, CLIPS), { recursive: true });
  try {
    await records.begin();
    const missing = notFetched.flatMap((known) => wantedOf(known));
    const all = await Promise.allSettled(
      [...clips.map(wantedAgain), ...missing].map((wanted) =>
        limit(() => fetchOne(options, { records, copies }, wanted)),
      ),
    );
    const failed = all.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    await records.close();
  }
  const notes = await renewManifests({ directory, keyStates: records.keyStates, toolVersion });
  return { stale: staleIds(records.keyStates), notes };
}

interface Wanted extends Pick<RecordedClip, 'key' | 'id' | 'requestId' | 'index' | 'file'> {
  /** Link in the record; null if the service has named none. */
  readonly url: string | null;
  readonly sha256: string | null;
}

function wantedAgain(clip: RecordedClip): Wanted {
  return clip;
}

function wantedOf(known: KeyState): readonly Wanted[] {
  const { key, requestId, submission } = known;
  const urls = known.outputs.length > 0 ? known.outputs.map(({ url }) => url) : [null];
  return urls.map((url, index) => ({
    key,
    requestId,
    index,
    url,
    id: submission.id,
    file: clipName(known, index),
    sha256: null,
  }));
}

async function fetchOne(
  options: RepairOptions,
  { records, copies }: { readonly records: Records; readonly copies: LocalCopies },
  wanted: Wanted,
): Promise<void> {
  const { directory, service, deps, onRepaired } = options;
  const { key, id, file } = wanted;
  const say = (kind: Repaired['kind'], message: string | null = null) => {
    const known = kind === 'gone' ? records.get(key) : undefined;
    const ways = known ? goneWays(known, { directory, keyStates: records.keyStates }) : null;
    onRepaired({ id, file, kind, message, ways });
  };
  const isMissing = !existsSync(join(directory, file));
  await copies.take(key);
  if (isMissing && existsSync(join(directory, file))) return say('copied');
  const fresh = await freshUrls(options, wanted);
  const from = fresh?.outputs[wanted.index] ?? wanted.url;
  if (from === null) return say('gone', 'The service names no video for it.');
  const deadline = withDeadline({ signal: options.signal, seconds: DOWNLOAD, sleep: deps.sleep });
  const place = (ending: string) => withEnding(file, ending);
  const { signal } = deadline;
  const taken = await takeClip({ ...deps, service }, { url: from, directory, place, signal }).finally(
    deadline.end,
  );
  switch (taken.kind) {
    case 'taken': {
      const { bytes, sha256, media, file: kept } = taken;
      const { index } = wanted;
      if (wanted.url === null && fresh && records.get(key)?.state === 'completed') {
        await records.append(key, { type: 'completed', ...fresh });
      }
      if (wanted.sha256 !== sha256)
        await records.append(key, { type: 'downloaded', index, file: kept, bytes, sha256, media });
      if (wanted.sha256 === null || wanted.sha256 === sha256) return say('same');
      // The stills are of the other clip; the next run takes new ones.
      for (const still of Object.values(stillNames(file))) await rm(join(directory, still), { force: true });
      return say('other');
    }
    case 'other-clip':
    case 'no-video':
      return say('gone', 'What the service has is no whole video, and was not kept.');
    case 'refused':
      return say('gone', taken.message);
    case 'in-the-way':
    case 'unreachable':
      return say('later', taken.message);
    case 'cannot-write':
      throw new CannotWrite(taken.message, { cause: taken });
  }
}

/** Current outputs of a rendered request; null if the service does not answer or has forgotten it. */
async function freshUrls(
  { service, deps, signal }: RepairOptions,
  { requestId }: Wanted,
): Promise<ReturnType<typeof resultOf> | null> {
  if (requestId === null) return null;
  const deadline = withDeadline({ signal, seconds: ASK_AGAIN, sleep: deps.sleep });
  const answer = await service.result(requestId, deadline.signal).finally(deadline.end);
  return answer.kind === 'state' ? resultOf(answer.request) : null;
}
