type Child = Node | string | null | false;

/** Attributes by name: true is an attribute without a value; null and false leave the attribute out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Creates an element. Texts become text nodes, so that none of them is read as HTML. */
export function create<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  for (const child of children) if (child !== null && child !== false) element.append(child);
  return element;
}

/** Sets attributes; removes those that are null or false. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Makes these the children of an element. Children that stay are not moved, so they keep the focus and go on playing. */
export function setChildren(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = child.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/** Creates a button. `label` is its accessible name; without it, the text is. */
export function button(
  text: Child,
  options: { readonly onClick: () => void; readonly label?: string; readonly class?: string },
): HTMLButtonElement {
  const { onClick, label = null, class: name = null } = options;
  const made = create('button', { type: 'button', 'aria-label': label, title: label, class: name }, text);
  made.addEventListener('click', onClick);
  return made;
}

/** Sets a custom property of an element to a share from 0 to 1, as a percentage for the style sheet. */
export function setShare(element: HTMLElement, name: string, share: number): void {
  element.style.setProperty(name, `${(share * 100).toFixed(4)}%`);
}

/** Puts a text on the clipboard; true if that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Copies through a selected text area: some browsers give no clipboard to pages opened from disk. */
function copyBySelection(text: string): boolean {
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

/** Creates a button that copies a text and shows the result in its own place for a moment. */
export function copyButton(shown: string, text: string, what: string): HTMLButtonElement {
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
