import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { findTree, isInside, nullIfMissing } from '../base/files.js';
import type { Json, JsonObject } from '../base/json.js';
import { explainSchemaErrors } from '../base/schema-problem.js';
import type { Model } from './catalog.js';
import { builtIn, type Catalog, createCatalog, properties, registerValidator } from './catalog.js';

/** Name of the folder of models beside a shot list. */
export const MODELS_FOLDER = 'models';

/** A model file has some kilobytes; larger files are something else. Our choice, bytes. */
const LARGEST = 1024 * 1024;

/** Reason why a file in `models/` is left out of the catalog. */
export interface ModelFileProblem {
  /** Name of the file in the folder `models`; empty if the folder itself cannot be read. */
  readonly file: string;
  /** Without a full stop. */
  readonly message: string;
}

/** A catalog, and the model files that are left out of it. */
export interface ReadCatalog {
  readonly catalog: Catalog;
  readonly problems: readonly ModelFileProblem[];
}

/**
 * Models that a list in `folder` may name: those that come with Shotlist, and those in `models/*.json` beside the list,
 * each checked. Reads only that folder; never throws because of a file's content.
 */
export async function readCatalog(folder: string): Promise<ReadCatalog> {
  const files = modelFiles(join(folder, MODELS_FOLDER));
  if ('message' in files) return { catalog: builtIn, problems: [{ file: '', ...files }] };
  if (files.length === 0) return { catalog: builtIn, problems: [] };
  const found: Model[] = [];
  const problems: ModelFileProblem[] = [];
  for (const file of files) {
    const read = await readModel(join(folder, MODELS_FOLDER, file), folder);
    const problem = 'message' in read ? read.message : clashWith(read, [...builtIn.models, ...found]);
    if (problem === null) found.push(read as Model);
    else problems.push({ file, message: problem });
  }
  return { catalog: createCatalog([...builtIn.models, ...found]), problems };
}

/** Reads one model file of a list in `folder`; the model is ready for `validateInput`. A message says what is wrong. */
async function readModel(path: string, folder: string): Promise<Model | { readonly message: string }> {
  const json = readJson(path, folder);
  if ('message' in json) return json;
  const { default: validateModel } = await import('../generated/validate-model.js');
  if (!validateModel(json.value)) {
    const [problem] = explainSchemaErrors(validateModel.errors as ErrorObject[]);
    return { message: `this is no model file: ${problem?.message ?? 'it has another structure'}` };
  }
  return prepareModel(json.value as unknown as Model);
}

/** Compiles a model's input schema for `validateInput`; a message says why it cannot be used. */
export async function prepareModel(model: Model): Promise<Model | { readonly message: string }> {
  const missing = Object.values(model.fields).find((name) => !Object.hasOwn(properties(model), name));
  if (missing !== undefined)
    return { message: `\`fields\` names \`${missing}\`, which its \`input\` does not have` };
  if (model.fields.elements !== undefined && !model.element)
    return {
      message: '`fields` names elements, and there is no `element` to say what their parts are called',
    };
  try {
    registerValidator(model, await compileSchema(model.input));
    return model;
  } catch (error) {
    return { message: `its \`input\` is no JSON Schema that can be used: ${(error as Error).message}` };
  }
}

/**
 * Compiles the input schema of a model that does not come with Shotlist; rejects if it is no valid JSON Schema. Imports ajv
 * only here, because most lists have no models of their own.
 */
async function compileSchema(schema: JsonObject): Promise<ValidateFunction> {
  // ajv is CommonJS: a bundle has its names in the default export only.
  const {
    default: { Ajv },
  } = await import('ajv');
  // The options of scripts/generate.js: all errors are reported together, with the value and the rule.
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    // Rules such as "goes with" name fields of the whole input from inside a part of it.
    strictRequired: false,
    logger: false,
  });
  // Matching a stranger's pattern may never end, and a model file may come from a stranger together with a list.
  ajv.removeKeyword('pattern').removeKeyword('patternProperties');
  return ajv.compile(schema);
}

function modelFiles(folder: string): readonly string[] | { readonly message: string } {
  try {
    const names = nullIfMissing(() => readdirSync(folder)) ?? [];
    return names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
  } catch (error) {
    return { message: `the folder cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}

function readJson(path: string, folder: string): { readonly value: Json } | { readonly message: string } {
  try {
    const stats = statSync(path);
    // Reading from a device may never end.
    if (!stats.isFile()) return { message: 'it is no regular file' };
    if (!isInside(realpathSync.native(path), findTree(folder)))
      return { message: 'it leads out of the shot list’s tree' };
    if (stats.size > LARGEST) return { message: 'the file is too large for a model' };
    return { value: JSON.parse(readFileSync(path, 'utf8')) as Json };
  } catch (error) {
    if (error instanceof SyntaxError) return { message: 'the file is not JSON' };
    return { message: `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}

/** Message for a model whose id or name another model has, as a name must mean one model; null if there is none. */
function clashWith({ id, name }: Model, known: readonly Model[]): string | null {
  const other = known.find((one) => [one.id, one.name].some((each) => each === id || each === name));
  return other ? `\`${other.id === id ? id : name}\` is already the model ${other.id}` : null;
}
