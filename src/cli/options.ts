import { Argument, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../base/exit.js';
import type { Console } from '../commands/console.js';
import type { Concurrency } from '../commands/run/run.js';

/** The parts of the program that every command uses. */
export interface Cli {
  readonly console: Console;
  /** Takes the exit code of the command. */
  end(exit: ExitCode): void;
}

// Arguments and options of several commands. Each call makes a new one, because commander keeps state in them.

export const list = () => new Argument('<list>', 'a shot list, such as film.yaml');

export const lists = () => new Argument('<lists...>', 'shot lists, such as film.yaml');

export const runDirectory = () => new Argument('<run>', 'the run directory, such as renders/film');

export const provider = () =>
  new Option('--provider <name>', 'render with runcomfy, or with local as a free rehearsal')
    .choices(['runcomfy', 'local'])
    .default('runcomfy');

export const profile = () => new Option('--profile <name>', 'apply this profile of the list');

export const set = () =>
  new Option('--set <name=value>', 'set a variable of the list; repeatable').argParser(variable);

export const only = () =>
  new Option('--only <shots>', 'take only these, such as beach* or scene:010').argParser(gather);

export const onlyWithChains = () =>
  new Option('--only <shots>', 'take these, such as beach*, and what they are chained to').argParser(gather);

export const except = () => new Option('--except <shots>', 'leave out these shots').argParser(gather);

export const skipApproved = () => new Option('--skip-approved', 'leave out approved, unchanged shots');

export const checkUrls = () => new Option('--check-urls', 'check type and size of remote images and videos');

export const shrink = () => new Option('--shrink', 'send smaller copies of images that are too large');

export const strict = () => new Option('--strict', 'take warnings for errors, except ignored ones');

export const livePrices = () => new Option('--live-prices', 'ask RunComfy for today’s prices');

export const reuse = () =>
  new Option('--reuse <run>', 'take over clips of another run directory; repeatable').argParser(gather);

export const out = () => new Option('--out <folder>', 'use this run directory (default: renders/<list>/)');

export const allowHost = () =>
  new Option('--allow-host <host>', 'fetch clips from this host too (SHOTLIST_ALLOW_HOST)').argParser(gather);

export const takeLock = () =>
  new Option('--take-lock', 'take the run directory from a run that has certainly ended');

export const json = () => new Option('--json', 'print everything as JSON');

// Readers of option values. All throw commander's InvalidArgumentError for a value that they do not take.

/** One more value of an option that may be given several times. */
export function gather(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** One more `name=value`; the value may be empty. */
function variable(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.');
  return new Map([...before, [name, value]]);
}

/** A whole number from 1 to 999,999. */
export function atLeastOne(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  const number = Number(text);
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

/** One more `n` or `model=n`. */
export function concurrency(text: string, before: Concurrency): Concurrency {
  const [, model, number = ''] = /^(?:([^=]+)=)?([^=]*)$/.exec(text) ?? [];
  const most = atLeastOne(number);
  if (model === undefined) return { ...before, total: most };
  return { ...before, models: new Map([...before.models, [model, most]]) };
}

/** Longest time that may be given, seconds: a week, which fits the timers of every platform. */
const LONGEST = 7 * 24 * 3600;

/** A length of time such as `90s`, `20m` or `1h30m`, in seconds. */
export function duration(text: string): number {
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const length = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  if (length === 0) throw new InvalidArgumentError('It must be a time such as 90s, 20m or 2h.');
  if (length > LONGEST) throw new InvalidArgumentError('It must be a week (168h) at most.');
  return length;
}

/** A number, 0 or more. */
export function amount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number, such as 12.50.');
  return Number(text);
}

/** Loudness in LUFS, within the range of ffmpeg's `loudnorm` filter and of comfortable listening, or `off`. */
export function loudness(text: string): number | 'off' {
  if (text === 'off') return text;
  const value = /^[-−]\d+(\.\d+)?$/.test(text) ? Number(text.replace('−', '-')) : Number.NaN;
  if (!(value >= -40 && value <= -8)) throw new InvalidArgumentError('It must be from -40 to -8, or off.');
  return value;
}

/** A TCP port; 0 is any free one. */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return Number(text);
}
