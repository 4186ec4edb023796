import type { ErrorObject } from 'ajv';
import { nearestWord } from './text.js';

/** One problem that a JSON Schema finds in a value, in a reader's words. */
export interface SchemaProblem {
  /** Place in the value: object keys and array indexes. */
  readonly path: readonly (string | number)[];
  /** Subject of the problem: the value at `path`, the last key of `path`, or a key missing at `path`. */
  readonly about: 'value' | 'key' | 'missing';
  /** Missing key. */
  readonly key?: string;
  /** Known key nearest to an unknown one. */
  readonly meant?: string;
  /** JSON Schema keyword that the value breaks. */
  readonly rule: string;
  /** Begins with the field's name. */
  readonly message: string;
  readonly hint?: string;
}

/**
 * Turns ajv's errors (made with `allErrors` and `verbose`) into problems, one per place and rule. `value` is the checked
 * value; with it, a numeric key of a map is not mistaken for an index.
 */
export function explainSchemaErrors(
  errors: readonly ErrorObject[],
  value?: unknown,
): readonly SchemaProblem[] {
  const problems = new Map<string, SchemaProblem>();
  for (const error of narrowestFirst(errors)) {
    const problem = explainSchemaError(error, value);
    if (!problem) continue;
    const place = `${problem.about} ${problem.key ?? ''} ${problem.rule} ${JSON.stringify(problem.path)}`;
    if (!problems.has(place)) problems.set(place, problem);
  }
  return withoutMisspelt([...problems.values()]);
}

/** Drops missing keys whose name is only misspelt. */
function withoutMisspelt(problems: readonly SchemaProblem[]): readonly SchemaProblem[] {
  const meant = new Set(
    problems.flatMap(({ path, meant }) =>
      meant === undefined ? [] : [JSON.stringify([...path.slice(0, -1), meant])],
    ),
  );
  if (meant.size === 0) return problems;
  return problems.filter(
    ({ about, path, key }) => about !== 'missing' || !meant.has(JSON.stringify([...path, key])),
  );
}

/** Sorts shorter enumerations first: at the same place, the shorter one is the more exact message. */
function narrowestFirst(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const length = (error: ErrorObject) => (error.keyword === 'enum' ? error.params.allowedValues.length : 0);
  return errors.toSorted((a, b) => length(a) - length(b));
}

function explainSchemaError(error: ErrorObject, root: unknown): SchemaProblem | undefined {
  const path = pathOf(error.instancePath, root);
  const rule = error.keyword;
  const name = placeName(path);
  const valueProblem = (message: string, hint?: string): SchemaProblem => ({
    path,
    about: 'value',
    rule,
    message: `${name} ${message}`,
    ...(hint !== undefined && { hint }),
  });
  const { params } = error;
  switch (rule) {
    case 'if':
    case 'propertyNames':
      // Errors of their parts are reported too and tell more.
      return undefined;
    case 'additionalProperties':
      return unknownKey(error, path);
    case 'required':
      return missingKey(path, params.missingProperty);
    case 'dependencies':
      return missingKey(path, params.missingProperty, `goes with \`${params.property}\``);
    case 'type':
      if (error.data === null) return valueProblem(`is empty; it must be ${typeNames(params.type)}`);
      return valueProblem(
        `must be ${typeNames(params.type)}, is ${describeValue(error.data)}`,
        typeHint(error),
      );
    case 'enum':
      return valueProblem(
        `must be ${listValues(params.allowedValues)}, is ${describeValue(error.data)}`,
        enumHint(error),
      );
    case 'const':
      return valueProblem(
        `must be ${describeValue(params.allowedValue)}, is ${describeValue(error.data)}`,
        typeof error.data === 'string' && Number(error.data) === params.allowedValue
          ? `write ${params.allowedValue}, without quotes`
          : undefined,
      );
    case 'minimum':
      return valueProblem(`must be at least ${params.limit}, is ${describeValue(error.data)}`);
    case 'maximum':
      return valueProblem(`must be at most ${params.limit}, is ${describeValue(error.data)}`);
    case 'minLength':
      return valueProblem('must not be empty');
    case 'minItems':
      return valueProblem(
        params.limit === 1 ? 'must not be empty' : `needs at least ${params.limit} entries`,
      );
    case 'maxItems':
      return valueProblem(
        `has ${(error.data as unknown[]).length} entries; at most ${params.limit} are taken`,
      );
    case 'minProperties':
      return valueProblem('must not be empty');
    case 'maxProperties':
      return valueProblem(
        `has fields that do not go together: ${Object.keys(error.data as object).join(', ')}`,
      );
    case 'uniqueItems':
      return repeatedEntry(error, path);
    case 'pattern':
      return patternProblem(error, path);
    default:
      return valueProblem(error.message ?? `breaks the rule ${rule}`);
  }
}

