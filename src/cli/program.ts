import { Command, CommanderError } from 'commander';
import { Exit, type ExitCode } from '../base/exit.js';
import type { Console } from '../commands/console.js';
import { version } from '../generated/version.js';
import { addDailiesCommands } from './dailies-commands.js';
import { addListCommands } from './list-commands.js';
import type { Cli } from './options.js';
import { addPlanCommands } from './plan-commands.js';
import { addRunCommands } from './run-commands.js';
import { addServiceCommands } from './service-commands.js';

/** Runs the command that the arguments name; returns its exit code. */
export async function runProgram(console: Console, args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = Exit.done;
  const program = makeProgram({
    console,
    end: (code) => {
      exit = code;
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exit = error.exitCode === 0 ? Exit.done : Exit.usage;
  }
  return exit;
}

/** All commands, in the order of `--help`. */
export function makeProgram(cli: Cli): Command {
  const program = new Command('shotlist')
    .description('Turn a YAML shot list into video clips, with RunComfy.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void cli.console.stdout.write(text),
      writeErr: (text) => void cli.console.stderr.write(text),
      outputError: (text, write) => write(text + hintFor(text)),
    })
    .hook('preAction', (_program, command) => {
      const empty = emptyValue(command);
      if (empty) command.error(`error: ${empty} is empty\nhint: is a variable of the shell not set?`);
    })
    .addHelpText('after', '\nA free rehearsal: shotlist run film.yaml --provider local');
  addListCommands(program.commandsGroup('Writing lists:'), cli);
  addPlanCommands(program.commandsGroup('Before a run:'), cli);
  addRunCommands(program.commandsGroup('Rendering:'), cli);
  addDailiesCommands(program.commandsGroup('After a run:'), cli);
  addServiceCommands(program.commandsGroup('The service:'), cli);
  return program;
}

/** A hint for a usage error that commander reports; empty for most. */
function hintFor(text: string): string {
  const file = /unknown option '(-[^-'][^']*\.[a-z]+)'/i.exec(text)?.[1];
  return file === undefined ? '' : `hint: a file whose name begins with a dash is written ./${file}\n`;
}

/**
 * The first option or argument of a command, or of its parents, that was given as an empty text, named as commander names it;
 * null if there is none. An empty text is rarely meant, and as a path it would be the current folder.
 */
function emptyValue(command: Command): string | null {
  const option = command.options.find((one) => isEmpty(command.getOptionValue(one.attributeName())));
  if (option) return `option '${option.flags}'`;
  const argument = command.registeredArguments.find((_one, index) => isEmpty(command.processedArgs[index]));
  if (argument) return `argument '${argument.name()}'`;
  return command.parent ? emptyValue(command.parent) : null;
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.includes(''));
}
