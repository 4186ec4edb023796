import type { Command } from 'commander';
import { type Cli, gather, list, profile, set } from './options.js';

/** Adds the commands that write lists. */
export function addListCommands(program: Command, { console, end }: Cli): void {
  program
    .command('init')
    .description('start a project: a list that runs, its board, git and CI')
    .argument('[folder]', 'the project folder; created if it is missing', '.')
    .option('--package <spec>', 'in CI, install this pinned package, such as @a/b@1.2.3')
    .action(async (folder, flags) => {
      end(await (await import('../commands/lists/init.js')).init(folder, flags, console));
    });

  program
    .command('import')
    .description('write a shot list from images, a table, boards or requests')
    .argument('<source>', 'such as boards/, shots.csv, body.json; - reads a request')
    .option('--out <list>', 'write this list (default: beside the source, by its name)')
    .option('--model <name>', 'use this model for shots that name none')
    .option('--map <field=Header>', 'read a field from a column, such as prompt=Action', gather, [])
    .option('--force', 'replace an existing list')
    .action(async (source, flags) => {
      end(await (await import('../commands/lists/import.js')).importList(source, flags, console));
    });

  program
    .command('fmt')
    .description('format shot lists; keep comments, order and line breaks')
    .argument('<lists...>', 'shot lists, such as film.yaml; - reads standard input')
    .option('--check', 'write nothing; exit 1 if a list is not formatted')
    .action(async (files, flags) => {
      end(await (await import('../commands/lists/fmt.js')).fmt(files, flags, console));
    });

  program
    .command('select')
    .description('write into the list which take of a shot to use')
    .addArgument(list())
    .argument('<shot=take...>', 'such as cliff=2 beach=1; cliff= removes the choice')
    .addOption(profile())
    .addOption(set())
    .action(async (file, choices, flags) => {
      end(await (await import('../commands/lists/select.js')).select(file, choices, { flags, console }));
    });

  program
    .command('approve')
    .description('approve shots: a run refuses them once they change')
    .addArgument(list())
    .argument('[shots...]', 'ids (default: all)')
    .option('--remove', 'remove the approval')
    .addOption(profile())
    .addOption(set())
    .action(async (file, shots, flags) => {
      end(await (await import('../commands/lists/approve.js')).approve(file, shots, { flags, console }));
    });
}
