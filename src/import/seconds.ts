/** What a number may be counted in, in seconds each. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  '"': 1,
  ms: 0.001,
  msec: 0.001,
  milliseconds: 0.001,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
};

/** Frames a second of a timecode's last part; nothing in a table says it, and cinema's is the usual one. */
const FRAME_RATE = 24;

/**
 * A length as people write it into a table, in seconds: `5`, `2,5`, `4.5 sec`, `800 ms`, `0:05`, `1:02:03`,
 * `00:00:05:12` with frames. Null for anything else, and for what is not above zero. `unit` counts a bare number.
 */
export function parseSeconds(text: string, unit = ''): number | null {
  const trimmed = text.trim().toLowerCase();
  const seconds = /^\d{1,3}([:;]\d{1,2}(\.\d+)?){1,3}$/.test(trimmed)
    ? timecode(trimmed)
    : amount(trimmed, unit);
  return seconds !== null && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function timecode(text: string): number {
  const parts = text.split(/[:;]/).map(Number);
  const frames = parts.length === 4 ? (parts.pop() ?? 0) : 0;
  return parts.reduce((sum, part) => sum * 60 + part, 0) + frames / FRAME_RATE;
}

function amount(text: string, unit: string): number | null {
  // A comma before one or two digits is a decimal sign in half of the world.
  const match = /^(\d{1,7}(?:[.,]\d{1,6})?)\s*([a-z"]*)\.?$/.exec(text);
  if (!match) return null;
  const [, digits = '', written = ''] = match;
  const factor = UNITS[written === '' ? unit : written];
  return factor === undefined ? null : Number(digits.replace(',', '.')) * factor;
}
