/** An XML element: its name, its attributes and its content. */
export type Xml = readonly [
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly Xml[] | string,
];

/** Makes an element without attributes. */
export function element(name: string, content: readonly Xml[] | string | number | boolean): Xml {
  // FCP 7 writes booleans in capitals.
  if (typeof content === 'boolean') return [name, {}, content ? 'TRUE' : 'FALSE'];
  return [name, {}, typeof content === 'number' ? String(content) : content];
}

/** Formats an XML document, indented. Texts are escaped. */
export function formatXml(root: Xml, doctype: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ${doctype}>\n${format(root, '')}`;
}

function format([name, attributes, content]: Xml, indent: string): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const open = `${indent}<${name}${words.join('')}`;
  if (content.length === 0) return `${open}/>\n`;
  if (typeof content === 'string') return `${open}>${escapeXml(content)}</${name}>\n`;
  return `${open}>\n${content.map((child) => format(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

/** Characters that XML 1.0 cannot represent. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for control characters
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

function escapeXml(text: string): string {
  return text
    .replace(UNWRITABLE, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
