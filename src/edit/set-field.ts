import { isDeepStrictEqual } from 'node:util';
import { isAlias, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { parse, type Source } from '../language/document.js';
import { insertPair, removePair, replaceValue, type Splice } from './splices.js';

/** One field to set in some shots of a list. */
export interface FieldEdits {
  readonly field: string;
  /** Fields that it stands best right after, the best last; else it ends the shot. */
  readonly after: readonly string[];
  /** By the shot's place in `shots`, from 0; null takes the field out. */
  readonly values: ReadonlyMap<number, string | number | null>;
}

/**
 * The list's text with a field set in the shots' own maps, every other character as it was; null where that cannot be
 * done without changing something else, as in a map that an alias uses elsewhere.
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
  return isAsMeant(before, listIn({ ...source, text: edited }), edits) ? edited : null;
}

function splicesFor(text: string, { field, after, values }: FieldEdits): readonly Splice[] | null {
  // As the loader reads it; keys that stand twice it has refused.
  const document = parseDocument(text, {
    version: '1.2',
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'error',
  });
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

/** Whether nothing but the field differs, and that is what it should be. */
function isAsMeant(before: unknown, after: unknown, { field, values }: FieldEdits): boolean {
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
