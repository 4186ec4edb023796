import { formatCount, formatUsd } from '../../base/units.js';
import type { PageData, PagePart } from '../page-data.js';
import { paidFor } from '../page-rows.js';
import type { Choices } from './choices.js';
import { button, create, setAttributes } from './dom.js';
import type { Shot } from './film.js';
import { EVERYTHING, type Filter, isShown, SHOWS } from './filter.js';

/** Callbacks of the top bar. */
export interface TopBarOptions {
  readonly onFilter: (filter: Filter) => void;
  readonly onHelp: () => void;
  readonly onPlayFilm: () => void;
}

/** Title and totals of the film, and the filter. */
export class TopBar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #title = create('h1', { dir: 'auto' });
  readonly #totals = create('p', { class: 'sums' });
  readonly #shows = create('div', { class: 'shows', role: 'group', 'aria-label': 'Show' });
  readonly #scenes = create('select', { 'aria-label': 'Scene' });
  readonly #options: TopBarOptions;
  #filter: Filter = EVERYTHING;

  constructor(options: TopBarOptions) {
    this.#options = options;
    this.search = create('input', {
      type: 'search',
      placeholder: 'Search',
      'aria-label': 'Search shots',
      spellcheck: 'false',
    });
    this.search.addEventListener('input', () =>
      this.#change({ search: this.search.value.trim().toLowerCase() }),
    );
    this.#scenes.addEventListener('change', () => {
      const scene = this.#scenes.selectedOptions[0]?.dataset.scene ?? null;
      this.#change({ scene });
    });
    const tools = create(
      'div',
      { class: 'tools' },
      button('Play film', { class: 'screen', onClick: options.onPlayFilm }),
      button('?', { label: 'Keys and help', class: 'help', onClick: options.onHelp }),
    );
    const filters = create('div', { class: 'filters' }, this.#shows, this.#scenes, this.search);
    const names = create('div', { class: 'names' }, this.#title, this.#totals);
    this.element = create('header', { class: 'top' }, names, tools, filters);
  }

  /** Removes all filters. */
  reset(): void {
    this.search.value = '';
    this.#scenes.selectedIndex = 0;
    this.#change(EVERYTHING);
  }

  show(
    data: PageData,
    { shots, choices }: { readonly shots: readonly Shot[]; readonly choices: Choices },
  ): void {
    this.#title.textContent = data.title;
    this.#totals.replaceChildren(totals(data, shots));
    this.#showScenes(data);
    const counted = SHOWS.map(({ show, label }) => {
      const count = shots.filter((shot) => isShown(shot, show, choices)).length;
      return { show, label, count };
    });
    const made = counted
      .filter(({ show, count }) => count > 0 || show === 'all' || show === this.#filter.show)
      .map(({ show, label, count }) => {
        const one = button(label, { class: 'show', onClick: () => this.#change({ show }) });
        one.append(' ', create('span', { class: 'count' }, String(count)));
        one.setAttribute('aria-label', `${label} ${formatCount(count, 'shot')}`);
        one.removeAttribute('title');
        one.setAttribute('aria-pressed', String(show === this.#filter.show));
        one.dataset.show = show;
        return one;
      });
    const focused = (document.activeElement as HTMLElement | null)?.dataset.show;
    this.#shows.replaceChildren(...made);
    made.find((one) => one.dataset.show === focused)?.focus();
  }

  #showScenes({ scenes }: PageData): void {
    const named = scenes.filter(
      ({ id }, index) => id !== null && scenes.findIndex((one) => one.id === id) === index,
    );
    const all = create('option', {}, 'All scenes');
    const options = named.map(({ id, title }) => {
      const option = create('option', {}, title === null ? `Scene ${id}` : `${id} ${title}`);
      option.dataset.scene = id ?? '';
      option.selected = id === this.#filter.scene;
      return option;
    });
    this.#scenes.replaceChildren(all, ...options);
    setAttributes(this.#scenes, { hidden: named.length < 2 });
  }

  #change(changes: Partial<Filter>): void {
    this.#filter = { ...this.#filter, ...changes };
    this.#options.onFilter(this.#filter);
  }
}

function totals({ rehearsal, profile }: PageData, shots: readonly Shot[]): string {
  const parts = shots.flatMap((shot) => shot.parts).filter(({ sameAs }) => sameAs === null);
  const rendered = parts.filter(({ state }) => state === 'done').length;
  const texts = [
    formatCount(shots.length, 'shot'),
    rendered === parts.length
      ? `${formatCount(parts.length, 'clip')}`
      : `${rendered} of ${formatCount(parts.length, 'clip')} rendered`,
    rehearsal ? 'a free rehearsal: animatics, not the model’s work' : costOf(parts),
    ...(profile === null ? [] : [`profile ${profile}`]),
  ];
  return texts.join('  ·  ');
}

/** Cost as the service reports it, else as estimated; says if the cost of some clips is unknown. */
function costOf(parts: readonly PagePart[]): string {
  const { usd, isEstimated, unknown } = paidFor(parts);
  const about = isEstimated ? `about ${formatUsd(usd)}, as estimated` : formatUsd(usd);
  return unknown === 0 ? about : `${about}, and ${formatCount(unknown, 'clip')} of unknown cost`;
}
