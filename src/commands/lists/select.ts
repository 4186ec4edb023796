import { Exit, type ExitCode } from '../../base/exit.js';
import { loadShotList } from '../../language/load.js';
import { visible } from '../../ui/visible.js';
import type { Console, Failure } from '../console.js';
import { type ListFlags, loadOptions } from '../list-flags.js';
import {
  type EditOptions,
  type EditOutcome,
  LIST_CHANGED,
  refused,
  showEdited,
  unknownShotFailure,
  type WrittenShot,
  writeFields,
  writtenShots,
} from './edit-list.js';

/** A shot and the take that the cut and the chained shots use; a null take removes the choice. */
interface Choice {
  readonly shot: WrittenShot;
  readonly take: number | null;
}

/** `shotlist select`: writes the chosen take of each shot into the list, and nothing else. */
export async function select(
  file: string,
  words: readonly string[],
  { flags, console }: { flags: ListFlags; console: Console },
): Promise<ExitCode> {
  return showEdited(await chooseTakes(file, words, { flags }), console);
}

/** Writes choices such as `cliff=2` into a list: all of them or none. */
export async function chooseTakes(
  file: string,
  words: readonly string[],
  { flags, revision }: EditOptions,
): Promise<EditOutcome> {
  const loaded = await loadShotList(file, loadOptions(flags));
  if (!loaded.ok) return { kind: 'wrong', diagnostics: loaded.diagnostics };
  const { source } = loaded.value.document;
  if (revision !== undefined && source.sha256 !== revision) return refused(LIST_CHANGED);
  const written = writtenShots(loaded.value);
  const choices = new Map<number, Choice>();
  for (const word of words) {
    const choice = choiceOf(word, written);
    if ('exit' in choice) return refused(choice);
    if (choices.has(choice.shot.index)) {
      return refused({ exit: Exit.usage, message: `${choice.shot.id} is named twice` });
    }
    choices.set(choice.shot.index, choice);
  }
  const changed = [...choices.values()].filter(({ shot, take }) => (shot.own.select ?? null) !== take);
  const values = new Map(changed.map(({ shot, take }) => [shot.index, take]));
  const failure = await writeFields(source, { field: 'select', after: ['takes'], values });
  if (failure) return refused(failure);
  const lines = [...choices.values()].map((choice) => choiceLine(choice, changed.includes(choice)));
  return { kind: 'edited', lines };
}

function choiceOf(word: string, written: ReadonlyMap<string, WrittenShot>): Choice | Failure {
  const [, id = '', number = ''] = /^(.+)=(\d*)$/.exec(word) ?? [];
  if (id === '') {
    const hint = 'name a shot and one of its takes, as in cliff=2; cliff= removes the choice';
    return { exit: Exit.usage, message: `${visible(word)} is not a choice of a take`, hint };
  }
  const shot = written.get(id);
  if (!shot) return unknownShotFailure(id, written);
  if (number === '') return { shot, take: null };
  const take = Number(number);
  const takes = Math.min(...shot.variants.map(({ fields }) => fields.takes ?? 1));
  if (take >= 1 && take <= takes) return { shot, take };
  const has = takes === 1 ? 'one take' : `${takes} takes`;
  const hint = take > takes ? `raise its \`takes\` to render more` : 'takes are counted from 1';
  return { exit: Exit.usage, message: `${id} has ${has}, and no take ${number}`, hint };
}

function choiceLine({ shot, take }: Choice, isNew: boolean): string {
  if (take === null) return `${shot.id}: ${isNew ? 'the choice is removed' : 'no choice to remove'}`;
  return `${shot.id}: take ${take}${isNew ? '' : ', as before'}`;
}
