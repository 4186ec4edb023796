import { button } from './dom.js';

/** Puts a text on the clipboard; says whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

/** Where a browser has no clipboard for pages that are opened from disk. */
function copyTheOldWay(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
  }
}

/** A button that copies a text and says so in its own place for a moment. */
export function copyable(shown: string, text: string, what: string): HTMLButtonElement {
  const made = button(shown, {
    class: 'copy',
    label: `Copy ${what} ${shown}`,
    onClick: async () => {
      made.textContent = (await copyText(text)) ? 'copied' : 'not copied';
      setTimeout(() => {
        made.textContent = shown;
      }, 1200);
    },
  });
  made.title = `Copy ${what}: ${text}`;
  return made;
}
