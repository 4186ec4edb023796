import type { MediaFacts } from '../media/facts.js';
import type { NativeInput } from '../models/native-input.js';
import type { Segment, ServiceDefault } from '../plan/plan.js';

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
    /** SHA-256 of the shot list's bytes. */
    readonly sha256: string;
  };
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

export interface ManifestEntry {
  readonly id: string;
  readonly shot: string;
  readonly scene: string | null;
  /** Counts the takes of a shot from 1. */
  readonly take: number;
  /** Counts the consecutive parts of a split shot from 1; null where it is whole. */
  readonly part: number | null;
  /** Whether the cut and chained shots use this take. */
  readonly selected: boolean;
  /** What the cut takes of the clip: from and to, seconds; null for all of it. */
  readonly use: readonly [number, number] | null;
  readonly state: SubmissionState;
  /** Content key, 64 hex digits. */
  readonly key: string;
  /** The id whose POST and clip this one shares. */
  readonly same_as: string | null;
  readonly model: string;
  /** What was, or would be, sent; local media as path and hash. */
  readonly input: NativeInput;
  /** What the service's own defaults add. */
  readonly defaults: readonly ServiceDefault[];
  readonly prompt: string;
  readonly segments: readonly Segment[];
  /** Seconds of video asked for. */
  readonly seconds: number;
  readonly audio: boolean;
  /** USD: the plan's estimate, and what the service reported; null where unknown. */
  readonly cost: { readonly estimate: number | null; readonly actual: number | null };
  /** POSTs made for this key so far. */
  readonly attempts: number;
  readonly request_id: string | null;
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
}
