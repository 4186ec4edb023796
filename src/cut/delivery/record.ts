import { readFile } from 'node:fs/promises';
import type { ErrorObject } from 'ajv';
import { writeDurably } from '../../base/durable-file.js';
import { explain } from '../../base/schema-problem.js';
import validate from '../../generated/validate-delivery.js';

/** What was delivered to a folder so far: `delivery.json` in it. Structure: `schemas/delivery.schema.json`. */
export interface DeliveryRecord {
  readonly delivery: 1;
  /** File name of the shot list. */
  readonly list: string;
  /** Oldest first. */
  readonly clips: readonly DeliveredClip[];
  /** Oldest first. */
  readonly timelines: readonly DeliveredTimeline[];
}

export interface DeliveredFile {
  /** Directly in the folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DeliveredClip extends DeliveredFile {
  readonly shot: string;
  readonly take: number;
  readonly part: number | null;
  /** Counts the distinct renders of the shot, or of its part. */
  readonly version: number;
  /** The content key. */
  readonly key: string;
}

export type TimelineFormat = 'fcp7' | 'otio';

export interface DeliveredTimeline {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of what it says, its number aside. */
  readonly content: string;
  readonly files: readonly (DeliveredFile & { readonly format: TimelineFormat })[];
}

export const RECORD_FILE = 'delivery.json';

/** Reads a folder's record, checked; a fresh one for `list` where there is none. A string says what is wrong with it. */
export async function readRecord(path: string, list: string): Promise<DeliveryRecord | string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { delivery: 1, list, clips: [], timelines: [] };
    return `it cannot be read: ${message}`;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (validate(value)) return value as DeliveryRecord;
  const [problem] = explain((validate.errors ?? []) as ErrorObject[]);
  const place = problem && problem.path.length > 0 ? `, at ${problem.path.join('.')}` : '';
  return problem ? `${problem.message}${place}` : 'it is no record of a delivery';
}

/** Replaces a folder's record, whole. Throws the file system's own errors. */
export function writeRecord(path: string, record: DeliveryRecord): Promise<void> {
  return writeDurably(path, `${JSON.stringify(record, null, 2)}\n`);
}
