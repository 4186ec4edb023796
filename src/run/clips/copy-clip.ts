import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncFolder } from '../../base/durable-file.js';
import type { RecordedFile } from '../../manifest/verify.js';
import type { MediaFacts } from '../../media/facts.js';
import type { RunDeps } from '../run-options.js';

/** What only the disk that is written to can say. */
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/**
 * Copies a clip of another run to `to`, which is only replaced by a whole file with the hash that was recorded for it;
 * where the file system can, the two share their bytes on disk. Returns what the clip is; null where it is not what was
 * recorded, or cannot be read. Throws where the disk is full.
 */
export async function copyClip(
  from: RecordedFile & { readonly path: string },
  { to, probeVideo }: { readonly to: string } & Pick<RunDeps, 'probeVideo'>,
): Promise<MediaFacts | null> {
  const part = `${to}.part`;
  try {
    await copyFile(from.path, part, constants.COPYFILE_FICLONE);
    const hash = createHash('sha256');
    await pipeline(createReadStream(part), hash);
    const media = hash.digest('hex') === from.sha256 ? await probeVideo(part) : null;
    if (media === null) return null;
    await syncFile(part);
    await rename(part, to);
    await syncFolder(dirname(to));
    return media;
  } catch (error) {
    if (FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    return null;
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}
