import type { Command } from 'commander';
import type { Cli } from './cli.js';
import { gather } from './flag-values.js';
import { list, profile, set } from './options.js';

/** Adds what writes lists. */
export function addListCommands(program: Command, { console, end }: Cli): void {
  program
    .command('init')
    .description('begin a project: a shot list that runs, its board, and what git, editors and CI need')
    .argument('[folder]', 'where; made if it is not there', '.')
    .action(async (folder) => {
      end(await (await import('../commands/lists/init.js')).init(folder, console));
    });

  program
    .command('import')
    .description('write a shot list from a folder of images, a CSV or a Storyboarder file')
    .argument('<source>', 'such as boards/, shots.csv or scene.storyboarder')
    .option('--out <list>', 'the list to write (default: beside the source, named after it)')
    .option('--model <name>', 'the model of the shots that name none')
    .option('--map <field=Header>', 'which column is what, such as prompt=Action,duration=Length', gather, [])
    .option('--force', 'replace a list that is there')
    .action(async (source, flags) => {
      end(await (await import('../commands/lists/import.js')).importList(source, flags, console));
    });

  program
    .command('fmt')
    .description('write shot lists in one layout; comments, order and line breaks are kept')
    .argument('<lists...>', 'shot lists, such as film.yaml; - reads one from standard input')
    .option('--check', 'write nothing; exit 1 where a list is not formatted')
    .action(async (files, flags) => {
      end(await (await import('../commands/lists/fmt.js')).fmt(files, flags, console));
    });

  program
    .command('select')
    .description('write into the list which take of a shot the cut and the chained shots use')
    .addArgument(list())
    .argument('<shot=take...>', 'such as cliff=2 beach=1; cliff= takes the choice back')
    .addOption(profile())
    .addOption(set())
    .action(async (file, choices, flags) => {
      end(await (await import('../commands/lists/select.js')).select(file, choices, { flags, console }));
    });

  program
    .command('approve')
    .description('sign shots off: a run then refuses them if they are no longer what they are now')
    .addArgument(list())
    .argument('[shots...]', 'ids (default: all)')
    .option('--remove', 'take the approval back')
    .addOption(profile())
    .addOption(set())
    .action(async (file, shots, flags) => {
      end(await (await import('../commands/lists/approve.js')).approve(file, shots, { flags, console }));
    });
}
