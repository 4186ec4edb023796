// Loaded into a process of the built CLI: the folder SHOTLIST_TEST_DISK names (JSON: `folder`, `bytes`) has no more room
// than that. What a write finds room for is written, the rest fails with ENOSPC; what is removed is free again.
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
