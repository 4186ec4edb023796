import { shellWord } from '../base/text.js';
import type { ChoiceFlags, ListFlags } from './list-flags.js';

/** The flags as they were typed, for a command that is to read the list the same way; empty where there are none. */
export function listWords({ profile, set = new Map() }: ListFlags): string {
  const sets = [...set].map(([name, value]) => `--set ${shellWord(`${name}=${value}`)}`);
  return [...(profile === undefined ? [] : [`--profile ${shellWord(profile)}`]), ...sets].join(' ');
}

/** What renders the same shots of the same list, for free or for real. */
export function runCommand(file: string, flags: ListFlags & ChoiceFlags): string {
  const { only = [], except = [], skipApproved } = flags;
  const choices = [
    ...only.map((name) => `--only ${shellWord(name)}`),
    ...except.map((name) => `--except ${shellWord(name)}`),
    ...(skipApproved ? ['--skip-approved'] : []),
  ];
  const words = [`shotlist run ${shellWord(file)}`, listWords(flags), ...choices];
  return words.filter((each) => each !== '').join(' ');
}
