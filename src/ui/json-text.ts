/**
 * What JSON leaves as it is and a terminal may obey: DEL, C1 control characters, marks of writing direction; and the sign
 * in the middle of `##[`, which the log of a GitHub workflow obeys anywhere in a line.
 */
const UNSAFE = /(?<=#)#(?=\[)|[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A value as JSON on one line, or on several where `indent` says so; the same value to whoever parses it, and safe to
 * print, whatever the texts in it hold.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(UNSAFE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
