import { Exit, type ExitCode } from '../../base/exit.js';
import { formatCount } from '../../base/units.js';
import type { ShotList } from '../../language/shot-list.js';
import type { Console, Failure } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import {
  APPROVAL_DIGITS,
  type EditOptions,
  type EditOutcome,
  LIST_CHANGED,
  planForChoices,
  refused,
  selectedKeys,
  showEdited,
  unknownShotFailure,
  type WrittenShot,
  writeFields,
  writtenShots,
} from './edit-list.js';

/** Flags of `shotlist approve`. */
export interface ApproveFlags extends ListFlags {
  /** True to remove the approval. */
  readonly remove?: boolean;
}

/** Fields after which `approved` is written. */
const FIELDS_BEFORE = ['takes', 'select'];

/** `shotlist approve`: writes the start of each shot's content key into the list, and nothing else. */
export async function approve(
  file: string,
  ids: readonly string[],
  { flags, console }: { flags: ApproveFlags; console: Console },
): Promise<ExitCode> {
  return showEdited(await approveShots(file, ids, { flags }), console);
}

/** Approves shots of a list as they are now, or removes the approval; writes all of them or none. */
export async function approveShots(
  file: string,
  ids: readonly string[],
  { flags, revision }: EditOptions & { readonly flags: ApproveFlags },
): Promise<EditOutcome> {
  const planned = await planForChoices(file, flags);
  if ('diagnostics' in planned) return { kind: 'wrong', diagnostics: planned.diagnostics };
  const { list, plan } = planned;
  const { source } = list.document;
  if (revision !== undefined && source.sha256 !== revision) return refused(LIST_CHANGED);
  const chosen = chooseShots(ids, list);
  if ('exit' in chosen) return refused(chosen);
  const keys = selectedKeys(plan);
  const values = new Map<number, string | null>();
  const lines: string[] = [];
  for (const shot of chosen) {
    const approved = flags.remove ? null : commonKey(shot, keys);
    if (approved === undefined) {
      if (ids.length > 0) return refused(severalKeys(shot));
      lines.push(`${shot.id}: left out; it has ${shot.variants.length} variants`);
    } else if (!isApproved(shot, approved)) {
      values.set(shot.index, approved);
      lines.push(`${shot.id}: ${approved === null ? 'no longer approved' : `approved as ${approved}`}`);
    }
  }
  const failure = await writeFields(source, { field: 'approved', after: FIELDS_BEFORE, values });
  if (failure) return refused(failure);
  const unchanged = chosen.length - lines.length;
  if (unchanged > 0) lines.push(`${formatCount(unchanged, 'shot')} as before`);
  return { kind: 'edited', lines };
}

function chooseShots(ids: readonly string[], list: ShotList): readonly WrittenShot[] | Failure {
  const written = writtenShots(list);
  const unknown = ids.find((id) => !written.has(id));
  if (unknown !== undefined) return unknownShotFailure(unknown, written);
  return [...written.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
}

/** Start of the key that all variants of a shot share; undefined if they are different videos. */
function commonKey({ variants }: WrittenShot, keys: ReadonlyMap<string, string>): string | undefined {
  const starts = new Set(variants.map(({ id }) => keys.get(id)?.slice(0, APPROVAL_DIGITS)));
  return starts.size === 1 ? [...starts][0] : undefined;
}

/** True if the list has this approval already; a longer start of the same key counts too. */
function isApproved({ own }: WrittenShot, approved: string | null): boolean {
  if (approved === null) return (own.approved ?? null) === null;
  return typeof own.approved === 'string' && own.approved.startsWith(approved);
}

function severalKeys({ id, variants }: WrittenShot): Failure {
  const message = `\`${id}\` has ${variants.length} variants, and one \`approved\` cannot approve all of them`;
  return { exit: Exit.usage, message, hint: 'write the one that was chosen as a shot of its own' };
}
