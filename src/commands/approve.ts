import { Exit, type ExitCode } from '../exit.js';
import { readCatalog } from '../models/read-catalog.js';
import { makePlan } from '../plan/make-plan.js';
import type { Plan } from '../plan/plan.js';
import { type Diagnostic, sortDiagnostics } from '../shotlist/diagnostic.js';
import { loadShotList } from '../shotlist/load.js';
import type { ShotList } from '../shotlist/shot-list.js';
import { formatCount } from '../ui/units.js';
import { type Console, exitOf, type Failure, fail, showDiagnostics } from './console.js';
import { unknownShot, type WrittenShot, writeFields, writtenShots } from './edit-list.js';
import { type ListFlags, loadOptions } from './list-flags.js';

export interface ApproveFlags extends ListFlags {
  /** Take the approval back. */
  readonly remove?: boolean;
}

/** Digits of a key that sign a shot off, as many as are in the names of its clips. */
const DIGITS = 8;

/** Where `approved` goes: what was chosen first, then that it is signed off. */
const AFTER = ['takes', 'select'];

/** `shotlist approve`: writes the start of each shot's content key into the list, and nothing else. */
export async function approve(
  file: string,
  ids: readonly string[],
  { flags, console }: { flags: ApproveFlags; console: Console },
): Promise<ExitCode> {
  const planned = await planOf(file, flags);
  if ('diagnostics' in planned) {
    await showDiagnostics(console.stderr, planned.diagnostics, console);
    return exitOf(planned.diagnostics);
  }
  const { list, plan } = planned;
  const chosen = chooseShots(ids, list);
  if ('exit' in chosen) return fail(console, chosen);
  const keys = keysOf(plan);
  const values = new Map<number, string | null>();
  const lines: string[] = [];
  for (const shot of chosen) {
    const approved = flags.remove ? null : commonKey(shot, keys);
    if (approved === undefined) {
      if (ids.length > 0) return fail(console, severalKeys(shot));
      lines.push(`${shot.id}: left out; it stands for ${shot.variants.length} shots`);
    } else if (!isApproved(shot, approved)) {
      values.set(shot.index, approved);
      lines.push(`${shot.id}: ${approved === null ? 'no longer approved' : `approved as ${approved}`}`);
    }
  }
  const { source } = list.document;
  const failure =
    values.size > 0 ? await writeFields(source, { field: 'approved', after: AFTER, values }) : null;
  if (failure) return fail(console, failure);
  for (const line of lines) console.stdout.write(`${line}\n`);
  const asBefore = chosen.length - lines.length;
  if (asBefore > 0) console.stdout.write(`${formatCount(asBefore, 'shot')} as before\n`);
  return Exit.done;
}

/** The list and its plan, where nothing is wrong but that shots are no longer what was approved. */
async function planOf(
  file: string,
  flags: ListFlags,
): Promise<{ list: ShotList; plan: Plan } | { diagnostics: readonly Diagnostic[] }> {
  const loaded = await loadShotList(file, loadOptions(flags));
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { diagnostics: loaded.diagnostics };
  const planned = makePlan(list, (await readCatalog(list.folder)).catalog);
  const plan = planned.ok ? planned.value : planned.partial;
  const diagnostics = [...loaded.diagnostics, ...planned.diagnostics].filter(({ code }) => code !== 'SL113');
  const isSound = diagnostics.every(({ severity }) => severity !== 'error');
  return isSound && plan ? { list, plan } : { diagnostics: sortDiagnostics(diagnostics) };
}

function chooseShots(ids: readonly string[], list: ShotList): readonly WrittenShot[] | Failure {
  const written = writtenShots(list);
  const unknown = ids.find((id) => !written.has(id));
  if (unknown !== undefined) return unknownShot(unknown, written);
  return [...written.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
}

/** By a shot's id, the key of what the cut ends on: a later part's key holds those of the parts before it. */
function keysOf({ submissions }: Plan): ReadonlyMap<string, string> {
  return new Map(submissions.filter(({ selected }) => selected).map(({ shot, key }) => [shot, key]));
}

/** The key that all of a shot's variants begin with; undefined where they are different videos. */
function commonKey({ variants }: WrittenShot, keys: ReadonlyMap<string, string>): string | undefined {
  const starts = new Set(variants.map(({ id }) => keys.get(id)?.slice(0, DIGITS)));
  return starts.size === 1 ? [...starts][0] : undefined;
}

/** Whether the shot says so already; a longer start of the same key is as good. */
function isApproved({ own }: WrittenShot, approved: string | null): boolean {
  if (approved === null) return (own.approved ?? null) === null;
  return typeof own.approved === 'string' && own.approved.startsWith(approved);
}

function severalKeys({ id, variants }: WrittenShot): Failure {
  const message = `\`${id}\` stands for ${variants.length} shots, and one \`approved\` cannot sign off them all`;
  return { exit: Exit.usage, message, hint: 'write the one that was chosen as a shot of its own' };
}
