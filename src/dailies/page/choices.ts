import type { PageData, PageLine } from '../page-data.js';
import type { Shot } from './film.js';

/** What was chosen on the page and is not in the list yet. */
export interface Choices {
  /** The take by the line's id. */
  readonly takes: ReadonlyMap<string, number>;
  /** Whether to sign off, or to take that back, by the line's id. */
  readonly approvals: ReadonlyMap<string, boolean>;
}

export const NONE: Choices = { takes: new Map(), approvals: new Map() };

/** The choices with another take of a shot; choosing what the list says already is no choice. Pure. */
export function chooseTake(choices: Choices, { line, take, selected }: ChosenTake): Choices {
  const takes = new Map(choices.takes);
  if (take === selected) takes.delete(line.id);
  else takes.set(line.id, take);
  return { ...choices, takes };
}

export interface ChosenTake {
  readonly line: PageLine;
  readonly take: number;
  /** What the list says. */
  readonly selected: number;
}

/** The choices with a shot signed off, or not: the other of what it is. Pure. */
export function toggleApproval(choices: Choices, line: PageLine): Choices {
  const approvals = new Map(choices.approvals);
  const isApproved = line.approved === 'yes';
  if (approvals.has(line.id)) approvals.delete(line.id);
  else approvals.set(line.id, !isApproved);
  return { ...choices, approvals };
}

/** How a line stands with what was chosen on the page. */
export function approvalOf(line: PageLine, { approvals }: Choices): PageLine['approved'] {
  const chosen = approvals.get(line.id);
  if (chosen === undefined) return line.approved;
  return chosen ? 'yes' : 'no';
}

export function countOf({ takes, approvals }: Choices): number {
  return takes.size + approvals.size;
}

/** The choices as commands to type, takes first: what is signed off is the chosen take. */
export function commandsFor(
  choices: Choices,
  { shots, commands }: { readonly shots: readonly Shot[]; readonly commands: PageData['commands'] },
): readonly string[] {
  const lines = new Map(shots.flatMap(({ shot: { line } }) => (line ? [[line.id, line] as const] : [])));
  const inOrder = [...lines.values()];
  const takes = inOrder
    .filter(({ id }) => choices.takes.has(id))
    .map(({ id, word }) => `${word}=${choices.takes.get(id)}`);
  const approved = (wanted: boolean) =>
    inOrder.filter(({ id }) => choices.approvals.get(id) === wanted).map(({ word }) => word);
  const { options } = commands;
  return [
    command(commands.select, { words: takes, options }),
    command(commands.approve, { words: approved(true), options }),
    command(commands.approve, { words: approved(false), options: `--remove ${options}` }),
  ].filter((one) => one !== null);
}

function command(
  start: string,
  { words, options }: { readonly words: readonly string[]; readonly options: string },
): string | null {
  if (words.length === 0) return null;
  // An id may begin with a dash, and would be taken for an option.
  const all = words.some((word) => word.startsWith('-'))
    ? [start, options.trim(), '--', ...words]
    : [start, ...words, options.trim()];
  return all.filter((word) => word !== '').join(' ');
}
