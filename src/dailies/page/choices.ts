import type { PageData, PageLine } from '../page-data.js';

/** Choices made on the page that are not in the list yet. */
export interface Choices {
  /** The chosen take, by the id of the line. */
  readonly takes: ReadonlyMap<string, number>;
  /** True to approve, false to withdraw the approval; by the id of the line. */
  readonly approvals: ReadonlyMap<string, boolean>;
}

/** No choice at all. */
export const NO_CHOICES: Choices = { takes: new Map(), approvals: new Map() };

/** Choices with another take of a shot. Choosing the take that the list selects removes the choice. Pure. */
export function chooseTake(choices: Choices, { line, take, selected }: ChosenTake): Choices {
  const takes = new Map(choices.takes);
  if (take === selected) takes.delete(line.id);
  else takes.set(line.id, take);
  return { ...choices, takes };
}

/** A take that was chosen for a line of the list. */
export interface ChosenTake {
  readonly line: PageLine;
  readonly take: number;
  /** The take that the list selects. */
  readonly selected: number;
}

/** Choices with the approval of a line reversed. Pure. */
export function toggleApproval(choices: Choices, line: PageLine): Choices {
  const approvals = new Map(choices.approvals);
  const isApproved = line.approved === 'yes';
  if (approvals.has(line.id)) approvals.delete(line.id);
  else approvals.set(line.id, !isApproved);
  return { ...choices, approvals };
}

/** Approval of a line; a choice on the page overrides the list. */
export function approvalOf(line: PageLine, { approvals }: Choices): PageLine['approved'] {
  const chosen = approvals.get(line.id);
  if (chosen === undefined) return line.approved;
  return chosen ? 'yes' : 'no';
}

/** Number of choices. */
export function choiceCount({ takes, approvals }: Choices): number {
  return takes.size + approvals.size;
}

/** Commands that write the choices into the list. Takes come first, because an approval is of the chosen take. */
export function commandsFor(
  choices: Choices,
  { scenes, commands }: Pick<PageData, 'scenes' | 'commands'>,
): readonly string[] {
  const inOrder = [...linesById({ scenes }).values()];
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

/** Lines of the list that the page shows, by id and in list order. */
export function linesById({ scenes }: Pick<PageData, 'scenes'>): ReadonlyMap<string, PageLine> {
  const lines = scenes.flatMap(({ shots }) => shots.flatMap(({ line }) => line ?? []));
  return new Map(lines.map((line) => [line.id, line]));
}

function command(
  start: string,
  { words, options }: { readonly words: readonly string[]; readonly options: string },
): string | null {
  if (words.length === 0) return null;
  // An id may begin with a dash and would be read as an option.
  const all = words.some((word) => word.startsWith('-'))
    ? [start, options.trim(), '--', ...words]
    : [start, ...words, options.trim()];
  return all.filter((word) => word !== '').join(' ');
}
