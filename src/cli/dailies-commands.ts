import { type Command, Option } from 'commander';
import type { Cli } from './cli.js';
import { loudness, port } from './flag-values.js';
import { except, only, profile, runDirectory, set } from './options.js';

/** Adds what shows and hands on what was rendered. */
export function addDailiesCommands(program: Command, { console, end }: Cli): void {
  program
    .command('report')
    .description('write the dailies page of a run: every clip beside its board, to look at and choose from')
    .addArgument(runDirectory())
    .option('--serve', 'show it on this machine, live, and write choices into the list')
    .addOption(
      new Option('--port <n>', 'with --serve: port to listen on (default: any)')
        .argParser(port)
        .implies({ serve: true }),
    )
    .addOption(
      new Option('--markdown', 'print a summary with stills, for a pull request').conflicts(['serve', 'csv']),
    )
    .addOption(
      new Option('--contact-sheet [file]', 'draw every shot’s board and middle frame, as PNG').conflicts([
        'serve',
        'csv',
        'markdown',
      ]),
    )
    .addOption(new Option('--csv', 'print a row per clip, for spreadsheets').conflicts(['serve']))
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
    .option('--out <file>', 'the MP4 to write (default: <list>.mp4 in the run directory)')
    .option('--slate', 'a card of two seconds before each shot: id, scene, take, length, notes')
    .option('--allow-missing', 'a card in the place, and of the length, of what is not here')
    .option('--music <file>', 'lay music under the clips, repeated or cut to the film’s length')
    .addOption(
      new Option('--loudness <lufs>', 'how loud the film is, from -40 to -8, or off to leave it as it is')
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
    .description('add the chosen clips of a run, and their timeline, to an editor’s folder')
    .addArgument(runDirectory())
    .requiredOption('--to <folder>', 'the folder; what is there is never renamed or overwritten')
    .addOption(
      new Option('--for <program>', 'premiere: FCP 7 XML only; resolve: OTIO as well (default)').choices([
        'premiere',
        'resolve',
      ]),
    )
    .option(
      '--name <pattern>',
      'what clips are called, by {scene} {shot} {variant} {take} {part} {version} {profile} {title}',
      'SC{scene}_SH{shot}_v{version}',
    )
    .option(
      '--start-timecode <timecode>',
      'of the timeline’s first frame; ; before the frames drops some',
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
