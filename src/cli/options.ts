import { Argument, Option } from 'commander';
import { gather, variable } from './flag-values.js';

/** The arguments and options that several commands take. Each call makes one of its own: commander keeps state in them. */

export const list = () => new Argument('<list>', 'a shot list, such as film.yaml');

export const provider = () =>
  new Option('--provider <name>', 'runcomfy, or local for a free rehearsal')
    .choices(['runcomfy', 'local'])
    .default('runcomfy');

export const profile = () => new Option('--profile <name>', 'apply this profile of the list');

export const set = () =>
  new Option('--set <name=value>', 'a variable’s value, over the list’s own').argParser(variable);

/** `also`: what is chosen besides, where the command takes more than it was asked for. */
export const only = (also = '') =>
  new Option('--only <shots>', `only these, such as beach* or scene:010${also}`).argParser(gather);

export const except = () => new Option('--except <shots>', 'all but these').argParser(gather);

export const skipApproved = () => new Option('--skip-approved', 'all but what is signed off as it is');

export const checkUrls = () =>
  new Option('--check-urls', 'ask the servers of remote images and videos about type and size');

export const livePrices = () => new Option('--live-prices', 'ask RunComfy what the models cost today');

export const reuse = () =>
  new Option('--reuse <manifest>', 'take over clips of another run; may be given several times').argParser(
    gather,
  );

export const takeLock = () =>
  new Option('--take-lock', 'take the run directory from a run that is certainly over');

export const out = () =>
  new Option('--out <folder>', 'run directory (default: renders/<list>/ beside the list)');

export const runDirectory = () => new Argument('<run>', 'the run directory, such as renders/film');
