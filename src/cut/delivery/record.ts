import { readFile } from 'node:fs/promises';
import type { ErrorObject } from 'ajv';
import { writeDurably } from '../../base/durable-file.js';
import { explainSchemaErrors } from '../../base/schema-problem.js';
import validate from '../../generated/validate-delivery.js';

/** Record of the deliveries to a folder: its `delivery.json`. Structure: `schemas/delivery.schema.json`. */
export interface DeliveryRecord {
  readonly delivery: 1;
  /** File name of the shot list. */
  readonly list: string;
  /** Oldest first. */
  readonly clips: readonly DeliveredClip[];
  /** Oldest first. */
  readonly timelines: readonly DeliveredTimeline[];
}

/** A file that was delivered. */
export interface DeliveredFile {
  /** Name in the folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A clip that was delivered. */
export interface DeliveredClip extends DeliveredFile {
  readonly shot: string;
  readonly take: number;
  readonly part: number | null;
  /** Number of the render of the shot or part, from 1. */
  readonly version: number;
  /** Content key. */
  readonly key: string;
}

/** Formats of timelines, with their file extensions. */
export const TIMELINE_EXTENSIONS = { fcp7: 'xml', otio: 'otio' } as const;

/** Name of a timeline format. */
export type TimelineFormat = keyof typeof TIMELINE_EXTENSIONS;

/** A version of a timeline that was delivered. */
export interface DeliveredTimeline {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the content, without the version. */
  readonly content: string;
  readonly files: readonly (DeliveredFile & { readonly format: TimelineFormat })[];
}

/** Name of the record in the folder. */
export const RECORD_FILE = 'delivery.json';

/** Reads and checks a record; a missing one is empty, for `list`. A string says what is wrong with the record. */
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
  const [problem] = explainSchemaErrors((validate.errors ?? []) as ErrorObject[]);
  const place = problem && problem.path.length > 0 ? `, at ${problem.path.join('.')}` : '';
  return problem ? `${problem.message}${place}` : 'it is not a record of a delivery';
}

/** Replaces the record of a folder. Throws errors of the file system. */
export function writeRecord(path: string, record: DeliveryRecord): Promise<void> {
  return writeDurably(path, `${JSON.stringify(record, null, 2)}\n`);
}
