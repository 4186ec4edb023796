import { shellWord } from '../../base/text.js';
import type { PageLine } from '../../dailies/page-data.js';
import { approvableKeys } from '../../plan/make-plan.js';
import { type ChoosableList, selectedKeys, type WrittenShot, writtenShots } from '../lists/edit-list.js';

/** By a shot's id, the line of the list that it comes from, and how that stands. */
export function pageLines({ list, plan, catalog }: ChoosableList): ReadonlyMap<string, PageLine> {
  const keys = selectedKeys(plan);
  const others = approvableKeys(list, catalog);
  const lines = new Map<string, PageLine>();
  for (const written of writtenShots(list).values()) {
    const { id, variants } = written;
    const takes = Math.min(...variants.map(({ fields }) => fields.takes ?? 1));
    const approved = approvalOf(written, [keys, others]);
    const line: PageLine = { id, word: shellWord(id), takes, shots: variants.length, approved };
    for (const variant of variants) lines.set(variant.id, line);
  }
  return lines;
}

function approvalOf(
  { variants }: WrittenShot,
  keys: readonly ReadonlyMap<string, string>[],
): PageLine['approved'] {
  const signed = variants.filter(({ fields }) => fields.approved !== undefined);
  if (signed.length === 0) return 'no';
  const holds = signed.every(({ id, fields: { approved = '' } }) =>
    keys.some((known) => known.get(id)?.startsWith(approved)),
  );
  return holds ? 'yes' : 'stale';
}
