/**
 * Characters that a terminal obeys instead of showing: C0 and C1 control characters, DEL, line and paragraph
 * separators, marks that change the writing direction (Unicode TR 9), a byte order mark, and halves of surrogate pairs.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Commands that the log of a GitHub workflow obeys: `::` at the beginning of a line, after any spaces, and `##[`
 * anywhere (`ActionCommand` in actions/runner). The match is the one character that is shown by its number.
 */
const COMMAND = /(?<=^\s*):(?=:)|(?<=#)#(?=\[)/g;

/** Texts that need no replacement, as most do: a table has tens of thousands of cells. */
const HARMLESS = /^[\w .,;()/$%&+*=@'"?!-]*$/;

/**
 * Text from a list or a server as one line that is safe to print. Control characters become their picture (`␛`),
 * other characters that a terminal or the log of a workflow obeys become their number (`\u202e`).
 */
export function visible(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(UNSAFE, picture).replace(COMMAND, picture);
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '␡' : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Characters that JSON leaves as they are and a terminal may obey: DEL, C1 control characters, marks of writing
 * direction; and the second `#` of `##[`, which the log of a GitHub workflow obeys anywhere in a line.
 */
const UNSAFE_IN_JSON = /(?<=#)#(?=\[)|[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A value as JSON that is safe to print whatever texts it holds: on one line, or on several with `indent`. It parses
 * to the same value.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(UNSAFE_IN_JSON, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