function unknownKey(error: ErrorObject, path: SchemaProblem['path']): SchemaProblem {
  const key: string = error.params.additionalProperty;
  const known = Object.keys(error.parentSchema?.properties ?? {});
  const meant = nearestWord(key, known);
  return {
    path: [...path, key],
    about: 'key',
    rule: error.keyword,
    message: `unknown field \`${key}\`${path.length > 0 ? ` in ${placeName(path)}` : ''}`,
    hint: meant ? `did you mean \`${meant}\`?` : keyHint(error, known),
    ...(meant !== undefined && { meant }),
  };
}

function keyHint({ data, params }: ErrorObject, known: readonly string[]): string {
  const key: string = params.additionalProperty;
  if (key.trim() !== key) return 'spaces that YAML takes for letters are beside it; type them again';
  const fields =
    known.length > MOST_NAMES
      ? 'the fields are in docs/language.md; words for people go under `notes`'
      : `fields here are ${known.join(', ')}`;
  // YAML reads `{ prompt: She turns, slowly }` as a prompt and a field called `slowly`.
  const empty = (data as Record<string, unknown>)[key] === null;
  return empty ? `${fields}; a text with a comma inside { } goes in quotes` : fields;
}

/** Most names that a hint lists; a shot has twice as many fields, which is too long to read. Our choice. */
const MOST_NAMES = 12;

function repeatedEntry(error: ErrorObject, path: SchemaProblem['path']): SchemaProblem {
  const { i, j } = error.params;
  const entry = (error.data as unknown[])[i];
  const message = `${describeValue(entry)} appears twice in ${placeName(path)}`;
  return { path: [...path, Math.max(i, j)], about: 'value', rule: error.keyword, message };
}

function missingKey(path: SchemaProblem['path'], key: string, why?: string): SchemaProblem {
  const message = `${path.length > 0 ? `${placeName(path)} has` : 'there is'} no \`${key}\`${why ? `, which ${why}` : ''}`;
  return { path, about: 'missing', key, rule: 'required', message };
}

function patternProblem(error: ErrorObject, path: SchemaProblem['path']): SchemaProblem {
  const wanted = (error.parentSchema as { patternErrorMessage?: string }).patternErrorMessage;
  const what = wanted ? `must be ${wanted}` : `does not match ${error.params.pattern}`;
  if (error.propertyName !== undefined) {
    const key = error.propertyName;
    return {
      path: [...path, key],
      about: 'key',
      rule: 'pattern',
      message: `the name ${describeValue(key)} ${what}`,
    };
  }
  // A text of spaces counts as empty.
  const blank = error.params.pattern === '\\S';
  const message = `${placeName(path)} ${blank ? 'must not be empty' : `${what}, is ${describeValue(error.data)}`}`;
  return { path, about: 'value', rule: 'pattern', message, hint: patternHint(error) };
}

