import { Argument, Command, CommanderError, Option } from 'commander';
import type { Console } from './commands/console.js';
import {
  amount,
  atLeastOne,
  concurrency,
  duration,
  emptyValue,
  gather,
  loudness,
  port,
  variable,
} from './commands/flag-values.js';
import { Exit, type ExitCode, worst } from './exit.js';
import { version } from './generated/version.js';
import { visible } from './ui/visible.js';

/** Each command's own code is loaded only when it is called: `--version` should not wait for an HTTP client. */
const console: Console = process;
let exit: ExitCode = Exit.done;

const program = new Command('shotlist')
  .description('Turns a YAML shot list into video clips, with RunComfy’s image-to-video models.')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text + hintFor(text)) })
  .hook('preAction', (_program, command) => {
    const empty = emptyValue(command);
    if (empty) command.error(`error: ${empty} is empty\nhint: is a variable of the shell not set?`);
  })
  .addHelpText('after', '\nA free rehearsal: shotlist run film.yaml --provider local');

const list = new Argument('<list>', 'a shot list, such as film.yaml');
const provider = () =>
  new Option('--provider <name>', 'runcomfy, or local for a free rehearsal')
    .choices(['runcomfy', 'local'])
    .default('runcomfy');
const profile = () => new Option('--profile <name>', 'apply this profile of the list');
const set = () =>
  new Option('--set <name=value>', 'a variable’s value, over the list’s own').argParser(variable);
const only = () =>
  new Option('--only <shots>', 'only these, such as beach* or scene:010, and what they start from').argParser(
    gather,
  );
const except = () => new Option('--except <shots>', 'all but these').argParser(gather);
const skipApproved = () => new Option('--skip-approved', 'all but what is signed off as it is');
const checkUrls = () =>
  new Option('--check-urls', 'ask the servers of remote images and videos about type and size');
const livePrices = () => new Option('--live-prices', 'ask RunComfy what the models cost today');
const reuse = () =>
  new Option('--reuse <manifest>', 'take over clips of another run; may be given several times').argParser(
    gather,
  );
const takeLock = () => new Option('--take-lock', 'take the run directory from a run that is certainly over');
const out = () => new Option('--out <folder>', 'run directory (default: renders/<list>/ beside the list)');

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
    exit = await (await import('./commands/validate.js')).validate(files, flags, console);
  });

program
  .command('plan')
  .description('show what would be submitted, and what it costs; submits nothing')
  .addArgument(list)
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
  .addOption(only())
  .addOption(except())
  .addOption(skipApproved())
  .action(async (file, flags) => {
    exit = await (await import('./commands/plan.js')).showPlan(file, flags, console);
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
    exit = await (await import('./commands/diff.js')).diff([list, newer], flags, console);
  });

program
  .command('run')
  .description('submit what is new, fetch what is done, write the manifest; run again to continue')
  .addArgument(list)
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
  .addOption(only())
  .addOption(except())
  .addOption(skipApproved())
  .action(async (file, flags) => {
    exit = flags.watch
      ? await (await import('./commands/watch.js')).watchList(file, flags, console)
      : await (await import('./commands/run.js')).run(file, flags, console);
  });

program
  .command('report')
  .description('write the dailies page of a run: every clip beside its board, to look at and choose from')
  .argument('<run>', 'the run directory, such as renders/film')
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
    exit = flags.serve
      ? await (await import('./commands/report-serve.js')).serveReport(run, flags, console)
      : await (await import('./commands/report.js')).report(run, flags, console);
  });

program
  .command('assemble')
  .description('join the chosen clips of a run into one film, in list order')
  .argument('<run>', 'the run directory, such as renders/film')
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
  .addOption(new Option('--only <shots>', 'only these, such as beach* or scene:010').argParser(gather))
  .addOption(except())
  .action(async (run, flags) => {
    exit = await (await import('./commands/assemble.js')).assemble(run, flags, console);
  });

