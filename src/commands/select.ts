import { Exit, type ExitCode } from '../exit.js';
import { loadShotList } from '../shotlist/load.js';
import { visible } from '../ui/visible.js';
import { type Console, exitOf, type Failure, fail, showDiagnostics } from './console.js';
import { unknownShot, type WrittenShot, writeFields, writtenShots } from './edit-list.js';
import { type ListFlags, loadOptions } from './list-flags.js';

/** A shot and the take that the cut and the chained shots are to use; null takes the choice back. */
interface Choice {
  readonly shot: WrittenShot;
  readonly take: number | null;
}

/** `shotlist select`: writes which take of a shot is used into the list, and nothing else. */
export async function select(
  file: string,
  words: readonly string[],
  { flags, console }: { flags: ListFlags; console: Console },
): Promise<ExitCode> {
  const loaded = await loadShotList(file, loadOptions(flags));
  if (!loaded.ok) {
    await showDiagnostics(console.stderr, loaded.diagnostics, console);
    return exitOf(loaded.diagnostics);
  }
  const written = writtenShots(loaded.value);
  const choices = new Map<number, Choice>();
  for (const word of words) {
    const choice = choiceOf(word, written);
    if ('exit' in choice) return fail(console, choice);
    if (choices.has(choice.shot.index)) {
      return fail(console, { exit: Exit.usage, message: `${choice.shot.id} is named twice` });
    }
    choices.set(choice.shot.index, choice);
  }
  const news = [...choices.values()].filter(({ shot, take }) => (shot.own.select ?? null) !== take);
  const values = new Map(news.map(({ shot, take }) => [shot.index, take]));
  const { source } = loaded.value.document;
  const failure =
    values.size > 0 ? await writeFields(source, { field: 'select', after: ['takes'], values }) : null;
  if (failure) return fail(console, failure);
  for (const choice of choices.values()) console.stdout.write(`${describe(choice, news.includes(choice))}\n`);
  return Exit.done;
}

function choiceOf(word: string, written: ReadonlyMap<string, WrittenShot>): Choice | Failure {
  const [, id = '', number = ''] = /^(.+)=(\d*)$/.exec(word) ?? [];
  if (id === '') {
    const hint = 'say a shot and one of its takes, as in cliff=2; cliff= takes the choice back';
    return { exit: Exit.usage, message: `${visible(word)} is no choice of a take`, hint };
  }
  const shot = written.get(id);
  if (!shot) return unknownShot(id, written);
  if (number === '') return { shot, take: null };
  const take = Number(number);
  const takes = Math.min(...shot.variants.map(({ fields }) => fields.takes ?? 1));
  if (take >= 1 && take <= takes) return { shot, take };
  const has = takes === 1 ? 'one take' : `${takes} takes`;
  const hint = take > takes ? `raise its \`takes\` to render more` : 'takes are counted from 1';
  return { exit: Exit.usage, message: `${id} has ${has}, and no take ${number}`, hint };
}

function describe({ shot, take }: Choice, isNew: boolean): string {
  if (take === null) return `${shot.id}: ${isNew ? 'the choice is taken back' : 'no choice to take back'}`;
  return `${shot.id}: take ${take}${isNew ? '' : ', as before'}`;
}
