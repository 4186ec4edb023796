import { isCollection, isPair, isScalar, type Node, type Pair, parse, Scalar, type YAMLMap } from 'yaml';

/** Characters of a text, `to` exclusive, and what takes their place. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Puts another value in place of the one a key has; comments stay. */
export function replaceValue(text: string, { key, value }: Pair, written: string | number): Splice {
  if (!isEmpty(value)) {
    const [from, to] = rangeOf(value) ?? [0, 0];
    const quote = isScalar(value) ? quoteOf(value) : '';
    return { from, to, text: asYaml(written, quote) };
  }
  const colon = text.indexOf(':', rangeOf(key)?.[1]) + 1;
  return { from: colon, to: colon, text: ` ${asYaml(written, '')}` };
}

/** Adds a key and its value to a map, in the map's own way of writing. */
export function insertPair(
  text: string,
  map: YAMLMap,
  { field, value, before }: { field: string; value: string | number; before: Pair | undefined },
): Splice {
  const quote = map.items.every(({ key }) => isScalar(key) && key.type === Scalar.QUOTE_DOUBLE) ? '"' : '';
  const pair = `${quote}${field}${quote}: ${asYaml(value, quote)}`;
  const first = map.items[0] as Pair;
  const last = before ?? (map.items.at(-1) as Pair);
  const at = map.flow ? endOf(last) : afterLine(text, endOfText(text, last));
  if (!map.flow) {
    const margin = ' '.repeat(columnOf(text, startOf(first)));
    const lineEnd = lineEndOf(text);
    const isLine = text[at - 1] === '\n';
    return { from: at, to: at, text: isLine ? margin + pair + lineEnd : lineEnd + margin + pair };
  }
  const start = startOf(last);
  const margin = text.slice(start - columnOf(text, start), start);
  // In a line of its own, before the last: what follows that may be a comment on it.
  return margin.trim() === ''
    ? { from: start, to: start, text: `${pair},${lineEndOf(text)}${margin}` }
    : { from: at, to: at, text: `, ${pair}` };
}

/** Takes a key and its value out, with the comment at the end of their line. */
export function removePair(text: string, map: YAMLMap, pair: Pair): Splice {
  const index = map.items.indexOf(pair);
  const [start, end] = [startOf(pair), endOfText(text, pair)];
  const next = map.items[index + 1];
  if (map.flow) {
    const previous = map.items[index - 1];
    return previous
      ? { from: endOf(previous), to: endOf(pair), text: '' }
      : { from: start, to: next ? startOf(next) : endOf(pair), text: '' };
  }
  const line = start - columnOf(text, start);
  const isAlone = text.slice(line, start).trim() === '';
  return isAlone
    ? { from: line, to: afterLine(text, end), text: '' }
    : { from: start, to: next ? startOf(next) : end, text: '' };
}

function startOf({ key }: Pair): number {
  return rangeOf(key)?.[0] ?? 0;
}

/** Where a pair's value ends, or its key where it has none. */
function endOf({ key, value }: Pair): number {
  return Math.max(rangeOf(key)?.[1] ?? 0, rangeOf(value)?.[1] ?? 0);
}

/** Where the last text of a pair ends, however deep it stands; blank lines that a `+` keeps are part of it. */
function endOfText(text: string, pair: Pair): number {
  let last: unknown = pair;
  while (isPair(last) || (isCollection(last) && !last.flow && last.items.length > 0)) {
    if (isPair(last)) last = isEmpty(last.value) ? last.key : last.value;
    else last = last.items.at(-1);
  }
  const [from, to] = rangeOf(last) ?? [endOf(pair), endOf(pair)];
  const keeps = isScalar(last) && /^[|>][1-9]?\+/.test(text.slice(from, from + 3));
  return keeps ? Math.max(from, to - 1) : from + text.slice(from, to).trimEnd().length;
}

/** Whether a key has nothing after its colon. */
function isEmpty(value: unknown): boolean {
  const [from, to] = rangeOf(value) ?? [0, 0];
  return from === to;
}

function rangeOf(node: unknown): readonly [number, number, number] | null {
  return (node as Node | null | undefined)?.range ?? null;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** Offset of the line after the one that `offset` is in, or of the text's end. */
function afterLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

function lineEndOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

function quoteOf({ type }: Scalar): string {
  if (type === Scalar.QUOTE_DOUBLE) return '"';
  return type === Scalar.QUOTE_SINGLE ? "'" : '';
}

/** A value as YAML: quoted like what was there, and where it would be read as a number, such as `1234e567`. */
function asYaml(value: string | number, quote: string): string {
  if (typeof value === 'number') return String(value);
  const sign = quote === '' && parse(value) !== value ? '"' : quote;
  return sign + value + sign;
}
