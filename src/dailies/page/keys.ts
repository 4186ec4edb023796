import { button, h } from './dom.js';

/** Actions of the keys. */
export interface KeyActions {
  readonly step: (by: 1 | -1) => void;
  readonly play: () => void;
  readonly sound: () => void;
  readonly take: (take: number) => void;
  readonly approve: () => void;
  readonly film: () => void;
  readonly search: () => void;
  readonly reset: () => void;
  readonly help: () => void;
}

/** Listens to the page's keys, except in a text field, under an open dialog or with a modifier key. */
export function listenToKeys(actions: KeyActions): void {
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
    const act = actionOf(key, actions);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function actionOf(key: string, actions: KeyActions): (() => void) | null {
  if (/^[1-9]$/.test(key)) return () => actions.take(Number(key));
  switch (key) {
    case 'j':
      return () => actions.step(1);
    case 'k':
      return () => actions.step(-1);
    case ' ':
      return actions.play;
    case 'm':
      return actions.sound;
    case 'a':
      return actions.approve;
    case 'p':
      return actions.film;
    case '/':
      return actions.search;
    case 'Escape':
      return actions.reset;
    case '?':
      return actions.help;
    default:
      return null;
  }
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
