import { styleText } from 'node:util';

/** Colours; the text alone carries the meaning. */
export type Paint = Readonly<Record<Colour, (text: string) => string>>;

type Colour = 'red' | 'yellow' | 'green' | 'cyan' | 'bold' | 'dim';

/** Functions that colour a text, or return it unchanged if `color` is false. */
export function createPaint(color: boolean): Paint {
  const painter = (name: Colour) => (text: string) =>
    color && text !== '' ? styleText(name, text, { validateStream: false }) : text;
  return {
    red: painter('red'),
    yellow: painter('yellow'),
    green: painter('green'),
    cyan: painter('cyan'),
    bold: painter('bold'),
    dim: painter('dim'),
  };
}

/**
 * True if output to a stream is coloured: only on a terminal, and not if `NO_COLOR` is set to anything
 * (https://no-color.org) or the terminal is `dumb`. `FORCE_COLOR` asks for colour anywhere.
 */
export function wantsColor(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTTY && env.TERM !== 'dumb';
}
