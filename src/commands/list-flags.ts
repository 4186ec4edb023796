import { join, resolve } from 'node:path';
import { Exit } from '../base/exit.js';
import { shellWord } from '../base/text.js';
import type { LoadOptions } from '../language/load.js';
import { isChainedFrame, type NativeValue } from '../models/native-input.js';
import type { ListIdentity, Plan, Submission } from '../plan/plan.js';
import type { Failure } from './console.js';

/** Flags that say how to read a list. */
export interface ListFlags {
  readonly profile?: string;
  readonly set?: ReadonlyMap<string, string>;
  readonly shrink?: boolean;
}

/** Flags that choose shots of a list. */
export interface ChoiceFlags {
  /** Shot ids, ids with `*`, or `scene:010`. */
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
export function loadOptions({ profile, set, shrink }: ListFlags): LoadOptions {
  return { profile, shrink, ...(set && { set }) };
}

/** Ids of the submissions that the flags choose, with those that they are chained to, which are needed too; all without flags. */
export function chosenBy(
  { submissions, approved }: Plan,
  { skipApproved, ...names }: ChoiceFlags,
): ReadonlySet<string> | Failure {
  const named = namedBy(submissions, names);
  const skip = new Set(skipApproved ? approved : []);
  // If all are chosen, nothing can be missing.
  if ('exit' in named || (named.size === submissions.length && skip.size === 0)) return named;
  const byId = new Map(submissions.map((one) => [one.id, one]));
  const ids = new Set<string>();
  const open = submissions.filter(({ id }) => named.has(id) && !skip.has(id));
  for (let next = open.pop(); next; next = open.pop()) {
    if (ids.has(next.id)) continue;
    ids.add(next.id);
    for (const id of chainedTo(next.input)) {
      const needed = byId.get(id);
      if (needed) open.push(needed);
    }
  }
  return ids;
}

/** Fields that a pattern can match, of a planned or a recorded submission. */
type Nameable = Pick<Submission, 'id' | 'shot' | 'scene'>;

/** Ids of the submissions that the flags name, and of no others; a failure if a pattern names nothing. */
export function namedBy(
  all: readonly Nameable[],
  { only = [], except = [] }: Omit<ChoiceFlags, 'skipApproved'>,
): ReadonlySet<string> | Failure {
  const unmatched = [...only, ...except].find((pattern) => !all.some((one) => matches(one, pattern)));
  if (unmatched !== undefined) return noShot(unmatched);
  const wanted = all.filter(
    (one) =>
      (only.length === 0 || only.some((pattern) => matches(one, pattern))) &&
      !except.some((pattern) => matches(one, pattern)),
  );
  return new Set(wanted.map(({ id }) => id));
}

/** Ids of the submissions whose last frames an input needs. */
function chainedTo(value: NativeValue): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isChainedFrame(value)) return [value.$last_frame_of];
  return Object.values(value).flatMap((part) => chainedTo(part as NativeValue));
}

function matches({ id, shot, scene }: Nameable, pattern: string): boolean {
  if (pattern.startsWith('scene:'))
    return scene !== null && patternExpression(pattern.slice('scene:'.length)).test(scene);
  const expression = patternExpression(pattern);
  return expression.test(id) || expression.test(shot);
}

/** Regular expression for a pattern in which `*` matches any text. */
function patternExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** The failure for a name on the command line that matches no shot. */
function noShot(pattern: string): Failure {
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
  const { only = [], except = [], skipApproved, shrink } = flags;
  const choices = [
    ...only.map((name) => `--only ${shellWord(name)}`),
    ...except.map((name) => `--except ${shellWord(name)}`),
    ...(skipApproved ? ['--skip-approved'] : []),
    ...(shrink ? ['--shrink'] : []),
  ];
  const words = [`shotlist run ${shellWord(file)}`, listWords(flags), ...choices];
  return words.filter((each) => each !== '').join(' ');
}
