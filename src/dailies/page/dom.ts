type Child = Node | string | null | false;

/** Attributes by name; true stands for an attribute without a value, null and false leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** An element with attributes and children. Texts become text nodes, so nothing in them is ever read as HTML. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  for (const child of children) if (child !== null && child !== false) element.append(child);
  return element;
}

/** Sets attributes, or removes those that are null or false. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Makes these the children of an element. Those that stay are not touched: they keep the focus, and what they play. */
export function setChildren(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = child.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/** A button with a listener; `label` is what it says to those who do not see it, its text unless said. */
export function button(
  text: Child,
  options: { readonly onClick: () => void; readonly label?: string; readonly class?: string },
): HTMLButtonElement {
  const { onClick, label = null, class: name = null } = options;
  const made = h('button', { type: 'button', 'aria-label': label, title: label, class: name }, text);
  made.addEventListener('click', onClick);
  return made;
}

/** Sets a length on an element as a custom property, which its style sheet reads. */
export function setShare(element: HTMLElement, name: string, share: number): void {
  element.style.setProperty(name, `${(share * 100).toFixed(4)}%`);
}
