/**
 * What a terminal would obey rather than show: C0 and C1 control characters, DEL, line and paragraph separators,
 * marks that change the writing direction (Unicode TR 9), a byte order mark, and halves of surrogate pairs.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * What the log of a GitHub workflow would obey rather than show: `::` where a line begins, spaces aside, and `##[`
 * anywhere (`ActionCommand` in actions/runner). The sign to be shown by its number is the one matched.
 */
const COMMAND = /(?<=^\s*):(?=:)|(?<=#)#(?=\[)/g;

/** Made of nothing but what needs no second look, as most texts are: a table has tens of thousands of them. */
const HARMLESS = /^[\w .,;()/$%&+*=@'"?!-]*$/;

/**
 * Text from a list or a server as one line that is safe to print: what a terminal or the log of a workflow would obey is
 * shown instead, control characters by their picture (`␛`), others by their number (`\u202e`).
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
