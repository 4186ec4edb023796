import { formatCount } from '../../base/units.js';
import { copyText } from './copy.js';
import { button, h } from './dom.js';

export interface TrayOptions {
  readonly onClear: () => void;
  readonly announce: (text: string) => void;
}

/** What was chosen, as commands to type; it is there as soon as something is. */
export class Tray {
  readonly element: HTMLElement;
  readonly #count = h('strong');
  readonly #commands = h('pre', { tabindex: 0, 'aria-label': 'Commands' });

  constructor({ onClear, announce }: TrayOptions) {
    const copy = button('Copy commands', {
      class: 'primary',
      onClick: async () => {
        const done = await copyText(this.#commands.textContent ?? '');
        announce(
          done ? 'The commands are on the clipboard.' : 'They could not be copied; mark them instead.',
        );
      },
    });
    const buttons = h('div', { class: 'tray-buttons' }, copy, button('Discard', { onClick: onClear }));
    const words = h('p', {}, this.#count, ' not in the list yet. To write them into it:');
    this.element = h(
      'section',
      { class: 'tray', 'aria-label': 'Choices', hidden: true },
      h('div', {}, words, this.#commands),
      buttons,
    );
  }

  show(commands: readonly string[], count: number): void {
    this.element.hidden = count === 0;
    this.#count.textContent = formatCount(count, 'choice');
    this.#commands.textContent = commands.join('\n');
  }
}
