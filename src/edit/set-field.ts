import { isDeepStrictEqual } from 'node:util';
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  type YAMLMap,
} from 'yaml';
import { parse, parseYaml, type Source } from '../language/document.js';

/** One field to set in some shots of a list. */
export interface FieldEdits {
  readonly field: string;
  /** Fields after which it is written, the preferred one last; without them it becomes the last field of the shot. */
  readonly after: readonly string[];
  /** Values by the shot's index in `shots`; null removes the field. */
  readonly values: ReadonlyMap<number, string | number | null>;
}

/** Characters of a text, `to` exclusive, and the text that replaces them. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Sets a field in the shots' own maps and leaves every other character of the list's text as it was. Returns null if
 * that would change something else, as in a map that an alias uses elsewhere.
 */
export function setField({ text, ...source }: Source, edits: FieldEdits): string | null {
  const splices = splicesFor(text, edits);
  if (!splices) return null;
  const ordered = splices.toSorted((one, other) => one.from - other.from);
  let edited = '';
  let at = 0;
  for (const { from, to, text: inserted } of ordered) {
    if (from < at) return null;
    edited += text.slice(at, from) + inserted;
    at = to;
  }
  edited += text.slice(at);
  const before = listIn({ ...source, text });
  return isAsWanted(before, listIn({ ...source, text: edited }), edits) ? edited : null;
}

function splicesFor(text: string, { field, after, values }: FieldEdits): readonly Splice[] | null {
  const document = parseYaml(text);
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  const top = resolve(document.contents);
  const shots = isMap(top) ? resolve(pairOf(top, 'shots')?.value) : undefined;
  if (!isSeq(shots)) return null;
  const splices: Splice[] = [];
  for (const [index, value] of values) {
    const map = resolve(shots.items[index]);
    if (!isMap(map) || map.items.length === 0) return null;
    const own = pairOf(map, field);
    if (own && value !== null) splices.push(replaceValue(text, own, value));
    else if (own) splices.push(removePair(text, map, own));
    else if (value !== null) {
      const before = after.map((name) => pairOf(map, name)).findLast((pair) => pair !== undefined);
      splices.push(insertPair(text, map, { field, value, before }));
    }
  }
  return splices;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function listIn(source: Source): unknown {
  return parse(source).document?.value;
}

/** True if the field has the wanted values and nothing else differs. */
function isAsWanted(before: unknown, after: unknown, { field, values }: FieldEdits): boolean {
  const [was, is] = [shotsOf(before), shotsOf(after)];
  for (const [index, value] of values) {
    if (((is[index] as Fields | undefined)?.[field] ?? null) !== value) return false;
  }
  const without = (shots: readonly unknown[]) =>
    shots.map((shot, index) => (values.has(index) ? { ...(shot as Fields), [field]: null } : shot));
  return isDeepStrictEqual(
    { ...(before as Fields), shots: without(was) },
    { ...(after as Fields), shots: without(is) },
  );
}

type Fields = Readonly<Record<string, unknown>>;

function shotsOf(list: unknown): readonly unknown[] {
  const shots = (list as Fields | undefined)?.shots;
  return Array.isArray(shots) ? shots : [];
}

/** Replaces the value of a key; comments stay. */
function replaceValue(text: string, { key, value }: Pair, written: string | number): Splice {
  if (!isEmpty(value)) {
    const [from, to] = rangeOf(value) ?? [0, 0];
    const quote = isScalar(value) ? quoteOf(value) : '';
    return { from, to, text: toYaml(written, quote) };
  }
  const colon = text.indexOf(':', rangeOf(key)?.[1]) + 1;
  return { from: colon, to: colon, text: ` ${toYaml(written, '')}` };
}

/** Adds a key and its value to a map, in the style of the map. */
function insertPair(
  text: string,
  map: YAMLMap,
  { field, value, before }: { field: string; value: string | number; before: Pair | undefined },
): Splice {
  const quote = map.items.every(({ key }) => isScalar(key) && key.type === Scalar.QUOTE_DOUBLE) ? '"' : '';
  const pair = `${quote}${field}${quote}: ${toYaml(value, quote)}`;
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
  // The new line goes before the last field, because a comment on that field may follow it.
  return margin.trim() === ''
    ? { from: start, to: start, text: `${pair},${lineEndOf(text)}${margin}` }
    : { from: at, to: at, text: `, ${pair}` };
}

/** Removes a key and its value, with the comment at the end of their line. */
function removePair(text: string, map: YAMLMap, pair: Pair): Splice {
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

/** Offset of the end of a pair's value, or of its key if the value is empty. */
function endOf({ key, value }: Pair): number {
  return Math.max(rangeOf(key)?.[1] ?? 0, rangeOf(value)?.[1] ?? 0);
}

/** Offset of the end of a pair's last text, at any depth; blank lines that a `+` keeps are part of it. */
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

/** True if a key has nothing after its colon. */
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

/** Offset of the next line, or of the text's end. */
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

/** A value as YAML, with the given quotes; with double quotes if YAML would read a text such as `1234e567` as a number. */
function toYaml(value: string | number, quote: string): string {
  if (typeof value === 'number') return String(value);
  const needed = quote === '' && parseYaml(value).toJS() !== value ? '"' : quote;
  return needed + value + needed;
}
