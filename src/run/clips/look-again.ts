import pLimit from 'p-limit';
import type { HeldDirectory } from '../directory/hold-directory.js';
import { renewManifests } from '../directory/renew-manifests.js';
import { type LookAtClip, lookAtClip, unseenClips } from './look-at-clip.js';

/** Clips looked at at a time: a decoder uses several cores by itself. */
const LOOKERS = 2;

export interface LookAgainOptions {
  readonly directory: string;
  readonly held: HeldDirectory;
  /** Keys that are meant. */
  readonly keys: ReadonlySet<string>;
  /** Absolute path of the shot list's folder. */
  readonly folder: string;
  /** The shape of its pictures, such as `16:9`; null where the list says none. */
  readonly aspect: string | null;
  readonly look: LookAtClip;
  readonly now: () => number;
  readonly toolVersion: string;
  readonly signal: AbortSignal;
  /** Hears of each clip as it is over. */
  readonly onLooked: () => void;
}

/**
 * Looks at clips that no run has looked at, or whose stills are gone, without a run: journals what is found and brings the
 * manifests up to date. Stops gently when `signal` aborts. Rejects with the file system's own error.
 */
export async function lookAgain(options: LookAgainOptions): Promise<void> {
  const { directory, held, keys, folder, aspect, look, now, toolVersion, signal, onLooked } = options;
  const { state, lock } = held;
  const journal = state.journal({ service: state.service ?? '', permit: () => lock.assertHeld() });
  const limit = pLimit(LOOKERS);
  const lookAtOne = async (key: string) => {
    const known = journal.get(key);
    for (const clip of known?.state === 'done' ? unseenClips(known, { directory }) : []) {
      if (!known || signal.aborted) return;
      const looked = await lookAtClip(known, clip, {
        directory,
        folder,
        aspect,
        fold: journal.fold,
        look,
        signal,
      });
      onLooked();
      if (looked.kind !== 'looked' || JSON.stringify(looked.check) === JSON.stringify(clip.check)) continue;
      const base = { at: new Date(now()).toISOString(), key, attempt: known.attempts, sha256: clip.sha256 };
      await journal.append({ type: 'looked', ...base, ...looked.check });
    }
  };
  try {
    // What is known only from a manifest goes on record.
    if (!state.hasJournal || state.imported > 0) await journal.begin();
    const all = await Promise.allSettled([...keys].map((key) => limit(() => lookAtOne(key))));
    const failed = all.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    await journal.close();
  }
  await renewManifests({ directory, fold: journal.fold, toolVersion });
}
