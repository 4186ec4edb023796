import { join, resolve } from 'node:path';
import { Exit } from '../base/exit.js';
import { shellWord } from '../base/text.js';
import type { LoadOptions } from '../language/load.js';
import { chooseSubmissions } from '../plan/choose.js';
import type { ListIdentity, Plan } from '../plan/plan.js';
import type { Failure } from './console.js';

/** Flags that say how to read a list. */
export interface ListFlags {
  readonly profile?: string;
  readonly set?: ReadonlyMap<string, string>;
}

/** Flags that choose shots of a list. */
export interface ChoiceFlags {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  readonly skipApproved?: boolean;
}

export type Provider = 'runcomfy' | 'local';

/** Flags that say who renders a list, and where its run directory is. */
export interface PlaceFlags {
  readonly provider: Provider;
  readonly out?: string;
}

/** Absolute path of a list's run directory: `--out`, or `renders/<name>/` or `rehearsals/<name>/` beside the list. */
export function runDirectory(
  list: Pick<ListIdentity, 'folder' | 'name'>,
  { provider, out }: PlaceFlags,
): string {
  if (out !== undefined) return resolve(out);
  return join(list.folder, provider === 'local' ? 'rehearsals' : 'renders', list.name);
}

/** The flags as the loader takes them. */
export function loadOptions({ profile, set }: ListFlags): LoadOptions {
  return { profile, ...(set && { set }) };
}

/** Ids of the submissions that the flags choose, with those that they start from; all without flags. */
export function chosenBy(
  plan: Plan,
  { only, except, skipApproved }: ChoiceFlags,
): ReadonlySet<string> | Failure {
  const skip = new Set(skipApproved ? plan.approved : []);
  const chosen = chooseSubmissions(plan, { ...(only && { only }), ...(except && { except }), skip });
  return chosen.ok ? chosen.ids : noShot(chosen.pattern);
}

/** The failure for a name on the command line that matches no shot. */
export function noShot(pattern: string): Failure {
  return {
    exit: Exit.usage,
    message: `no shot is called ${pattern}`,
    hint: 'a name may have * in it, as in beach*; scene:010 is a whole scene',
  };
}

/** The flags as they are typed, for a command that reads the list the same way; empty without flags. */
export function listWords({ profile, set = new Map() }: ListFlags): string {
  const sets = [...set].map(([name, value]) => `--set ${shellWord(`${name}=${value}`)}`);
  return [...(profile === undefined ? [] : [`--profile ${shellWord(profile)}`]), ...sets].join(' ');
}

/** The `shotlist run` that renders the same shots of the same list, without provider and run directory. */
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
