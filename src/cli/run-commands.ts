import { type Command, Option } from 'commander';
import type { RunFlags } from '../commands/run/run.js';
import {
  allowHost,
  amount,
  atLeastOne,
  type Cli,
  checkUrls,
  concurrency,
  duration,
  except,
  json,
  list,
  livePrices,
  onlyWithChains,
  out,
  profile,
  provider,
  reuse,
  runDirectory,
  set,
  shrink,
  skipApproved,
  strict,
  takeLock,
} from './options.js';

/** Adds the commands that render, and those that look after a run directory. */
export function addRunCommands(program: Command, { console, end }: Cli): void {
  program
    .command('run')
    .description('submit what is new and fetch clips; run again to continue')
    .addArgument(list())
    .addOption(provider())
    .addOption(out())
    .addOption(reuse())
    .addOption(
      new Option('--concurrency <n>', 'render n at a time; kling-3.0/4k=2 limits one model')
        .argParser(concurrency)
        .default({ total: 4, models: new Map() }, '4'),
    )
    .option('--submit-rate <n>', 'submit at most n a minute, evenly spaced', atLeastOne)
    .option('--shot-timeout <time>', 'leave a submission to a later run after this (20m)', duration)
    .option('--run-timeout <time>', 'end the run after this (2h); run again to continue', duration)
    .option('--yes', 'submit without asking')
    .option('--max-cost <usd>', 'spend at most this and leave out the rest; do not ask', amount)
    .option('--allow-unknown-cost', 'submit shots of unknown price despite a cost limit')
    .addOption(checkUrls())
    .addOption(shrink())
    .addOption(strict())
    .addOption(livePrices())
    .addOption(
      new Option('--on-interrupt <what>', 'at Ctrl-C, cancel what is queued, or detach from it')
        .choices(['cancel', 'detach'])
        .default('cancel'),
    )
    .addOption(
      new Option('--fetch <which>', 'fetch old clips: all, those new shots start from, or none')
        .choices(['all', 'needed', 'new'])
        .default('all'),
    )
    .addOption(allowHost())
    .option('--checkpoint <command>', 'run this before a submission leaves, to keep its record')
    .option('--json', 'print events, one JSON object a line')
    .option('--notify <url>', 'post the end of the run to a webhook (SHOTLIST_NOTIFY_URL)')
    .option('--refresh-chained', 'render again shots chained to a clip that was re-rendered')
    .option('--retry-failed', 'submit failed shots again, and pay for them again')
    .option('--watch', 'at every save, show changes and cost; render only locally')
    .addOption(takeLock())
    .addOption(profile())
    .addOption(set())
    .addOption(onlyWithChains())
    .addOption(except())
    .addOption(skipApproved())
    .action(async (file: string, flags: RunFlags) => {
      if (flags.watch) end(await (await import('../commands/run/watch.js')).watchList(file, flags, console));
      else end(await (await import('../commands/run/run.js')).run(file, flags, console));
    });

  program
    .command('manifest')
    .description('write the manifest of a list from its records, without a run')
    .addArgument(list())
    .addOption(provider())
    .addOption(out())
    .addOption(strict())
    .addOption(profile())
    .addOption(set())
    .action(async (file, flags) => {
      end(await (await import('../commands/run/manifest.js')).writeListManifest(file, flags, console));
    });

  program
    .command('status')
    .description('ask the service about open submissions; change nothing')
    .addArgument(runDirectory())
    .addOption(json())
    .action(async (directory, flags) => {
      end(await (await import('../commands/run/status.js')).status(directory, flags, console));
    });

  program
    .command('cancel')
    .description('cancel what a run left queued at the service')
    .addArgument(runDirectory())
    .argument('[submissions...]', 'ids, or starts of keys (default: all of them)')
    .option('--yes', 'cancel all of them without asking')
    .addOption(takeLock())
    .action(async (directory, submissions, flags) => {
      const { cancel } = await import('../commands/run/cancel.js');
      end(await cancel(directory, submissions, { flags, console }));
    });

  program
    .command('resolve')
    .description('settle a submission that does not end by itself')
    .addArgument(runDirectory())
    .argument('<submission>', 'the shot’s id, or the start of its key')
    .option('--request-id <id>', 'record that the service has it under this id')
    .option('--resubmit', 'record that it is not there: the next run submits it')
    .option('--give-up', 'do not wait for it, and do not submit it again')
    .option('--file <clip>', 'use this clip, which you saved by hand')
    .option('--accept-missing', 'accept that its clip is gone: it is not needed here')
    .option('--rerender', 'render it again in the next run, and pay again')
    .addOption(takeLock())
    .action(async (directory, submission, flags) => {
      const { resolveByHand } = await import('../commands/run/resolve.js');
      end(await resolveByHand(directory, submission, { flags, console }));
    });

  program
    .command('verify')
    .description('read every clip of a run again, and report what is wrong')
    .addArgument(runDirectory())
    .option('--repair', 'fetch missing and damaged clips again; never submit')
    .addOption(allowHost())
    .addOption(json())
    .addOption(takeLock())
    .action(async (directory, flags) => {
      end(await (await import('../commands/run/verify.js')).verify(directory, { flags, console }));
    });

  program
    .command('prune')
    .description('list clips that no manifest uses, and leftovers of runs')
    .addArgument(runDirectory())
    .option('--yes', 'remove leftovers, and clips that the service still has')
    .option('--last-copies', 'with --yes, also remove clips that cannot be fetched again')
    .addOption(allowHost())
    .addOption(json())
    .addOption(takeLock())
    .action(async (directory, flags) => {
      end(await (await import('../commands/run/prune.js')).prune(directory, { flags, console }));
    });
}
