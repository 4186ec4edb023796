import { dirname, resolve } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import type { Json, JsonObject } from '../../base/json.js';
import { formatRate, formatSeconds, formatUsd } from '../../base/units.js';
import {
  type Catalog,
  durations,
  formatDurations,
  type Model,
  type NeutralField,
  nativeField,
  properties,
  USUAL_SECONDS,
} from '../../models/catalog.js';
import { MODELS_FOLDER, type ReadCatalog, readCatalog } from '../../models/read-catalog.js';
import { suggestModel } from '../../models/suggest-model.js';
import { createPaint } from '../../ui/paint.js';
import { formatTable } from '../../ui/table.js';
import { jsonText, visible } from '../../ui/visible.js';
import { type Console, colorOf, fail, widthOf } from '../console.js';

/** `shotlist models`: lists the models; with an id, shows what that model takes and costs. */
export async function showModels(
  id: string | undefined,
  { json, list }: { json?: boolean; list?: string },
  console: Console,
): Promise<ExitCode> {
  const { stdout } = console;
  const { catalog, problems } = await readCatalog(folderOf(list));
  for (const problem of problems) showProblem(problem, console);
  if (id === undefined) {
    stdout.write(json ? asJson(catalog.models) : overview(catalog, console));
    return Exit.done;
  }
  const model = catalog.find(id);
  if (!model) {
    const hint = suggestModel(id, catalog.models);
    return fail(console, { exit: Exit.usage, message: `there is no model ${id}`, hint });
  }
  stdout.write(json ? asJson(model) : describeModel(model, console));
  return Exit.done;
}

function asJson(value: Model | readonly Model[]): string {
  return `${jsonText(value, 2)}\n`;
}

/** Folder that may contain `models/`: the list's, or the current one. */
export function folderOf(list: string | undefined): string {
  return list === undefined ? process.cwd() : dirname(resolve(list));
}

function showProblem({ file, message }: ReadCatalog['problems'][number], { stderr }: Console): void {
  stderr.write(`shotlist: ${MODELS_FOLDER}/${visible(file)} is left out: ${visible(message)}\n`);
}

function overview({ models }: Catalog, console: Console): string {
  const table = formatTable({
    columns: [
      { title: 'model' },
      { title: 'seconds', shrinkTo: 12 },
      { title: 'has', shrinkTo: 12 },
      { title: 'silent', align: 'right' },
      { title: 'with audio', align: 'right' },
      { title: 'price seen' },
    ],
    rows: models.map((model) => [
      model.name,
      durationsOf(model),
      OPTIONAL.filter((field) => model.fields[field]).join(', '),
      silentPrice(model),
      model.fields.audio ? formatRate(model.price.audio) : 'no audio',
      model.price.date ?? '',
    ]),
    width: widthOf(console.stdout),
    color: colorOf(console.stdout, console),
  });
  return `${table}\n\`shotlist models ${models[0]?.name}\` shows what one takes.\n`;
}

const OPTIONAL: readonly NeutralField[] = [
  'end_image',
  'segments',
  'elements',
  'audio',
  'negative_prompt',
  'cfg_scale',
  'shot_type',
];

/** Text on what one model takes and costs. */
export function describeModel(model: Model, console: Console): string {
  const { price } = model;
  const screen = { width: widthOf(console.stdout), color: colorOf(console.stdout, console) };
  const required = (model.input.required ?? []) as readonly string[];
  const row = (write: string, native: string, { takes, schema }: { takes: string; schema: JsonObject }) => [
    write,
    native,
    takes,
    required.includes(native) ? 'required' : shown(schema.default),
    String(schema.description ?? ''),
  ];
  const neutral = Object.entries(model.fields) as [NeutralField, string][];
  const fields = neutral.map(([field, native]) => {
    const { schema } = nativeField(model, field) as { schema: JsonObject };
    return row(field, native, { takes: takes(schema, model, field), schema });
  });
  const own = Object.entries(properties(model))
    .filter(([native]) => !Object.values(model.fields).includes(native))
    .map(([native, schema]) => row(`input.${native}`, native, { takes: allowedValues(schema), schema }));
  const table = formatTable({
    columns: [
      { title: 'write' },
      { title: 'sent as' },
      { title: 'takes', shrinkTo: 16 },
      { title: 'if left out', shrinkTo: 8 },
      { title: '', shrinkTo: 12 },
    ],
    rows: [...fields, ...own],
    ...screen,
  });
  const sources = price.date === null ? '' : ` (seen ${price.date}: ${price.source})`;
  const surcharge = price.audio_surcharge ? `, audio ${price.audio_surcharge * 100} % more` : '';
  const audio = model.fields.audio ? `, with audio ${formatRate(price.audio)}` : '';
  return `${createPaint(screen.color).bold(model.name)}  ${model.title}
id        ${model.id}
price     ${silentPrice(model)}${audio}${surcharge}${sources}
rendering usually takes about ${formatSeconds(model.usual_render_seconds)}

${table}`;
}

function durationsOf(model: Model): string {
  if (!model.fields.duration) return String(model.seconds ?? USUAL_SECONDS);
  const [alone, withEnd] = [durations(model, false), durations(model, true)].map(formatDurations) as [
    string,
    string,
  ];
  return alone === withEnd ? alone : `${withEnd}; ${alone} without an end image`;
}

function takes(schema: JsonObject, model: Model, field: NeutralField): string {
  if (field === 'duration') return `whole seconds: ${durationsOf(model)}`;
  return field.endsWith('image') ? 'an image' : allowedValues(schema);
}

/** Values that a schema allows, in a few words. */
function allowedValues(schema: JsonObject): string {
  if (schema.enum) return (schema.enum as readonly Json[]).join(' or ');
  if (schema.minimum !== undefined && schema.maximum !== undefined)
    return `${schema.minimum} to ${schema.maximum}`;
  if (schema.maxItems !== undefined) return `up to ${schema.maxItems}`;
  return TYPES[String(schema.type)] ?? 'anything';
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'a set of fields',
};

function silentPrice({ price }: Model): string {
  return price.per_video === undefined ? formatRate(price.silent) : `${formatUsd(price.per_video)} each`;
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'nothing' : String(value);
}
