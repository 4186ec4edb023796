/** An element of an XML document. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** Reads XML without mixed content, comments and CDATA. Throws if the XML is not well formed. */
export function readXml(source: string): Element {
  let rest = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<!DOCTYPE \w+>\s*/, '');
  if (rest === source) throw new Error('no prologue');
  const take = (pattern: RegExp): RegExpExecArray => {
    const found = pattern.exec(rest);
    if (found?.index !== 0) throw new Error(`expected ${pattern} at ${rest.slice(0, 60)}`);
    rest = rest.slice(found[0].length);
    return found;
  };
  const read = (): Element => {
    const [, name = '', words = '', end] = take(/^<([a-zA-Z]\w*)((?: \w+="[^"<]*")*)(\/?)>/);
    const attributes = Object.fromEntries(
      [...words.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, plain(value ?? '')]),
    );
    if (end === '/') return { name, attributes, children: [], text: '' };
    const [text = ''] = take(/^[^<]*/);
    const children: Element[] = [];
    while (!rest.startsWith('</')) {
      children.push(read());
      take(/^\s*/);
    }
    take(new RegExp(`^</${name}>`));
    if (children.length > 0 && text.trim() !== '') throw new Error(`text beside elements in ${name}`);
    return { name, attributes, children, text: plain(text) };
  };
  const root = read();
  if (rest.trim() !== '') throw new Error('more than one root');
  return root;
}

function plain(text: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const sign = names[name];
    if (sign === undefined) throw new Error(`unknown entity ${whole}`);
    return sign;
  });
}

export function all({ children }: Element, name: string): readonly Element[] {
  return children.filter((child) => child.name === name);
}

/** The only element at a path; throws if there are none or several. */
export function one(parent: Element, ...path: readonly string[]): Element {
  return path.reduce((element, name) => {
    const [found, more] = all(element, name);
    if (!found || more) throw new Error(`${found ? 'several' : 'no'} ${name} in ${element.name}`);
    return found;
  }, parent);
}

export function textOf(parent: Element, ...path: readonly string[]): string {
  return one(parent, ...path).text;
}

export function numberOf(parent: Element, ...path: readonly string[]): number {
  const text = textOf(parent, ...path);
  if (!/^-?\d+$/.test(text)) throw new Error(`${path.join('/')} is ${text}`);
  return Number(text);
}
