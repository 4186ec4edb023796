import { styleText } from 'node:util';

/** Colours as help, never as the only carrier of a meaning. */
export type Paint = Readonly<Record<Colour, (text: string) => string>>;

type Colour = 'red' | 'yellow' | 'green' | 'cyan' | 'bold' | 'dim';

/** Functions that colour a text, or that leave it alone when `color` is false. */
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
 * Whether to colour what goes to a stream: only on a terminal, and not when `NO_COLOR` is set to anything
 * (https://no-color.org) or the terminal is `dumb`; `FORCE_COLOR` asks for it anywhere.
 */
export function wantsColor(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTTY && env.TERM !== 'dumb';
}
