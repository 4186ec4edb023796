import { Exit, type ExitCode, worst } from './base/exit.js';
import type { Console } from './commands/console.js';
import { version } from './generated/version.js';
import { visible } from './ui/visible.js';

let exit: ExitCode = Exit.done;

/** Set when standard output did not take all that was said. */
let isCutShort = false;

// Whoever reads along may go away, as `head` does, and a disk may be full: what was begun is still brought to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isCutShort) return;
  isCutShort = true;
  process.exitCode = worst([exit, Exit.cannotWrite]);
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  console.stderr.write(`shotlist: cannot write to standard output: ${why}\n`);
});

let stderr: NodeJS.WriteStream | undefined;

/** What commands are attached to. Node opens what is first asked for, which takes as long as to plan ten shots. */
const console: Console = {
  stdout: process.stdout,
  get stdin() {
    return process.stdin;
  },
  get stderr() {
    // When that fails, there is nobody left to tell.
    stderr ??= process.stderr.on('error', () => {});
    return stderr;
  },
  env: process.env,
};

main(process.argv.slice(2))
  .catch(reportBug)
  .then((code) => {
    exit = code;
    process.exitCode = isCutShort ? worst([exit, Exit.cannotWrite]) : exit;
  });

async function main(args: readonly string[]): Promise<ExitCode> {
  // What scripts ask most needs nothing of all the rest.
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${version}\n`);
    return Exit.done;
  }
  const { loadProgram } = await import('./cli/load-program.js');
  return loadProgram(args[0] ?? '').runProgram(console);
}

function reportBug(error: unknown): ExitCode {
  const stack = error instanceof Error ? error.stack : String(error);
  const shown = stack?.split('\n').map(visible).join('\n');
  console.stderr.write(`shotlist: this is a bug in Shotlist ${version}, please report it:\n${shown}\n`);
  return Exit.bug;
}
