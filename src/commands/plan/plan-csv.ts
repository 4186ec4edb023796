import type { Catalog } from '../../models/catalog.js';
import type { Plan } from '../../plan/plan.js';
import type { Fold } from '../../run/journal/fold.js';
import { BYTE_ORDER_MARK, formatCsv } from '../../ui/csv.js';

const HEADER = ['scene', 'shot', 'model', 'seconds', 'usd', 'state', 'same as', 'prompt'];

/** The plan as a table for spreadsheets, a row per submission; `usd` is empty where no price is known. */
export function planCsv(
  { submissions }: Plan,
  { fold, catalog, isTTY }: { fold: Fold; catalog: Catalog; isTTY: boolean },
): string {
  const rows = submissions.map(({ scene, id, model, seconds, cost, key, same_as, prompt, segments }) => [
    scene,
    id,
    catalog.find(model)?.name ?? model,
    seconds,
    same_as === null ? cost.usd : 0,
    fold.get(key)?.state ?? 'planned',
    same_as,
    segments.length > 0 ? segments.map((segment) => segment.prompt).join(' / ') : prompt,
  ]);
  return `${isTTY ? '' : BYTE_ORDER_MARK}${formatCsv(HEADER, rows)}`;
}
