import { isChainedFrame, type NativeValue } from '../models/native-input.js';
import type { Plan } from './plan.js';
import type { Submission } from './submission.js';

/** Choice of the shots that a run is for; all of them if nothing is given. */
export interface Choice {
  /** Shot ids, ids with `*`, or `scene:010`. */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** Ids of submissions to leave out in any case, such as approved ones. */
  readonly skip?: ReadonlySet<string>;
}

/** Result of a choice: ids of submissions, or the pattern that names nothing. */
export type Chosen =
  | { readonly ok: true; readonly ids: ReadonlySet<string> }
  /** `pattern` names nothing in the plan. */
  | { readonly ok: false; readonly pattern: string };

/**
 * Ids of the submissions that a choice names, and of all submissions that they are chained to, which are needed too.
 */
export function chooseSubmissions({ submissions }: Plan, { skip = new Set(), ...choice }: Choice): Chosen {
  const named = namedBy(submissions, choice);
  // If all are chosen, nothing can be missing.
  if (!named.ok || (named.ids.size === submissions.length && skip.size === 0)) return named;
  const byId = new Map(submissions.map((one) => [one.id, one]));
  const ids = new Set<string>();
  const open = submissions.filter(({ id }) => named.ids.has(id) && !skip.has(id));
  for (let next = open.pop(); next; next = open.pop()) {
    if (ids.has(next.id)) continue;
    ids.add(next.id);
    for (const id of chainedTo(next.input)) {
      const needed = byId.get(id);
      if (needed) open.push(needed);
    }
  }
  return { ok: true, ids };
}

/** Fields that a pattern can match, of a planned or a recorded submission. */
type Nameable = Pick<Submission, 'id' | 'shot' | 'scene'>;

/** Ids of the submissions that a choice names, and of no others. */
export function namedBy(
  all: readonly Nameable[],
  { only = [], except = [] }: Pick<Choice, 'only' | 'except'>,
): Chosen {
  const unmatched = [...only, ...except].find((pattern) => !all.some((one) => matches(one, pattern)));
  if (unmatched !== undefined) return { ok: false, pattern: unmatched };
  const wanted = all.filter(
    (one) =>
      (only.length === 0 || only.some((pattern) => matches(one, pattern))) &&
      !except.some((pattern) => matches(one, pattern)),
  );
  return { ok: true, ids: new Set(wanted.map(({ id }) => id)) };
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
