import { isFileTrouble, whyNotWritten } from '../base/files.js';
import { UnreadableLedger } from './ledger.js';

/** Why an emulator could not start, in words for whoever asked for one. */
export interface StartFailure {
  readonly ok: false;
  readonly reason: 'port-in-use' | 'cannot-listen' | 'cannot-write' | 'unreadable-state';
  /** One sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Why the server cannot listen there. */
export function listenFailure(
  at: { readonly host: string; readonly port: number },
  error: NodeJS.ErrnoException,
): StartFailure {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${at.port} is in use.`;
    return { ok: false, reason: 'port-in-use', message, hint: 'Try --port 0, which takes any free one.' };
  }
  const why = error.code === 'EACCES' ? 'this user may not use it' : error.message;
  const message = `Cannot listen on ${at.host}, port ${at.port}: ${why}.`;
  return { ok: false, reason: 'cannot-listen', message, hint: 'Try --port 0, which takes any free one.' };
}

/** Why the folder cannot be used; throws what is not the folder's fault. */
export function folderFailure(folder: string, error: unknown): StartFailure {
  if (error instanceof UnreadableLedger) {
    const message = `The rehearsal in ${folder} cannot be taken up: ${error.message}.`;
    return {
      ok: false,
      reason: 'unreadable-state',
      message,
      hint: 'Move that folder away to begin a new one.',
    };
  }
  // Not from the file system: our own bug, and it must look like one.
  if (!isFileTrouble(error)) throw error;
  const message = `Cannot write to ${folder}: ${whyNotWritten(error)}.`;
  return {
    ok: false,
    reason: 'cannot-write',
    message,
    hint: 'Free some space there, or choose another folder.',
  };
}
