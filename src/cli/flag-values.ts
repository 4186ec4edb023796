import { type Command, InvalidArgumentError } from 'commander';

/** One more value of an option that may be given several times. */
export function gather(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** One more `name=value`; the value may be empty. Throws commander's own error for anything else. */
export function variable(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.');
  return new Map([...before, [name, value]]);
}

/** A whole number from 1 to 999,999. Throws commander's own error for anything else. */
export function atLeastOne(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  const number = Number(text);
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

/** How many submissions may be with the service at a time, in all and by model, as it is named on the command line. */
export interface ConcurrencyFlag {
  readonly total: number;
  readonly models: ReadonlyMap<string, number>;
}

/** One more `n` or `model=n`. Throws commander's own error for anything else. */
export function concurrency(text: string, before: ConcurrencyFlag): ConcurrencyFlag {
  const [, model, number = ''] = /^(?:([^=]+)=)?([^=]*)$/.exec(text) ?? [];
  const most = atLeastOne(number);
  if (model === undefined) return { ...before, total: most };
  return { ...before, models: new Map([...before.models, [model, most]]) };
}

/** Longest time that may be given, seconds: a week, which fits the timers of every platform. */
const LONGEST = 7 * 24 * 3600;

/** A length of time such as `90s`, `20m` or `1h30m`, in seconds. Throws commander's own error for anything else. */
export function duration(text: string): number {
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const length = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  if (length === 0) throw new InvalidArgumentError('It must be a time such as 90s, 20m or 2h.');
  if (length > LONGEST) throw new InvalidArgumentError('It must be a week (168h) at most.');
  return length;
}

/** A number, 0 or more. Throws commander's own error for anything else. */
export function amount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number, such as 12.50.');
  return Number(text);
}

/** Loudness in LUFS, within what ffmpeg's filter takes and ears endure, or `off`. Throws commander's own error for anything else. */
export function loudness(text: string): number | 'off' {
  if (text === 'off') return text;
  const value = /^[-−]\d+(\.\d+)?$/.test(text) ? Number(text.replace('−', '-')) : Number.NaN;
  if (!(value >= -40 && value <= -8)) throw new InvalidArgumentError('It must be from -40 to -8, or off.');
  return value;
}

/** A TCP port; 0 stands for any. Throws commander's own error for anything else. */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return Number(text);
}

/**
 * Which of the options or arguments of a command, or of one it belongs to, was given as an empty text, in commander's way of naming it; null where
 * none was. That is hardly ever meant, and as a path it would stand for the current folder.
 */
export function emptyValue(command: Command): string | null {
  const option = command.options.find((one) => isEmpty(command.getOptionValue(one.attributeName())));
  if (option) return `option '${option.flags}'`;
  const argument = command.registeredArguments.find((_one, index) => isEmpty(command.processedArgs[index]));
  if (argument) return `argument '${argument.name()}'`;
  return command.parent ? emptyValue(command.parent) : null;
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.includes(''));
}
