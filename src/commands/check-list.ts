import { makePlan } from '../plan/make-plan.js';
import type { Plan } from '../plan/plan.js';
import { type Checked, sortDiagnostics } from '../shotlist/diagnostic.js';
import { type LoadOptions, loadShotList } from '../shotlist/load.js';

/**
 * Loads and plans a shot list: everything that can be known to be wrong without asking the service. Where the list
 * has errors, the shots without any are planned all the same, so that one look shows them all.
 */
export async function checkList(file: string, options: LoadOptions = {}): Promise<Checked<Plan>> {
  const loaded = await loadShotList(file, options);
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { ok: false, diagnostics: loaded.diagnostics };
  const planned = makePlan(list);
  const diagnostics = sortDiagnostics([...loaded.diagnostics, ...planned.diagnostics]);
  return loaded.ok && planned.ok
    ? { ok: true, value: planned.value, diagnostics }
    : { ok: false, diagnostics };
}
