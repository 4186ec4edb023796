import { isVideo, type MediaFacts } from '../media/facts.js';
import type { Flag } from '../media/flags.js';
import type { ListedFields, SceneTitle, SentFields, Submission } from '../plan/plan.js';

/**
 * The output videos of a list, for people and programs: each submission as it was sent, and its result. Structure:
 * `schemas/manifest.schema.json`. It is derived from the plan and the records, and from nothing else: it decides nothing.
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
    /** Shape of the pictures, such as `16:9`; null if the list gives none. */
    readonly aspect?: string | null;
  };
  /** Scenes that the list describes, in its order. */
  readonly scenes: readonly SceneTitle[];
  /** In list order. */
  readonly submissions: readonly ManifestEntry[];
  /** Submissions from an earlier version of the list, oldest first. */
  readonly unlisted: readonly ManifestEntry[];
}

/**
 * State of a submission: `planned` was never sent; `refused` was sent and rejected, at no cost; `submitted` is with the
 * service; `completed` is rendered but was never fetched; `done` was fetched; `unknown` may or may not have been accepted, and
 * a person settles it.
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

/** A submission as it was or would be sent, and its result. */
export interface ManifestEntry
  extends ListedFields,
    Omit<SentFields, 'cost'>,
    Pick<Submission, 'key' | 'same_as'> {
  readonly state: SubmissionState;
  /** USD: the plan's estimate, and the cost that the service reported; null if unknown. */
  readonly cost: {
    readonly estimate: number | null;
    readonly actual: number | null;
    /** Cost of the other POSTs for this key, and the number of those without a known cost; left out for none. */
    readonly other_attempts?: { readonly usd: number; readonly unknown: number };
  };
  /** Number of POSTs for this key. */
  readonly attempts: number;
  /** Number of failures that the service reported; left out for none. */
  readonly failures?: number;
  readonly request_id: string | null;
  /** True if we asked the service to cancel it and do not know the result; left out otherwise. */
  readonly cancelling?: true;
  /** True if a person accepted that its clip is missing here; left out otherwise. */
  readonly accepted_missing?: true;
  /** UTC, ISO 8601: when it was sent, and when the service finished it by its own clock. */
  readonly times: {
    readonly submitted: string | null;
    readonly completed: string | null;
  };
  readonly outputs: readonly Output[];
  readonly error: { readonly code: string | null; readonly message: string } | null;
  readonly warnings: readonly string[];
}

export interface Output {
  /** Link at the service, without its query; null for a clip that a person put in its place. */
  readonly url: string | null;
  /** Path relative to the manifest's folder, with forward slashes; null until it is fetched for the first time. */
  readonly file: string | null;
  readonly bytes: number | null;
  /** 64 hex digits. */
  readonly sha256: string | null;
  readonly media: MediaFacts | null;
  /** Result of the inspection; left out until then. */
  readonly check?: Check;
}

export interface Check {
  /** True if the whole clip was decoded, which needs an ffmpeg; false if only its facts were compared. */
  readonly pictures: boolean;
  /** Worst first; empty for a clip that is as requested. */
  readonly flags: readonly Flag[];
}

/** A clip that was fetched and probed. */
export interface FetchedClip extends Output {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly media: MediaFacts;
}

/** The fetched clips among a submission's outputs, in their order. */
export function fetchedClips({ outputs }: Pick<ManifestEntry, 'outputs'>): readonly FetchedClip[] {
  return outputs.flatMap((output) => asFetched(output) ?? []);
}

/** The first fetched video of a submission, the one that the cut uses; null if there is none. */
export function fetchedClip(entry: Pick<ManifestEntry, 'outputs'>): FetchedClip | null {
  return fetchedClips(entry).find(({ media }) => isVideo(media)) ?? null;
}

/** An output as a fetched clip; null if it was not fetched. */
export function asFetched({ url, file, bytes, sha256, media, check }: Output): FetchedClip | null {
  if (file === null || bytes === null || sha256 === null || media === null) return null;
  return { url, file, bytes, sha256, media, ...(check && { check }) };
}
