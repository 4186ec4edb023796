import { formatCount } from '../../base/units.js';
import type { PageTake } from '../page-data.js';
import { h } from './dom.js';
import { takeCell } from './take-cell.js';

/** Clips of earlier versions of the list: paid for, kept, and in no cut. Made when it is opened. */
export function unlistedSection(takes: readonly PageTake[]): HTMLElement {
  const strip = h('div', { class: 'strip' });
  const count = formatCount(takes.length, 'clip');
  const details = h(
    'details',
    { class: 'unlisted' },
    h('summary', {}, `Of earlier versions of the list: ${count}`),
    strip,
  );
  details.addEventListener('toggle', () => {
    if (!details.open || strip.childElementCount > 0) return;
    strip.append(...takes.map((take) => cellOf(take)));
  });
  return details;
}

function cellOf(take: PageTake): HTMLElement {
  const { id } = take.parts[0];
  const variant = { id, label: id, takes: [take] };
  const { element, player } = takeCell({ variant, take, isChosen: false, isOwnModel: true, onChoose: null });
  player.show();
  return element;
}
