import { type Command, Option } from 'commander';
import type { Cli } from './cli.js';
import { amount, atLeastOne, concurrency, duration } from './flag-values.js';
import {
  checkUrls,
  except,
  list,
  livePrices,
  only,
  out,
  profile,
  provider,
  reuse,
  runDirectory,
  set,
  skipApproved,
  takeLock,
} from './options.js';

/** Adds what renders, and what looks after a run directory. */
export function addRunCommands(program: Command, { console, end }: Cli): void {
  program
    .command('run')
    .description('submit what is new, fetch what is done, write the manifest; run again to continue')
    .addArgument(list())
    .addOption(provider())
    .addOption(out())
    .addOption(reuse())
    .addOption(
      new Option('--concurrency <n>', 'submissions with the service at a time; kling-3.0/4k=2 for one model')
        .argParser(concurrency)
        .default({ total: 4, models: new Map() }, '4'),
    )
    .option('--submit-rate <n>', 'submissions in a minute at most, evenly spaced', atLeastOne)
    .option('--shot-timeout <time>', 'leave a submission to a later run after this, such as 20m', duration)
    .option('--run-timeout <time>', 'end the run after this, such as 2h; run again to continue', duration)
    .option('--yes', 'submit without asking')
    .option(
      '--max-cost <usd>',
      'send what this run can pay for with so much, and leave out the rest; does not ask',
      amount,
    )
    .option('--allow-unknown-cost', 'send what has no known price although there is a budget or --max-cost')
    .addOption(checkUrls())
    .addOption(livePrices())
    .addOption(
      new Option(
        '--on-interrupt <what>',
        'at Ctrl-C, cancel what is queued, or detach: leave it all to be rendered',
      )
        .choices(['cancel', 'detach'])
        .default('cancel'),
    )
    .option('--json', 'print events, one JSON object a line')
    .option('--notify <url>', 'post the end of the run to a chat’s webhook (or SHOTLIST_NOTIFY_URL)')
    .option('--refresh-chained', 'render again what goes on from a clip that was rendered anew since')
    .option('--retry-failed', 'send again, and pay again, what has failed')
    .option('--watch', 'at every save, show what would change and cost; renders with --provider local alone')
    .addOption(takeLock())
    .addOption(profile())
    .addOption(set())
    .addOption(only(', and what they start from'))
    .addOption(except())
    .addOption(skipApproved())
    .action(async (file, flags) => {
      if (flags.watch) end(await (await import('../commands/run/watch.js')).watchList(file, flags, console));
      else end(await (await import('../commands/run/run.js')).run(file, flags, console));
    });

  program
    .command('status')
    .description('ask the service about everything of a run that is not settled; changes nothing')
    .addArgument(runDirectory())
    .option('--json', 'all of it, as JSON')
    .action(async (directory, flags) => {
      end(await (await import('../commands/run/status.js')).status(directory, flags, console));
    });

  program
    .command('cancel')
    .description('cancel what a run left with the service, as far as it is still queued')
    .addArgument(runDirectory())
    .argument('[submissions...]', 'ids, or starts of keys (default: all of them)')
    .option('--yes', 'cancel all of them without asking')
    .addOption(takeLock())
    .action(async (directory, submissions, flags) => {
      end(
        await (await import('../commands/run/cancel.js')).cancel(directory, submissions, { flags, console }),
      );
    });

  program
    .command('resolve')
    .description('settle a submission of which nobody knows whether it was accepted')
    .addArgument(runDirectory())
    .argument('<submission>', 'the shot’s id, or the start of its key')
    .option('--request-id <id>', 'the service has it under this id')
    .option('--resubmit', 'the service does not have it: the next run sends it again')
    .option('--give-up', 'neither wait for it nor send it again')
    .addOption(takeLock())
    .action(async (directory, submission, flags) => {
      const { resolveSubmission } = await import('../commands/run/resolve.js');
      end(await resolveSubmission(directory, submission, { flags, console }));
    });

  program
    .command('verify')
    .description('read every clip of a run again; say what is missing, damaged or other than recorded')
    .addArgument(runDirectory())
    .option('--repair', 'fetch those again, without a submission, as long as the service has them')
    .option('--json', 'the report, as JSON')
    .addOption(takeLock())
    .action(async (directory, flags) => {
      end(await (await import('../commands/run/verify.js')).verify(directory, { flags, console }));
    });

  program
    .command('prune')
    .description('list clips of a run that no manifest uses, and what killed runs left half written')
    .addArgument(runDirectory())
    .option('--yes', 'remove those that the service still has, and the leftovers')
    .option('--last-copies', 'with --yes: those too that cannot be fetched again')
    .option('--json', 'the list, as JSON')
    .addOption(takeLock())
    .action(async (directory, flags) => {
      end(await (await import('../commands/run/prune.js')).prune(directory, { flags, console }));
    });
}
