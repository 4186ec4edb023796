import type { ErrorObject } from 'ajv';
import { nearest } from './nearest.js';

/** One thing a JSON Schema has against a value, in a reader's words. */
export interface SchemaProblem {
  /** Where in the value: object keys and array indexes. */
  readonly path: readonly (string | number)[];
  /** What is wrong there: the value itself, the last key of `path`, or a key that `path` lacks. */
  readonly about: 'value' | 'key' | 'missing';
  /** The missing key. */
  readonly key?: string;
  /** The JSON Schema keyword that was broken. */
  readonly rule: string;
  /** Begins with the field's name. */
  readonly message: string;
  readonly hint?: string;
}

/** Turns ajv's errors (made with `allErrors` and `verbose`) into problems, one per place and rule. */
export function explain(errors: readonly ErrorObject[]): readonly SchemaProblem[] {
  const problems = new Map<string, SchemaProblem>();
  for (const error of narrowestFirst(errors)) {
    const problem = explainOne(error);
    if (!problem) continue;
    const place = `${problem.about} ${problem.key ?? ''} ${problem.rule} ${JSON.stringify(problem.path)}`;
    if (!problems.has(place)) problems.set(place, problem);
  }
  return [...problems.values()];
}

/** Where two lists of allowed values are broken at one place, the shorter one says more. */
function narrowestFirst(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const length = (error: ErrorObject) => (error.keyword === 'enum' ? error.params.allowedValues.length : 0);
  return errors.toSorted((a, b) => length(a) - length(b));
}

function explainOne(error: ErrorObject): SchemaProblem | undefined {
  const path = pathOf(error.instancePath);
  const rule = error.keyword;
  const name = nameOf(path);
  const value = (message: string, hint?: string): SchemaProblem => ({
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
      // Their own errors stand beside them and say more.
      return undefined;
    case 'additionalProperties':
      return unknownKey(error, path);
    case 'required':
      return missing(path, params.missingProperty);
    case 'dependencies':
      return missing(path, params.missingProperty, `goes with \`${params.property}\``);
    case 'type':
      return value(`must be ${typeNames(params.type)}, is ${describe(error.data)}`, typeHint(error));
    case 'enum':
      return value(`must be ${list(params.allowedValues)}, is ${describe(error.data)}`, enumHint(error));
    case 'const':
      return value(`must be ${describe(params.allowedValue)}, is ${describe(error.data)}`);
    case 'minimum':
      return value(`must be at least ${params.limit}, is ${describe(error.data)}`);
    case 'maximum':
      return value(`must be at most ${params.limit}, is ${describe(error.data)}`);
    case 'minLength':
      return value('must not be empty');
    case 'minItems':
      return value(params.limit === 1 ? 'must not be empty' : `needs at least ${params.limit} entries`);
    case 'maxItems':
      return value(`has ${(error.data as unknown[]).length} entries; at most ${params.limit} are taken`);
    case 'minProperties':
      return value('must not be empty');
    case 'uniqueItems':
      return value(`has the same entry twice (numbers ${params.j + 1} and ${params.i + 1})`);
    case 'pattern':
      return patternProblem(error, path);
    default:
      return value(error.message ?? `breaks the rule ${rule}`);
  }
}

function unknownKey(error: ErrorObject, path: SchemaProblem['path']): SchemaProblem {
  const key: string = error.params.additionalProperty;
  const known = Object.keys(error.parentSchema?.properties ?? {});
  const meant = nearest(key, known);
  return {
    path: [...path, key],
    about: 'key',
    rule: error.keyword,
    message: `unknown field \`${key}\`${path.length > 0 ? ` in ${nameOf(path)}` : ''}`,
    hint: meant ? `did you mean \`${meant}\`?` : `known here: ${known.join(', ')}`,
  };
}

function missing(path: SchemaProblem['path'], key: string, why?: string): SchemaProblem {
  const message = `${path.length > 0 ? `${nameOf(path)} has` : 'there is'} no \`${key}\`${why ? `, which ${why}` : ''}`;
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
      message: `the name ${describe(key)} ${what}`,
    };
  }
  return {
    path,
    about: 'value',
    rule: 'pattern',
    message: `${nameOf(path)} ${what}, is ${describe(error.data)}`,
  };
}

function pathOf(pointer: string): (string | number)[] {
  // JSON Pointer escapes (RFC 6901); ajv writes array indexes as plain digits.
  const keys = pointer.split('/').slice(1);
  return keys.map((key) =>
    /^(0|[1-9][0-9]*)$/.test(key) ? Number(key) : key.replaceAll('~1', '/').replaceAll('~0', '~'),
  );
}

/** The last named field of a path, with the number of the entry where it ends in one: `segments[2]`. */
function nameOf(path: SchemaProblem['path']): string {
  const at = path.findLastIndex((key) => typeof key === 'string');
  if (at < 0) return 'the list';
  return `\`${path[at]}${path
    .slice(at + 1)
    .map((index) => `[${Number(index) + 1}]`)
    .join('')}\``;
}

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
};

function typeNames(types: string | readonly string[]): string {
  const named = [types].flat().flatMap((type) => TYPE_NAMES[type as string] ?? []);
  return named.join(' or ');
}

function typeHint({ data, params }: ErrorObject): string | undefined {
  const types: readonly string[] = [params.type].flat();
  const number = types.includes('number') || types.includes('integer');
  if (typeof data === 'string') {
    if (types.includes('boolean') && /^(yes|no|on|off|true|false)$/i.test(data)) {
      return `write ${/^(yes|on|true)$/i.test(data) ? 'true' : 'false'}, without quotes`;
    }
    const digits = /^\s*(\d+(?:\.\d+)?)\s*(?:s|sec|secs|seconds)?\s*$/i.exec(data);
    if (number && digits) return `write ${digits[1]}, without quotes or unit`;
    if (types.includes('array')) return `write [${data}], or each entry on its own line after a dash`;
  }
  if (types.includes('string') && (typeof data === 'number' || typeof data === 'boolean')) {
    return `put it in quotes: "${data}"`;
  }
  if (data === null) return 'it is empty here; give it a value or take the line out';
  return undefined;
}

function enumHint({ data, params }: ErrorObject): string | undefined {
  const meant = typeof data === 'string' ? nearest(data, params.allowedValues) : undefined;
  return meant ? `did you mean \`${meant}\`?` : undefined;
}

function list(values: readonly unknown[]): string {
  const shown = values.map((value) => describe(value));
  return shown.length === 1 ? (shown[0] as string) : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

/** Longest value repeated in a message, characters: enough to recognise it. */
const SHOWN = 40;

function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of fields';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
}
