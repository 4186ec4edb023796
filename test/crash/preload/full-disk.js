// Loaded into a process of the built CLI. Limits the files of a folder to a number of bytes; SHOTLIST_TEST_DISK has both as
// JSON, `folder` and `bytes`. A write stores what fits and fails with ENOSPC; removed files free their room.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { watchFiles } from './watch-files.js';

const { folder, bytes: room } = JSON.parse(process.env.SHOTLIST_TEST_DISK ?? '{}');

function used() {
  const files = readdirSync(folder, { recursive: true }).map((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false }),
  );
  return files.reduce((sum, file) => sum + (file?.isFile() ? file.size : 0), 0);
}

watchFiles(folder, {
  before(operation) {
    if (operation.bytes === 0) return;
    const left = Math.max(0, room - used());
    if (operation.bytes <= left) return;
    operation.writePart(left);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      errno: -28,
      syscall: 'write',
    });
  },
  after() {},
});
