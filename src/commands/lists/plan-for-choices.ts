import { type Diagnostic, sortDiagnostics } from '../../language/diagnostic.js';
import { loadShotList } from '../../language/load.js';
import type { ShotList } from '../../language/shot-list.js';
import type { Catalog } from '../../models/catalog.js';
import { readCatalog } from '../../models/read-catalog.js';
import { makePlan } from '../../plan/make-plan.js';
import type { Plan } from '../../plan/plan.js';
import { type ListFlags, loadOptions } from '../list-flags.js';

/** A list that people choose in, its plan, and the models it may name. */
export interface ChoosableList {
  readonly list: ShotList;
  readonly plan: Plan;
  readonly catalog: Catalog;
}

/** The list and its plan, where nothing is wrong but that shots are no longer what was approved. */
export async function planForChoices(
  file: string,
  flags: ListFlags,
): Promise<ChoosableList | { readonly diagnostics: readonly Diagnostic[] }> {
  const loaded = await loadShotList(file, loadOptions(flags));
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { diagnostics: loaded.diagnostics };
  const { catalog } = await readCatalog(list.folder);
  const planned = makePlan(list, catalog);
  const plan = planned.ok ? planned.value : planned.partial;
  const diagnostics = [...loaded.diagnostics, ...planned.diagnostics].filter(({ code }) => code !== 'SL113');
  const isSound = diagnostics.every(({ severity }) => severity !== 'error');
  return isSound && plan ? { list, plan, catalog } : { diagnostics: sortDiagnostics(diagnostics) };
}

/** Digits of a key that sign a shot off, as many as are in the names of its clips. */
export const DIGITS = 8;

/** By a shot's id, the key of what the cut ends on: a later part's key holds those of the parts before it. */
export function selectedKeys({ submissions }: Plan): ReadonlyMap<string, string> {
  return new Map(submissions.filter(({ selected }) => selected).map(({ shot, key }) => [shot, key]));
}
