import { type Command, Option } from 'commander';
import {
  type Cli,
  checkUrls,
  except,
  json,
  list,
  lists,
  livePrices,
  onlyWithChains,
  out,
  profile,
  provider,
  reuse,
  set,
  shrink,
  skipApproved,
  strict,
} from './options.js';

/** Adds the commands that read lists and submit nothing. */
export function addPlanCommands(program: Command, { console, end }: Cli): void {
  program
    .command('validate')
    .description('check shot lists without the network')
    .addArgument(lists())
    .addOption(
      new Option('--format <format>', 'show problems in this format')
        .choices(['pretty', 'json', 'github'])
        .default('pretty'),
    )
    .addOption(profile())
    .addOption(set())
    .addOption(checkUrls())
    .addOption(shrink())
    .addOption(strict())
    .action(async (files, flags) => {
      end(await (await import('../commands/plan/validate.js')).validate(files, flags, console));
    });

  program
    .command('plan')
    .description('show what a run would submit and cost; submit nothing')
    .addArgument(list())
    .addOption(provider())
    .addOption(out())
    .addOption(reuse())
    .addOption(
      new Option('--by <what>', 'show totals by scene or by model, not shots').choices(['scene', 'model']),
    )
    .option('--prompts', 'show the prompt of each shot as it would be sent')
    .addOption(checkUrls())
    .addOption(shrink())
    .addOption(strict())
    .addOption(livePrices())
    .addOption(json())
    .addOption(
      new Option('--csv', 'print a CSV row for each submission').conflicts(['json', 'by', 'prompts']),
    )
    .addOption(
      new Option('--curl', 'print each submission as a curl command').conflicts([
        'json',
        'by',
        'prompts',
        'csv',
        'shrink',
      ]),
    )
    .addOption(profile())
    .addOption(set())
    .addOption(onlyWithChains())
    .addOption(except())
    .addOption(skipApproved())
    .action(async (file, flags) => {
      end(await (await import('../commands/plan/plan.js')).showPlan(file, flags, console));
    });

  program
    .command('diff')
    .description('show what changed in a list, and what the change costs')
    .argument('<list>', 'a shot list, such as film.yaml; the older of two')
    .argument('[newer]', 'the newer list')
    .option('--against <manifest>', 'compare with a run, such as renders/film/manifest.json')
    .option('--since <revision>', 'compare with git, such as HEAD~1 or origin/main')
    .option('--markdown', 'print a comment for a pull request')
    .addOption(strict())
    .addOption(json())
    .addOption(profile())
    .addOption(set())
    .action(async (list, newer, flags) => {
      end(await (await import('../commands/plan/diff.js')).diff([list, newer], flags, console));
    });
}
