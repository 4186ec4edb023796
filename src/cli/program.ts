import { Command, CommanderError } from 'commander';
import { Exit, type ExitCode } from '../base/exit.js';
import type { Console } from '../commands/console.js';
import { version } from '../generated/version.js';
import type { Cli } from './cli.js';
import { addDailiesCommands } from './dailies-commands.js';
import { emptyValue } from './flag-values.js';
import { addListCommands } from './list-commands.js';
import { addPlanCommands } from './plan-commands.js';
import { addRunCommands } from './run-commands.js';
import { addServiceCommands } from './service-commands.js';

/** Runs the command that the process was called with; its exit code. */
export async function runProgram(console: Console): Promise<ExitCode> {
  let exit: ExitCode = Exit.done;
  const program = programFor({
    console,
    end: (code) => {
      exit = code;
    },
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exit = error.exitCode === 0 ? Exit.done : Exit.usage;
  }
  return exit;
}

/** In the order of `--help`. Of a group whose command is called, the others need not be made: that takes longer than to check a shot. */
const GROUPS = [
  {
    title: 'Writing lists:',
    commands: ['init', 'import', 'fmt', 'select', 'approve'],
    add: addListCommands,
  },
  { title: 'Before a run:', commands: ['validate', 'plan', 'diff'], add: addPlanCommands },
  {
    title: 'Rendering:',
    commands: ['run', 'status', 'cancel', 'resolve', 'verify', 'prune'],
    add: addRunCommands,
  },
  { title: 'After a run:', commands: ['report', 'assemble', 'deliver'], add: addDailiesCommands },
  { title: 'The service:', commands: ['models', 'login', 'emulate'], add: addServiceCommands },
];

function programFor(cli: Cli): Command {
  const program = new Command('shotlist')
    .description('Turns a YAML shot list into video clips, with RunComfy’s image-to-video models.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => void cli.console.stderr.write(text),
      outputError: (text, write) => write(text + hintFor(text)),
    })
    .hook('preAction', (_program, command) => {
      const empty = emptyValue(command);
      if (empty) command.error(`error: ${empty} is empty\nhint: is a variable of the shell not set?`);
    })
    .addHelpText('after', '\nA free rehearsal: shotlist run film.yaml --provider local');
  const called = GROUPS.find(({ commands }) => commands.includes(process.argv[2] ?? ''));
  for (const { title, add } of called ? [called] : GROUPS) add(program.commandsGroup(title), cli);
  return program;
}

/** What a usage error that commander words may be about. */
function hintFor(text: string): string {
  const file = /unknown option '(-[^-'][^']*\.[a-z]+)'/i.exec(text)?.[1];
  return file === undefined ? '' : `hint: a file whose name begins with a dash is written ./${file}\n`;
}
