// What a loss of power takes from a folder that `watch-files.js` watches: bytes of files that were not synced, and names that
// appeared, moved or went in a folder that was not synced since.
import { dirname } from 'node:path';
import { inner, watchFiles } from './watch-files.js';

const { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } = inner;

/** @typedef {{ operation: import('./watch-files.js').Operation, parent: string, undo: () => void }} Change */

/**
 * Watches a folder. Returns a function that takes back, synchronously, what is not on disk yet.
 * @param {string} folder
 */
export function loseUnsynced(folder) {
  /** Changes of names, oldest first. @type {Change[]} */
  let changes = [];
  /** Changes that a sync of their folder puts on disk when it ends. */
  const covered = new Map();
  /** Files with bytes that are not on disk. @type {Set<string>} */
  const unsynced = new Set();
  const isTaken = (/** @type {string} */ path) =>
    /\.(?:json|mp4)(?:\.[0-9a-f]{8}\.tmp|\.part)?$|videos$/.test(path);

  watchFiles(folder, {
    before(operation) {
      const { action, path, from } = operation;
      if (action === 'write') unsynced.add(path);
      if (action === 'sync') covered.set(operation, new Set(changes));
      if (!isTaken(path)) return;
      const parent = dirname(path);
      if (action === 'rename' && from !== undefined) {
        const old = existsSync(path) ? readFileSync(path) : null;
        changes.push({ operation, parent, undo: () => undoRename({ from, path, old }) });
      } else if (action === 'rm' && existsSync(path)) {
        const old = readFileSync(path);
        changes.push({ operation, parent, undo: () => writeFileSync(path, old) });
      } else if (action === 'mkdir' && !existsSync(path)) {
        changes.push({ operation, parent, undo: () => rmSync(path, { recursive: true, force: true }) });
      }
    },
    after(operation) {
      const { action, path, from } = operation;
      if (action === 'rename' && from !== undefined) {
        if (unsynced.delete(from)) unsynced.add(path);
        else unsynced.delete(path);
      }
      if (action !== 'sync') return;
      const synced = covered.get(operation);
      covered.delete(operation);
      unsynced.delete(path);
      changes = changes.filter((change) => !(change.parent === path && synced?.has(change)));
    },
  });

  return () => {
    for (const path of unsynced) if (isTaken(path) && existsSync(path)) truncateSync(path, 0);
    for (const { undo } of changes.toReversed()) undo();
  };
}

/** @param {{ from: string, path: string, old: Buffer | null }} change */
function undoRename({ from, path, old }) {
  // It was not carried out yet.
  if (existsSync(from) || !existsSync(path)) return;
  renameSync(path, from);
  if (old) writeFileSync(path, old);
}