/** Hint with the same name in allowed letters, if there is one. */
function patternHint({ data, params }: ErrorObject): string | undefined {
  const name = String(data)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .trim()
    .replace(/^@/, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-');
  const taken = /[A-Za-z0-9]/.test(name) && new RegExp(params.pattern).test(name);
  return taken ? `\`${name}\` would do` : undefined;
}

function pathOf(pointer: string, root: unknown): (string | number)[] {
  let part = root;
  // JSON Pointer escapes (RFC 6901); ajv writes array indexes as plain digits.
  return pointer
    .split('/')
    .slice(1)
    .map((written) => {
      const key = written.replaceAll('~1', '/').replaceAll('~0', '~');
      const isIndex = /^(0|[1-9][0-9]*)$/.test(key) && (root === undefined || Array.isArray(part));
      part = (part as Record<string, unknown> | undefined)?.[key];
      return isIndex ? Number(key) : key;
    });
}

/** Last named field of a path, with the number of the entry if the path ends in one: ``entry 2 of `segments` ``. */
function placeName(path: SchemaProblem['path']): string {
  const at = path.findLastIndex((key) => typeof key === 'string');
  if (at < 0) return 'the list';
  const entries = path.slice(at + 1).map((index) => `entry ${Number(index) + 1} of `);
  return `${entries.reverse().join('')}\`${path[at]}\``;
}

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of fields',
};

function typeNames(types: string | readonly string[]): string {
  const named = [types].flat().flatMap((type) => TYPE_NAMES[type as string] ?? []);
  return named.join(' or ');
}

function typeHint({ data, params, parentSchema }: ErrorObject): string | undefined {
  const types: readonly string[] = [params.type].flat();
  const wants = (type: string) => types.includes(type);
  if (wants('string') && (typeof data === 'number' || typeof data === 'boolean')) {
    return `put it in quotes: "${data}"`;
  }
  if (wants('array') && typeof data === 'object') return 'put a dash before each entry';
  if (typeof data !== 'string') return undefined;
  if (wants('boolean')) return booleanHint(data);
  if (wants('number') || wants('integer')) return numberHint(data);
  if (wants('array')) return `write [${data}], or each entry on its own line after a dash`;
  return wants('object') ? fieldHint(data, parentSchema) : undefined;
}

function booleanHint(text: string): string | undefined {
  if (!/^(yes|no|on|off|true|false)$/i.test(text)) return undefined;
  return `write ${/^(yes|on|true)$/i.test(text) ? 'true' : 'false'}, without quotes`;
}

function numberHint(text: string): string | undefined {
  const digits = /^\s*(\d+(?:\.\d+)?)\s*(?:s|sec|secs|seconds)?\s*$/i.exec(text)?.[1];
  if (digits) return `write ${digits}, without quotes or unit`;
  const [, minutes, seconds] = /^(\d{1,2}):([0-5]\d)$/.exec(text) ?? [];
  return seconds ? `write ${Number(minutes) * 60 + Number(seconds)}, in seconds` : undefined;
}

/** Hint for a text in place of fields: it is probably meant for the first required field, or else for the first one. */
function fieldHint(text: string, schema: ErrorObject['parentSchema']): string | undefined {
  const [field] = [...(schema?.required ?? []), ...Object.keys(schema?.properties ?? {})];
  return field === undefined ? undefined : `write \`${field}: ${text.slice(0, SHOWN)}\``;
}

function enumHint({ data, params }: ErrorObject): string | undefined {
  const meant = typeof data === 'string' ? nearestWord(data, params.allowedValues) : undefined;
  return meant ? `did you mean \`${meant}\`?` : undefined;
}

function listValues(values: readonly unknown[]): string {
  const shown = values.map((value) => describeValue(value));
  return shown.length === 1 ? (shown[0] as string) : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

/** Longest part of a value that a message repeats, characters: enough to recognise it. */
const SHOWN = 40;

function describeValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a set of fields';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
}
