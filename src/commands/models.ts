import { Exit, type ExitCode } from '../exit.js';
import type { Json, JsonObject } from '../json.js';
import { durations, findModel, models, nativeField, secondsInWords } from '../models/catalog.js';
import type { Model, NeutralField } from '../models/model.js';
import { nearest } from '../nearest.js';
import { createPaint } from '../ui/paint.js';
import { formatTable } from '../ui/table.js';
import { formatRate, formatSeconds } from '../ui/units.js';
import { type Console, colorOf, fail, widthOf } from './console.js';

/** `shotlist models`: what there is; with an id, what that one takes. */
export async function showModels(
  id: string | undefined,
  { json }: { json?: boolean },
  console: Console,
): Promise<ExitCode> {
  const { stdout } = console;
  if (id === undefined) {
    stdout.write(json ? asJson(models) : overview(console));
    return Exit.done;
  }
  const model = findModel(id);
  if (!model) {
    const meant = nearest(
      id,
      models.flatMap((one) => [one.name, one.id]),
    );
    const hint = meant ? `did you mean ${meant}?` : '`shotlist models` lists them';
    return fail(console, { exit: Exit.usage, message: `there is no model ${id}`, hint });
  }
  stdout.write(json ? asJson(model) : details(model, console));
  return Exit.done;
}

function asJson(value: Model | readonly Model[]): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function overview(console: Console): string {
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
      formatRate(model.price.silent),
      model.fields.audio ? formatRate(model.price.audio) : 'no audio',
      model.price.date ?? '',
    ]),
    width: widthOf(console.stdout),
    color: colorOf(console.stdout, console),
  });
  return `${table}\n\`shotlist models ${models[0]?.name}\` shows what one takes.\n`;
}

const OPTIONAL: readonly NeutralField[] = [
  ...(['end_image', 'segments', 'elements', 'audio', 'negative_prompt', 'cfg_scale', 'shot_type'] as const),
];

function details(model: Model, console: Console): string {
  const { price } = model;
  const paint = createPaint(colorOf(console.stdout, console));
  const fields = (Object.entries(model.fields) as [NeutralField, string][]).map(([field, native]) => {
    const { schema } = nativeField(model, field) as { schema: JsonObject };
    return [
      field,
      native,
      takes(schema, model, field),
      shown(schema.default),
      String(schema.description ?? ''),
    ];
  });
  const required = model.input.required as readonly string[];
  const table = formatTable({
    columns: [
      { title: 'write' },
      { title: 'sent as' },
      { title: 'takes', shrinkTo: 16 },
      { title: 'if left out', shrinkTo: 8 },
      { title: '', shrinkTo: 12 },
    ],
    rows: fields.map(([field, native, what, usual, about]) => [
      ...[field, native, what].map(String),
      required.includes(native as string) ? 'required' : String(usual),
      String(about),
    ]),
    width: widthOf(console.stdout),
    color: colorOf(console.stdout, console),
  });
  const sources = price.date === null ? '' : ` (seen ${price.date}: ${price.source})`;
  const surcharge = price.audio_surcharge ? `, audio ${price.audio_surcharge * 100} % more` : '';
  const audio = model.fields.audio ? `, with audio ${formatRate(price.audio)}` : '';
  return `${paint.bold(model.name)}  ${model.title}
id        ${model.id}
price     ${formatRate(price.silent)}${audio}${surcharge}${sources}
rendering usually takes about ${formatSeconds(model.usual_render_seconds)}

${table}`;
}

function durationsOf(model: Model): string {
  const [alone, withEnd] = [durations(model, false), durations(model, true)].map(secondsInWords) as [
    string,
    string,
  ];
  return alone === withEnd ? alone : `${withEnd}; ${alone} without an end image`;
}

function takes(schema: JsonObject, model: Model, field: NeutralField): string {
  if (field === 'duration') return `whole seconds: ${durationsOf(model)}`;
  if (schema.enum) return (schema.enum as readonly Json[]).join(' or ');
  if (schema.maximum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
  if (schema.maxItems !== undefined) return `up to ${schema.maxItems}`;
  if (schema.type === 'boolean') return 'true or false';
  return field.endsWith('image') ? 'an image' : 'text';
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'nothing' : String(value);
}
