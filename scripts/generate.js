// Compiles the JSON Schemas of `schemas/` into plain validator modules under `src/generated/`, and gathers the
// models into one. Done before every build, because compiling a schema at run time costs more than all else.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const generated = new URL('src/generated/', root);

/** All errors are reported together; each has the value and the rule that it breaks. */
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
  inlineRefs: false,
  code: { source: true, esm: true },
});
// Said to people by editors and by our own messages; nothing is checked by it.
ajv.addVocabulary(['patternErrorMessage']);

const VALIDATOR_TYPES = `import type { ValidateFunction } from 'ajv';
declare const validate: ValidateFunction;
export default validate;
`;
const FIELD_NAMES_TYPES = `export declare const fieldNames: readonly string[];
`;
const MODEL_TYPES = `import type { ValidateFunction } from 'ajv';
import type { Model } from '../models/catalog.js';
export declare const models: readonly Model[];
export declare const validators: Readonly<Record<string, ValidateFunction>>;
`;
const DOCUMENT_TYPES = `import type { JsonObject } from '../base/json.js';
/** Input schemas as the documents of the models print them, by model id. They are no valid JSON Schema. */
export declare const documents: Readonly<Record<string, JsonObject>>;
`;

await mkdir(generated, { recursive: true });
for (const file of await readdir(new URL('schemas/', root))) {
  if (file.endsWith('.schema.json')) await compileOne(file.slice(0, -'.schema.json'.length));
}
await compileFields();
await compileModels();
await writeVersion();
await bundlePage();

/** @param {string} name of the schema, and of the validator made from it */
async function compileOne(name) {
  const schema = JSON.parse(await readFile(new URL(`schemas/${name}.schema.json`, root), 'utf8'));
  await emit(`validate-${name}`, standalone.default(ajv, ajv.compile(schema)), VALIDATOR_TYPES);
}

/** A shot's fields alone, for shots that are made from a row of a table; and their names. */
async function compileFields() {
  const { $id, definitions } = JSON.parse(
    await readFile(new URL('schemas/shotlist.schema.json', root), 'utf8'),
  );
  const validate = ajv.compile({ $ref: `${$id}#/definitions/fields` });
  await emit('validate-fields', standalone.default(ajv, validate), VALIDATOR_TYPES);
  const names = Object.keys(definitions.fields.properties);
  await emit('field-names', `export const fieldNames = ${JSON.stringify(names)};`, FIELD_NAMES_TYPES);
}

async function compileModels() {
  const byFile = await readFolder('schemas/models/');
  const models = Object.values(byFile);
  /** @type {Record<string, string>} */
  const exported = {};
  for (const [index, model] of models.entries()) {
    ajv.addSchema(model.input, model.id);
    exported[`input${index}`] = model.id;
  }
  const validators = models.map((model, index) => `${JSON.stringify(model.id)}: input${index}`);
  const code = `${standalone.default(ajv, exported)}
export const models = ${JSON.stringify(models)};
export const validators = { ${validators.join(', ')} };`;
  await emit('models', code, MODEL_TYPES);
  const printed = Object.entries(await readFolder('schemas/documents/'));
  const documents = Object.fromEntries(printed.map(([file, schema]) => [byFile[file].id, schema]));
  await emit('documents', `export const documents = ${JSON.stringify(documents)};`, DOCUMENT_TYPES);
}

/**
 * Contents of the JSON files of a folder by name, sorted by name.
 * @param {string} path
 */
async function readFolder(path) {
  const folder = new URL(path, root);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const read = files.map(async (file) => [file, JSON.parse(await readFile(new URL(file, folder), 'utf8'))]);
  return Object.fromEntries(await Promise.all(read));
}

/** So that nothing has to find and read `package.json` to say what version it is. */
async function writeVersion() {
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  await writeFile(new URL('version.js', generated), `export const version = ${JSON.stringify(version)};\n`);
  await writeFile(new URL('version.d.ts', generated), 'export declare const version: string;\n');
}

/** The dailies page's own code and style as strings: the page is one file, wherever Shotlist is installed. */
async function bundlePage() {
  const folder = new URL('src/dailies/page/', root);
  const { outputFiles } = await build({
    entryPoints: ['main.ts', 'page.css'].map((file) => fileURLToPath(new URL(file, folder))),
    outdir: 'page',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    // Browsers of 2023 on; older ones lack what the page's style needs.
    target: ['chrome115', 'firefox115', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    loader: { '.woff2': 'dataurl' },
    logLevel: 'warning',
  });
  const textOf = (/** @type {string} */ end) =>
    outputFiles.find(({ path }) => path.endsWith(end))?.text.trim() ?? '';
  // The font's place is said as the bundler says it of code, so that its licence is found.
  const code = `// node_modules/@fontsource-variable/inter/files
export const script = ${JSON.stringify(textOf('.js'))};
export const style = ${JSON.stringify(textOf('.css'))};
`;
  await writeFile(new URL('page.js', generated), code);
  await writeFile(
    new URL('page.d.ts', generated),
    'export declare const script: string;\nexport declare const style: string;\n',
  );
}

/**
 * Ajv's code still calls `require` for its few helpers; bundling resolves them.
 * @param {string} name @param {string} contents @param {string} types
 */
async function emit(name, contents, types) {
  await build({
    stdin: { contents, resolveDir: fileURLToPath(root) },
    outfile: fileURLToPath(new URL(`${name}.js`, generated)),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'warning',
  });
  await writeFile(new URL(`${name}.d.ts`, generated), types);
}
