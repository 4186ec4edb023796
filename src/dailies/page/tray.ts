import { formatCount } from '../../base/units.js';
import type { PageData } from '../page-data.js';
import { type Choices, linesById, NO_CHOICES } from './choices.js';
import { button, copyText, create } from './dom.js';

/** Choices that are not in the list yet, as commands to copy. Hidden while there are none. */
export class Tray {
  readonly element: HTMLElement;
  readonly #count = create('strong');
  readonly #commands = create('pre', { tabindex: 0, 'aria-label': 'Commands' });

  constructor(onClear: () => void, announce: (text: string) => void) {
    const copy = button('Copy commands', {
      class: 'primary',
      onClick: async () => {
        const done = await copyText(this.#commands.textContent ?? '');
        announce(
          done
            ? 'The commands are on the clipboard.'
            : 'The commands could not be copied. Select them instead.',
        );
      },
    });
    const buttons = create('div', { class: 'tray-buttons' }, copy, button('Discard', { onClick: onClear }));
    const words = create('p', {}, this.#count, ' not in the list yet. To write them into it:');
    this.element = create(
      'section',
      { class: 'tray', 'aria-label': 'Choices', hidden: true },
      create('div', {}, words, this.#commands),
      buttons,
    );
  }

  show(commands: readonly string[], count: number): void {
    this.element.hidden = count === 0;
    this.#count.textContent = formatCount(count, 'choice');
    this.#commands.textContent = commands.join('\n');
  }
}

/** Choices that `storeChoices` stored, without those that the list has overtaken. */
export function loadChoices(data: PageData): Choices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey(data)) ?? 'null');
    const { takes, approvals } = kept as { takes: [string, number][]; approvals: [string, boolean][] };
    const lines = linesById(data);
    return {
      takes: new Map(takes.filter(([id, take]) => take >= 1 && take <= (lines.get(id)?.takes ?? 0))),
      approvals: new Map(
        approvals.filter(([id, yes]) => (lines.get(id)?.approved === 'yes') !== yes && lines.has(id)),
      ),
    };
  } catch {
    return NO_CHOICES;
  }
}

/** Stores choices in the browser's local storage, so that they outlive the page. */
export function storeChoices(data: PageData, { takes, approvals }: Choices): void {
  try {
    if (takes.size + approvals.size === 0) localStorage.removeItem(storageKey(data));
    else
      localStorage.setItem(
        storageKey(data),
        JSON.stringify({ takes: [...takes], approvals: [...approvals] }),
      );
  } catch {
    // A browser may refuse storage to pages opened from disk.
  }
}

/** Name in the storage: choices belong to one revision of the list. */
function storageKey({ list, title }: PageData): string {
  return `shotlist:${list.revision}:${title}`;
}
