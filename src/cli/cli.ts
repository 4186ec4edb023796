import type { ExitCode } from '../base/exit.js';
import type { Console } from '../commands/console.js';

/** What the commands are attached to. */
export interface Cli {
  readonly console: Console;
  /** Takes the exit code of the command that was called. */
  end(exit: ExitCode): void;
}