program
  .command('deliver')
  .description('add the chosen clips of a run, and their timeline, to an editor’s folder')
  .argument('<run>', 'the run directory, such as renders/film')
  .requiredOption('--to <folder>', 'the folder; what is there is never renamed or overwritten')
  .addOption(
    new Option('--for <program>', 'whose timelines (default: those of both)').choices([
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
  .addOption(new Option('--only <shots>', 'only these, such as beach* or scene:010').argParser(gather))
  .addOption(except())
  .action(async (run, flags) => {
    exit = await (await import('./commands/deliver.js')).deliver(run, flags, console);
  });

program
  .command('resolve')
  .description('settle a submission of which nobody knows whether it was accepted')
  .argument('<run>', 'the run directory, such as renders/film')
  .argument('<submission>', 'the shot’s id, or the start of its key')
  .option('--request-id <id>', 'the service has it under this id')
  .option('--resubmit', 'the service does not have it: the next run sends it again')
  .option('--give-up', 'neither wait for it nor send it again')
  .addOption(takeLock())
  .action(async (directory, submission, flags) => {
    const { resolveSubmission } = await import('./commands/resolve.js');
    exit = await resolveSubmission(directory, submission, { flags, console });
  });

program
  .command('status')
  .description('ask the service about everything of a run that is not settled; changes nothing')
  .argument('<run>', 'the run directory, such as renders/film')
  .option('--json', 'all of it, as JSON')
  .action(async (directory, flags) => {
    exit = await (await import('./commands/status.js')).status(directory, flags, console);
  });

program
  .command('cancel')
  .description('cancel what a run left with the service, as far as it is still queued')
  .argument('<run>', 'the run directory, such as renders/film')
  .argument('[submissions...]', 'ids, or starts of keys (default: all of them)')
  .option('--yes', 'cancel all of them without asking')
  .addOption(takeLock())
  .action(async (directory, submissions, flags) => {
    exit = await (await import('./commands/cancel.js')).cancel(directory, submissions, { flags, console });
  });

program
  .command('verify')
  .description('read every clip of a run again; say what is missing, damaged or other than recorded')
  .argument('<run>', 'the run directory, such as renders/film')
  .option('--repair', 'fetch those again, without a submission, as long as the service has them')
  .option('--json', 'the report, as JSON')
  .addOption(takeLock())
  .action(async (directory, flags) => {
    exit = await (await import('./commands/verify.js')).verify(directory, { flags, console });
  });

program
  .command('prune')
  .description('list clips of a run that no manifest uses, and what killed runs left half written')
  .argument('<run>', 'the run directory, such as renders/film')
  .option('--yes', 'remove those that the service still has, and the leftovers')
  .option('--last-copies', 'with --yes: those too that cannot be fetched again')
  .option('--json', 'the list, as JSON')
  .addOption(takeLock())
  .action(async (directory, flags) => {
    exit = await (await import('./commands/prune.js')).prune(directory, { flags, console });
  });

program
  .command('init')
  .description('begin a project: a shot list that runs, its board, and what git, editors and CI need')
  .argument('[folder]', 'where; made if it is not there', '.')
  .action(async (folder) => {
    exit = await (await import('./commands/init.js')).init(folder, console);
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
    exit = await (await import('./commands/import.js')).importList(source, flags, console);
  });

program
  .command('fmt')
  .description('write shot lists in one layout; comments, order and line breaks are kept')
  .argument('<lists...>', 'shot lists, such as film.yaml; - reads one from standard input')
  .option('--check', 'write nothing; exit 1 where a list is not formatted')
  .action(async (files, flags) => {
    exit = await (await import('./commands/fmt.js')).fmt(files, flags, console);
  });

program
  .command('select')
  .description('write into the list which take of a shot the cut and the chained shots use')
  .addArgument(list)
  .argument('<shot=take...>', 'such as cliff=2 beach=1; cliff= takes the choice back')
  .addOption(profile())
  .addOption(set())
  .action(async (file, choices, flags) => {
    exit = await (await import('./commands/select.js')).select(file, choices, { flags, console });
  });

program
  .command('approve')
  .description('sign shots off: a run then refuses them if they are no longer what they are now')
  .addArgument(list)
  .argument('[shots...]', 'ids (default: all)')
  .option('--remove', 'take the approval back')
  .addOption(profile())
  .addOption(set())
  .action(async (file, shots, flags) => {
    exit = await (await import('./commands/approve.js')).approve(file, shots, { flags, console });
  });

const besideList = () =>
  new Option('--list <list>', 'the shot list beside which there is models/ (default: the current folder)');

const models = program
  .command('models')
  .description('show the models, or what one of them takes and costs')
  .argument('[id]', 'such as kling-3.0/pro')
  .addOption(besideList())
  .option('--json', 'as JSON')
  .action(async (id, flags) => {
    exit = await (await import('./commands/models.js')).showModels(id, flags, console);
  });

models
  .command('add')
  .description('take a model of RunComfy’s catalog into models/ beside the list')
  .argument('<id>', 'its id in the catalog, such as kling/kling-2.6/pro/image-to-video')
  .addOption(besideList())
  .action(async (id, _flags, command) => {
    // Either command may be given the list: both have the option.
    const flags = command.optsWithGlobals();
    exit = await (await import('./commands/add-model.js')).addModel(id, flags, console);
  });

program
  .command('login')
  .description('store a RunComfy API token for this user')
  .action(async () => {
    exit = await (await import('./commands/login.js')).login(console);
  });

program
  .command('emulate')
  .description('serve RunComfy’s Model API on this machine, rendering animatics')
  .option('--port <n>', 'port to listen on; 0 for any', port, 8787)
  .option('--folder <folder>', 'where its requests and clips are kept', 'emulator')
  .option('--concurrency <n>', 'renders at a time (default: one per core)', atLeastOne)
  .option('--token <token>', 'accept only this token')
  .option('--rate <n>', 'submissions accepted in a minute', atLeastOne)
  .option('--queued <seconds>', 'time every request spends in the queue at least', amount)
  .option('--rendering <seconds>', 'time every render takes at least', amount)
  .option('--faults <spec>', 'misbehave, such as seed=7,lost-answer=0.1,429=0.05')
  .action(async (flags) => {
    exit = await (await import('./commands/emulate.js')).emulate(flags, console);
  });

/** Set when standard output did not take all that was said. */
let isCutShort = false;

// Whoever reads along may go away, as `head` does, and a disk may be full: what was begun is still brought to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isCutShort) return;
  isCutShort = true;
  process.exitCode = worst([exit, Exit.cannotWrite]);
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  process.stderr.write(`shotlist: cannot write to standard output: ${why}\n`);
});
// There is nobody left to tell.
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (error) {
  exit = error instanceof CommanderError ? exitOfCommander(error) : reportBug(error);
}
process.exitCode = isCutShort ? worst([exit, Exit.cannotWrite]) : exit;

function exitOfCommander(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? Exit.done : Exit.usage;
}

/** What a usage error that commander words may be about. */
function hintFor(text: string): string {
  const file = /unknown option '(-[^-'][^']*\.[a-z]+)'/i.exec(text)?.[1];
  return file === undefined ? '' : `hint: a file whose name begins with a dash is written ./${file}\n`;
}

function reportBug(error: unknown): ExitCode {
  const stack = error instanceof Error ? error.stack : String(error);
  const shown = stack?.split('\n').map(visible).join('\n');
  process.stderr.write(`shotlist: this is a bug in Shotlist ${version}, please report it:\n${shown}\n`);
  return Exit.bug;
}
