import { isChainedFrame, type NativeValue } from '../models/native-input.js';
import type { Plan } from './plan.js';
import type { Submission } from './submission.js';

/** Which shots a run is for; nothing said means all. */
export interface Choice {
  /** Shot ids, ids with `*`, or `scene:010`. */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** Ids of submissions to leave out whatever else is said, such as approved ones. */
  readonly skip?: ReadonlySet<string>;
}

export type Chosen =
  | { readonly ok: true; readonly ids: ReadonlySet<string> }
  /** A pattern that names nothing in the plan. */
  | { readonly ok: false; readonly pattern: string };

/**
 * Ids of the submissions that a choice names, with those they start from: what a chosen shot continues is needed
 * for it, chosen or not.
 */
export function choose({ submissions }: Plan, { skip = new Set(), ...choice }: Choice): Chosen {
  const named = namedBy(submissions, choice);
  // Of all, none is needed besides.
  if (!named.ok || (named.ids.size === submissions.length && skip.size === 0)) return named;
  const byId = new Map(submissions.map((one) => [one.id, one]));
  const ids = new Set<string>();
  const open = submissions.filter(({ id }) => named.ids.has(id) && !skip.has(id));
  for (let next = open.pop(); next; next = open.pop()) {
    if (ids.has(next.id)) continue;
    ids.add(next.id);
    for (const id of startsFrom(next.input)) {
      const needed = byId.get(id);
      if (needed) open.push(needed);
    }
  }
  return { ok: true, ids };
}

/** What can be named: a submission, planned or recorded. */
type Nameable = Pick<Submission, 'id' | 'shot' | 'scene'>;

/** Ids of what a choice names, and nothing else. */
export function namedBy(
  all: readonly Nameable[],
  { only = [], except = [] }: Pick<Choice, 'only' | 'except'>,
): Chosen {
  const barren = [...only, ...except].find((pattern) => !all.some((one) => matches(one, pattern)));
  if (barren !== undefined) return { ok: false, pattern: barren };
  const wanted = all.filter(
    (one) =>
      (only.length === 0 || only.some((pattern) => matches(one, pattern))) &&
      !except.some((pattern) => matches(one, pattern)),
  );
  return { ok: true, ids: new Set(wanted.map(({ id }) => id)) };
}

/** Ids of the submissions whose last frames an input needs. */
export function startsFrom(value: NativeValue): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isChainedFrame(value)) return [value.$last_frame_of];
  return Object.values(value).flatMap((part) => startsFrom(part as NativeValue));
}

function matches({ id, shot, scene }: Nameable, pattern: string): boolean {
  if (pattern.startsWith('scene:'))
    return scene !== null && wildcard(pattern.slice('scene:'.length)).test(scene);
  const expression = wildcard(pattern);
  return expression.test(id) || expression.test(shot);
}

/** `*` stands for any text; everything else for itself. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}
