/** What keys do. */
export interface Keys {
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

/** Listens to the page's keys. Whoever types, has a dialog open or holds a modifier is left alone. */
export function listenToKeys(keys: Keys): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (document.querySelector('dialog[open]')) return;
    const { target, key } = event;
    if (target instanceof HTMLElement && target.matches('input, select, textarea')) {
      if (key === 'Escape') target.blur();
      return;
    }
    // On a button or a summary the space bar is its own.
    if (key === ' ' && target instanceof HTMLElement && target.matches('button, summary')) return;
    const act = actOf(key, keys);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function actOf(key: string, keys: Keys): (() => void) | null {
  if (/^[1-9]$/.test(key)) return () => keys.take(Number(key));
  switch (key) {
    case 'j':
      return () => keys.step(1);
    case 'k':
      return () => keys.step(-1);
    case ' ':
      return keys.play;
    case 'm':
      return keys.sound;
    case 'a':
      return keys.approve;
    case 'p':
      return keys.film;
    case '/':
      return keys.search;
    case 'Escape':
      return keys.reset;
    case '?':
      return keys.help;
    default:
      return null;
  }
}
