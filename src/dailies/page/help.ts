import { button, h } from './dom.js';

/** Every key of the page, as the help shows them. */
const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j  k', 'next shot, shot before'],
  ['space', 'play all takes of the shot together'],
  ['m', 'sound of the chosen take'],
  ['1 … 9', 'choose a take'],
  ['a', 'approve, or take that back'],
  ['p', 'play the film'],
  ['/', 'search'],
  ['esc', 'show everything again'],
  ['?', 'this help'],
];

/** The help, a dialog that any of its ways out closes. */
export function helpDialog(intro: string): HTMLDialogElement {
  const list = h('dl', { class: 'keys' });
  for (const [keys, what] of KEYS) list.append(h('div', {}, h('dt', {}, keys), h('dd', {}, what)));
  const dialog = h('dialog', { class: 'help-dialog', 'aria-labelledby': 'help-title' });
  dialog.append(
    h('h2', { id: 'help-title' }, 'Keys'),
    list,
    h(
      'p',
      {},
      'A clip plays under the mouse, and with sound when it is clicked. The ruler scrubs all takes of a shot; with the arrow keys, frame by frame.',
    ),
    h('p', {}, intro),
    button('Close', { onClick: () => dialog.close() }),
  );
  return dialog;
}
