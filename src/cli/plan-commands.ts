import { type Command, Option } from 'commander';
import type { Cli } from './cli.js';
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
  set,
  skipApproved,
} from './options.js';

/** Adds what looks at lists and sends nothing. */
export function addPlanCommands(program: Command, { console, end }: Cli): void {
  program
    .command('validate')
    .description('check shot lists as far as that needs no network')
    .argument('<lists...>', 'shot lists, such as film.yaml')
    .addOption(
      new Option('--format <format>', 'how to show what is wrong')
        .choices(['pretty', 'json', 'github'])
        .default('pretty'),
    )
    .addOption(profile())
    .addOption(set())
    .addOption(checkUrls())
    .action(async (files, flags) => {
      end(await (await import('../commands/plan/validate.js')).validate(files, flags, console));
    });

  program
    .command('plan')
    .description('show what would be submitted, and what it costs; submits nothing')
    .addArgument(list())
    .addOption(provider())
    .addOption(out())
    .addOption(reuse())
    .addOption(new Option('--by <what>', 'totals by scene or by model').choices(['scene', 'model']))
    .option('--prompts', 'with each shot, its prompt as it would be sent')
    .addOption(checkUrls())
    .addOption(livePrices())
    .option('--json', 'everything, as JSON')
    .addOption(
      new Option('--csv', 'a row per submission, for spreadsheets').conflicts(['json', 'by', 'prompts']),
    )
    .addOption(profile())
    .addOption(set())
    .addOption(only(', and what they start from'))
    .addOption(except())
    .addOption(skipApproved())
    .action(async (file, flags) => {
      end(await (await import('../commands/plan/plan.js')).showPlan(file, flags, console));
    });

  program
    .command('diff')
    .description('show what differs between two lists, or since a revision or a run, and what that costs')
    .argument('<list>', 'a shot list, such as film.yaml; with a second one, the older')
    .argument('[newer]', 'the newer list')
    .option('--against <manifest>', 'compare with what was rendered, such as renders/film/manifest.json')
    .option('--since <revision>', 'compare with the list as git has it, such as HEAD~1 or origin/main')
    .option('--markdown', 'as a comment for a pull request')
    .option('--json', 'all of it, as JSON')
    .addOption(profile())
    .addOption(set())
    .action(async (list, newer, flags) => {
      end(await (await import('../commands/plan/diff.js')).diff([list, newer], flags, console));
    });
}
