import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the journal that earlier versions of Shotlist kept in a run directory. */
const JOURNAL = 'journal.ndjson';

/** The refusal for a directory of an earlier version, which has a journal and no records; null for any other. */
export async function upgradeProblem(
  directory: string,
): Promise<{ readonly file: string; readonly message: string } | null> {
  const path = join(directory, JOURNAL);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  const message = `${path} is of an earlier version of Shotlist, and says what was paid for. Nothing was sent.`;
  return { file: JOURNAL, message };
}
