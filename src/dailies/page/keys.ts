import { button, create } from './dom.js';

/**
 * Listens to the page's keys, except in a text field, under an open dialog or with a modifier key. `actions` are by
 * `KeyboardEvent.key`; digits choose a take.
 */
export function listenToKeys(
  actions: Readonly<Record<string, () => void>>,
  chooseTake: (take: number) => void,
): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (document.querySelector('dialog[open]')) return;
    const { target, key } = event;
    if (target instanceof HTMLElement && target.matches('input, select, textarea')) {
      if (key === 'Escape') target.blur();
      return;
    }
    // The space bar activates the focused button or summary.
    if (key === ' ' && target instanceof HTMLElement && target.matches('button, summary')) return;
    const action = /^[1-9]$/.test(key) ? () => chooseTake(Number(key)) : actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Keys of the page, as the help shows them. */
const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j  k', 'next shot, shot before'],
  ['space', 'play all takes of the shot together'],
  ['m', 'sound of the chosen take'],
  ['1 … 9', 'choose a take'],
  ['a', 'approve, or withdraw the approval'],
  ['p', 'play the film'],
  ['/', 'search'],
  ['esc', 'show everything again'],
  ['?', 'this help'],
];

/** Creates the help dialog. */
export function helpDialog(intro: string): HTMLDialogElement {
  const list = create('dl', { class: 'keys' });
  for (const [keys, what] of KEYS)
    list.append(create('div', {}, create('dt', {}, keys), create('dd', {}, what)));
  const dialog = create('dialog', { class: 'help-dialog', 'aria-labelledby': 'help-title' });
  dialog.append(
    create('h2', { id: 'help-title' }, 'Keys'),
    list,
    create(
      'p',
      {},
      'A clip plays under the mouse, and with sound when it is clicked. The ruler scrubs all takes of a shot; with the arrow keys, frame by frame.',
    ),
    create('p', {}, intro),
    button('Close', { onClick: () => dialog.close() }),
  );
  return dialog;
}
