import { type Command, Option } from 'commander';
import { type Cli, except, loudness, only, port, profile, runDirectory, set } from './options.js';

/** Adds the commands that show what was rendered, and hand it on. */
export function addDailiesCommands(program: Command, { console, end }: Cli): void {
  program
    .command('report')
    .description('write the dailies page: every clip beside its board')
    .addArgument(runDirectory())
    .option('--serve', 'serve the page here, and write choices into the list')
    .addOption(
      new Option('--port <n>', 'with --serve, listen on this port (default: any)')
        .argParser(port)
        .implies({ serve: true }),
    )
    .addOption(
      new Option('--markdown', 'print a summary with stills, for a pull request').conflicts(['serve', 'csv']),
    )
    .addOption(
      new Option('--contact-sheet [file]', 'draw each shot’s board and middle frame as PNG').conflicts([
        'serve',
        'csv',
        'markdown',
      ]),
    )
    .addOption(new Option('--csv', 'print a CSV row for each clip').conflicts(['serve']))
    .addOption(profile())
    .addOption(set())
    .action(async (run, flags) => {
      if (flags.serve) {
        end(await (await import('../commands/dailies/report-serve.js')).serveReport(run, flags, console));
      } else {
        end(await (await import('../commands/dailies/report.js')).report(run, flags, console));
      }
    });

  program
    .command('assemble')
    .description('join the chosen clips of a run into one film, in list order')
    .addArgument(runDirectory())
    .option('--out <file>', 'write this MP4 (default: <list>.mp4 in the run directory)')
    .option('--slate', 'show a card of two seconds before each shot')
    .option('--allow-missing', 'show a card in place of each missing clip')
    .option('--music <file>', 'lay music under the clips, repeated or cut to length')
    .addOption(
      new Option('--loudness <lufs>', 'set the loudness, from -40 to -8, or off to keep it')
        .argParser(loudness)
        .default(-16, '-16'),
    )
    .addOption(profile())
    .addOption(set())
    .addOption(only())
    .addOption(except())
    .action(async (run, flags) => {
      end(await (await import('../commands/dailies/assemble.js')).assemble(run, flags, console));
    });

  program
    .command('deliver')
    .description('add the chosen clips and their timeline to a folder')
    .addArgument(runDirectory())
    .requiredOption('--to <folder>', 'write into this folder; never rename or overwrite a file')
    .addOption(
      new Option('--for <program>', 'write FCP 7 XML (premiere), or OTIO too (resolve, default)').choices([
        'premiere',
        'resolve',
      ]),
    )
    .option(
      '--name <pattern>',
      'name clips by this pattern; fields such as {shot} or {take}',
      'SC{scene}_SH{shot}_v{version}',
    )
    .option(
      '--start-timecode <timecode>',
      'start the timeline here; 01:00:00;00 is drop-frame',
      '01:00:00:00',
    )
    .addOption(profile())
    .addOption(set())
    .addOption(only())
    .addOption(except())
    .action(async (run, flags) => {
      end(await (await import('../commands/dailies/deliver.js')).deliver(run, flags, console));
    });
}
