#!/usr/bin/env node
import module from 'node:module';
import { Exit, type ExitCode, worstExit } from './base/exit.js';
import { version } from './generated/version.js';
import { visible } from './ui/visible.js';

let exit: ExitCode = Exit.done;

/** True if standard output did not take everything that was written. */
let isCutShort = false;

// A reader may go away, as `head` does, and a disk may be full: the command still comes to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isCutShort) return;
  isCutShort = true;
  process.exitCode = worstExit([exit, Exit.cannotWrite]);
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  process.stderr.write(`shotlist: cannot write to standard output: ${why}\n`);
});
// A failure of standard error cannot be reported anywhere.
process.stderr.on('error', () => {});

// Node 20 has no compile cache.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

import('./cli/program.js')
  .then(({ runProgram }) => runProgram(process, process.argv.slice(2)))
  .catch(reportBug)
  .then((code) => {
    exit = code;
    process.exitCode = isCutShort ? worstExit([exit, Exit.cannotWrite]) : exit;
  });

function reportBug(error: unknown): ExitCode {
  const stack = error instanceof Error ? error.stack : String(error);
  const shown = stack?.split('\n').map(visible).join('\n');
  process.stderr.write(`shotlist: this is a bug in Shotlist ${version}, please report it:\n${shown}\n`);
  return Exit.bug;
}
