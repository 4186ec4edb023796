import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type EndedRecord, readRecords, UnreadableLedger } from './ledger.js';

/** What a ledger on disk says of a request: how it ended, or that it has not. */
export type Peeked = Pick<EndedRecord, 'status' | 'error' | 'cost'> | { readonly status: 'open' };

/**
 * Reads an emulator's requests without starting it and without changing anything, also while it runs. Empty where there
 * are none; a string says why its ledger cannot be read. Throws the file system's own errors, but for a missing file.
 */
export async function peekRequests(folder: string): Promise<ReadonlyMap<string, Peeked> | string> {
  const path = join(folder, 'requests.ndjson');
  const requests = new Map<string, Peeked>();
  try {
    const file = await open(path, 'r');
    try {
      await readRecords({
        file,
        path,
        read: (record) => {
          requests.set(record.id, record.type === 'ended' ? record : { status: 'open' });
        },
      });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UnreadableLedger) return error.message;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return requests;
}
