import type { MediaFacts } from '../media/facts.js';
import type { Flag } from '../media/flags.js';
import type { SceneTitle } from '../plan/plan.js';
import type { ListedFields, SentFields, Submission } from '../plan/submission.js';

/**
 * What a run wrote: exactly what was sent, to which model, and what came back. Structure:
 * `schemas/manifest.schema.json`. It is derived from the plan and the journal, and from nothing else.
 */
export interface Manifest {
  /** Version of this format. */
  readonly manifest: 1;
  readonly tool: { readonly name: 'shotlist'; readonly version: string };
  /** The API's origin, or `local` for a rehearsal. */
  readonly service: string;
  readonly list: {
    /** Path relative to the manifest's folder, with forward slashes. */
    readonly file: string;
    readonly title: string | null;
    /** The shape of its pictures, such as `16:9`; null where the list says none. */
    readonly aspect?: string | null;
    /** SHA-256 of the shot list's bytes. */
    readonly sha256: string;
  };
  /** The scenes that the list describes, as it has them. */
  readonly scenes: readonly SceneTitle[];
  /** In list order. */
  readonly submissions: readonly ManifestEntry[];
  /** What was submitted from an earlier version of the list, oldest first. */
  readonly unlisted: readonly ManifestEntry[];
}

/**
 * Where a submission stands: `planned` was never sent; `refused` was sent and rejected, at no cost;
 * `submitted` is with the service; `completed` is rendered but not here; `done` is here; `unknown` may or may
 * not have been accepted and is settled by a person.
 */
export type SubmissionState =
  | 'planned'
  | 'refused'
  | 'submitted'
  | 'completed'
  | 'done'
  | 'failed'
  | 'cancelled'
  | 'unknown';

/** A submission as it was sent, or would be; then what became of it. */
export interface ManifestEntry
  extends ListedFields,
    Omit<SentFields, 'cost'>,
    Pick<Submission, 'key' | 'same_as'> {
  readonly state: SubmissionState;
  /** USD: the plan's estimate, and what the service reported; null where unknown. */
  readonly cost: {
    readonly estimate: number | null;
    readonly actual: number | null;
    /** What other POSTs for this key cost, or may have cost, and how many have no known cost; left out for nothing. */
    readonly other_attempts?: { readonly usd: number; readonly unknown: number };
  };
  /** POSTs made for this key so far. */
  readonly attempts: number;
  /** How often the service said that it failed; left out for never. */
  readonly failures?: number;
  readonly request_id: string | null;
  /** We asked for it to be cancelled, and do not know whether it was; left out otherwise. */
  readonly cancelling?: true;
  /** UTC, ISO 8601, by this machine's clock. */
  readonly times: {
    readonly submitted: string | null;
    readonly completed: string | null;
    readonly downloaded: string | null;
  };
  readonly outputs: readonly Output[];
  readonly error: { readonly code: string | null; readonly message: string } | null;
  readonly warnings: readonly string[];
}

export interface Output {
  readonly url: string;
  /** Path relative to the manifest's folder, with forward slashes; null while it is not here. */
  readonly file: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly media: MediaFacts | null;
  /** How it compares with what was asked for; left out until that is known. */
  readonly check?: Check;
}

export interface Check {
  /** Whether all of it was decoded and looked at, which takes an ffmpeg; else only the facts were compared. */
  readonly pictures: boolean;
  /** Worst first; none for a clip that is what it was to be. */
  readonly flags: readonly Flag[];
}

/** A clip that was fetched and probed. */
export type FetchedClip = { readonly [Name in keyof Output]: NonNullable<Output[Name]> };

/** The fetched clips among a submission's outputs, in their order. */
export function fetchedClips({ outputs }: Pick<ManifestEntry, 'outputs'>): readonly FetchedClip[] {
  return outputs.flatMap((output) => asFetched(output) ?? []);
}

/** The first fetched clip of a submission, the one that the cut uses; null if there is none. */
export function fetchedClip(entry: Pick<ManifestEntry, 'outputs'>): FetchedClip | null {
  return fetchedClips(entry)[0] ?? null;
}

/** An output as a fetched clip; null if it was not fetched. */
export function asFetched({ url, file, bytes, sha256, media, check }: Output): FetchedClip | null {
  if (file === null || bytes === null || sha256 === null || media === null) return null;
  return { url, file, bytes, sha256, media, ...(check && { check }) };
}
