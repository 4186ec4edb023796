import type { ErrorObject, ValidateFunction } from 'ajv';
import { explain, type SchemaProblem } from '../base/schema-problem.js';
import isList from '../generated/is-list.js';

/** What the schema says against a shot list; empty where it is one. */
export async function listProblems(value: unknown): Promise<readonly SchemaProblem[]> {
  if (isList(value)) return [];
  // Loaded only where something is wrong: to say what takes more code than to see it.
  return problemsBy((await import('../generated/validate-shotlist.js')).default, value);
}

/** What the schema says against a shot's fields. */
export async function fieldProblems(fields: unknown): Promise<readonly SchemaProblem[]> {
  return problemsBy((await import('../generated/validate-fields.js')).default, fields);
}

function problemsBy(validate: ValidateFunction, value: unknown): readonly SchemaProblem[] {
  return validate(value) ? [] : explain(validate.errors as ErrorObject[], value);
}
