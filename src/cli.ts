import { Command, CommanderError } from 'commander';
import type { Cli } from './cli/cli.js';
import { addDailiesCommands } from './cli/dailies-commands.js';
import { emptyValue } from './cli/flag-values.js';
import { addListCommands } from './cli/list-commands.js';
import { addPlanCommands } from './cli/plan-commands.js';
import { addRunCommands } from './cli/run-commands.js';
import { addServiceCommands } from './cli/service-commands.js';
import { Exit, type ExitCode, worst } from './exit.js';
import { version } from './generated/version.js';
import { visible } from './ui/visible.js';

let exit: ExitCode = Exit.done;

const program = new Command('shotlist')
  .description('Turns a YAML shot list into video clips, with RunComfy’s image-to-video models.')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text + hintFor(text)) })
  .hook('preAction', (_program, command) => {
    const empty = emptyValue(command);
    if (empty) command.error(`error: ${empty} is empty\nhint: is a variable of the shell not set?`);
  })
  .addHelpText('after', '\nA free rehearsal: shotlist run film.yaml --provider local');

const cli: Cli = {
  console: process,
  end: (code) => {
    exit = code;
  },
};
addListCommands(program.commandsGroup('Writing lists:'), cli);
addPlanCommands(program.commandsGroup('Before a run:'), cli);
addRunCommands(program.commandsGroup('Rendering:'), cli);
addDailiesCommands(program.commandsGroup('After a run:'), cli);
addServiceCommands(program.commandsGroup('The service:'), cli);

/** Set when standard output did not take all that was said. */
let isCutShort = false;

// Whoever reads along may go away, as `head` does, and a disk may be full: what was begun is still brought to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isCutShort) return;
  isCutShort = true;
  process.exitCode = worst([exit, Exit.cannotWrite]);
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  process.stderr.write(`shotlist: cannot write to standard output: ${why}\n`);
});
// There is nobody left to tell.
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (error) {
  exit = error instanceof CommanderError ? exitOfCommander(error) : reportBug(error);
}
process.exitCode = isCutShort ? worst([exit, Exit.cannotWrite]) : exit;

function exitOfCommander(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? Exit.done : Exit.usage;
}

/** What a usage error that commander words may be about. */
function hintFor(text: string): string {
  const file = /unknown option '(-[^-'][^']*\.[a-z]+)'/i.exec(text)?.[1];
  return file === undefined ? '' : `hint: a file whose name begins with a dash is written ./${file}\n`;
}

function reportBug(error: unknown): ExitCode {
  const stack = error instanceof Error ? error.stack : String(error);
  const shown = stack?.split('\n').map(visible).join('\n');
  process.stderr.write(`shotlist: this is a bug in Shotlist ${version}, please report it:\n${shown}\n`);
  return Exit.bug;
}
