import { meaningOf } from '../base/native-names.js';
import type { SchemaProblem } from '../base/schema-problem.js';
import { inside, type Place, type PlacedFinding } from '../language/document.js';
import type { Shot } from '../language/shot-list.js';
import {
  type Catalog,
  durations,
  formatDurations,
  type Model,
  type NeutralField,
  properties,
  validateInput,
} from '../models/catalog.js';
import { neutralPath, resolveMedia } from '../models/native-input.js';
import { suggestModel } from '../models/suggest-model.js';
import type { ComposedInput } from './compose-input.js';
import { requestProblem } from './request-size.js';

/** Finding for a shot whose `model` is missing or names no model. */
export function withoutModel(shot: Shot, catalog: Catalog): PlacedFinding {
  const { model } = shot.fields;
  if (model !== undefined) return unknownModel(model, { place: shot.origin('model'), catalog });
  const names = catalog.models.map(({ name }) => name);
  const hint = `write \`model:\` on the shot or under \`defaults:\`, one of ${names.join(', ')}`;
  const place = shot.owns('model')
    ? ({ place: shot.origin('model'), about: 'key' } as const)
    : ({ place: shot.place, about: 'missing' } as const);
  return { ...place, code: 'SL103', message: `\`${shot.id}\` has no \`model\``, hint };
}

/** Finding for a name that no model has, written at `place`. */
export function unknownModel(
  written: string,
  { place, catalog: { models } }: { place: Place; catalog: Catalog },
): PlacedFinding {
  return {
    place,
    code: 'SL201',
    message: `there is no model \`${written}\``,
    hint: suggestModel(written, models),
  };
}

/** Fields that only some models have. */
export const OPTIONAL_FIELDS: readonly NeutralField[] = [
  'start_image',
  'end_image',
  'duration',
  'segments',
  'audio',
  'elements',
  'negative_prompt',
  'cfg_scale',
  'shot_type',
];

/** Findings for fields that the shot's model does not have; silently dropping one would change the film. */
export function unsupportedFields(
  shot: Shot,
  { model, catalog }: { model: Model; catalog: Catalog },
): readonly PlacedFinding[] {
  const [part, profile] = shot.origin('model').path;
  const where = part === 'profiles' ? `in profile \`${profile}\`` : `on shot \`${shot.writtenId}\``;
  const isUnsupported = (field: NeutralField) =>
    shot.fields[field] !== undefined &&
    model.fields[field] === undefined &&
    !(field === 'segments' && shot.fields.split === true);
  return OPTIONAL_FIELDS.filter(isUnsupported).map((field) => {
    const having = catalog.models.filter(({ fields }) => fields[field] !== undefined).map(({ name }) => name);
    const has = `${having.join(', ')} ${having.length === 1 ? 'has' : 'have'} it`;
    const out = shot.owns(field) ? '' : `; \`${field}: null\` ${where} leaves it out there`;
    const split = field === 'segments' ? '; `split: true` makes each a submission of its own' : '';
    const { document, path } = shot.origin(field);
    // The finding points at the field, also if a matrix gives it several values.
    const place = { document, path: typeof path.at(-1) === 'number' ? path.slice(0, -1) : path };
    const message = `${model.name} has no \`${field}\``;
    return { place, about: 'key', code: 'SL301', message, hint: has + out + split } as const;
  });
}

/** Findings for a `select` or a `use` that points outside the takes or the clip. `seconds` is the length of the shot. */
export function checkSelection(shot: Shot, seconds: number): readonly PlacedFinding[] {
  const { fields, origin, invalid } = shot;
  const findings: PlacedFinding[] = [];
  const { takes = 1, select, use } = fields;
  if (select !== undefined && select > takes && !invalid.has('takes')) {
    const has = takes === 1 ? 'one take' : `${takes} takes`;
    const isElsewhere = fields.takes !== undefined && shot.owns('select') && !shot.owns('takes');
    findings.push({
      place: origin('select'),
      code: 'SL111',
      message: `the shot has ${has}, and no take ${select}`,
      hint: isElsewhere
        ? '`takes` comes from elsewhere, such as a profile: write `select` there too'
        : `write \`takes: ${select}\`, or select a take that it has`,
    });
  }
  const isTimed = !invalid.has('duration') && !invalid.has('segments');
  if (use && use[0] >= use[1]) {
    const message = `\`use\` begins at ${use[0]} s and ends at ${use[1]} s`;
    findings.push({ place: origin('use'), code: 'SL112', message, hint: 'it is [from, to], in seconds' });
  } else if (use && use[1] > seconds && isTimed) {
    const message = `\`use\` ends at ${use[1]} s, and the shot lasts ${seconds} s`;
    findings.push({ place: origin('use'), code: 'SL112', message });
  }
  return findings;
}

/** Finding for a shot with `split` whose segments cannot be grouped. */
export function cannotSplit(shot: Shot, model: Model): PlacedFinding {
  const accepted = durations(model, false);
  return {
    place: shot.origin('segments'),
    code: 'SL303',
    about: 'key',
    message: `the segments cannot be grouped into submissions that ${model.name} takes: ${formatDurations(accepted)} s each`,
    hint: 'change their durations; no segment is divided',
  };
}

/** Problems that the model's own schema has with a shot's input, and a request that is too large. */
export function checkInput({
  shot,
  model,
  composed,
  shrink,
}: {
  shot: Shot;
  model: Model;
  composed: ComposedInput;
  /** True if smaller copies of large images are sent. */
  shrink: boolean;
}): readonly PlacedFinding[] {
  const { input, prompt, media } = composed;
  const findings = neutralNameFindings(shot, model);
  const hasNeutralName = new Set(findings.map(({ place }) => place.path.at(-1)));
  const body = resolveMedia(input, () => 'https://media.invalid/');
  for (const problem of validateInput(model, body)) {
    if (!hasNeutralName.has(problem.path[0]))
      findings.push(explainProblem(problem, { shot, model, composed }));
  }
  const tooLarge = requestProblem(media, { text: prompt.length, shrink });
  if (tooLarge) {
    const message = `the files of \`${shot.id}\` ${tooLarge.message}`;
    findings.push({ ...tooLarge, place: shot.place, code: 'SL306', about: 'missing', message });
  }
  return findings;
}

/** Findings for model inputs with a neutral name: lists use the neutral name, so that a change of model is one line. */
function neutralNameFindings(shot: Shot, model: Model): PlacedFinding[] {
  return Object.keys(shot.fields.input ?? {}).flatMap((name) => {
    const { field } = neutralPath(model, [name]);
    if (field === 'input') return [];
    const message = `\`${name}\` is what ${model.name} calls the shot's own \`${field}\``;
    const hint = `write \`${field}\` on the shot itself, not under \`input\``;
    return [
      { place: inside(shot.origin('input'), name), about: 'key', code: 'SL305', message, hint } as const,
    ];
  });
}

function explainProblem(
  problem: SchemaProblem,
  { shot, model, composed }: { shot: Shot; model: Model; composed: ComposedInput },
): PlacedFinding {
  const { path, about, rule, hint } = problem;
  if (about === 'missing' && path.length === 0) {
    const { path: lacking, field } = neutralPath(model, [problem.key as string]);
    const message = `\`${shot.id}\` has no \`${lacking.join('.')}\`, which ${model.name} needs`;
    // An empty field of the shot itself is the place of the finding; an empty one of the defaults is not.
    const isEmpty = field !== 'input' && shot.owns(field);
    return isEmpty
      ? { place: shot.origin(field), about: 'key', code: 'SL103', message }
      : { place: shot.place, about, code: 'SL103', message };
  }
  const { path: neutral, field } = neutralPath(model, path);
  const place = inside(shot.origin(field), ...neutral.slice(1));
  if (field === 'duration')
    return durationFinding({ shot, model, place, seconds: composed.input[path[0] as string] });
  if (field === 'input' && rule === 'additionalProperties') {
    const known = Object.keys(properties(model)).filter(
      (name) => neutralPath(model, [name]).field === 'input',
    );
    const others =
      known.length > 0
        ? `its own inputs are ${known.join(', ')}`
        : 'all its inputs are fields of the shot itself';
    const meaning = meaningOf(String(path[0]));
    const message = `${model.name} has no input \`${path[0]}\``;
    if (!meaning) return { place, about, code: 'SL102', message, hint: others };
    if ('field' in meaning) {
      const hint = `it is called \`${meaning.field}\` here: write it on the shot itself, not under \`input\``;
      return { place, about, code: 'SL102', message, hint };
    }
    const hint = meaning.instead(composed.input[String(path[0])]);
    return { place, about, code: 'SL102', message: `${message}: ${meaning.why}`, hint };
  }
  const message =
    field === 'input' ? problem.message : problem.message.replace(`\`${path[0]}`, `\`${neutral[0]}`);
  return { place, about, code: 'SL302', message: `${model.name}: ${message}`, hint };
}

/** Hint for a shot that is shorter than the clips of its model: the cut takes a part of one. */
function shorterCut({ fields }: Shot, model: Model): string | undefined {
  const [shortest] = durations(model, fields.end_image !== undefined);
  const { duration = 0, use } = fields;
  if (shortest === undefined || duration >= shortest || use) return undefined;
  return `${shortest} s is the shortest: write \`duration: ${shortest}\` with \`use: [0, ${duration}]\``;
}

function durationFinding(options: {
  shot: Shot;
  model: Model;
  place: Place;
  seconds: unknown;
}): PlacedFinding {
  const { shot, model, place, seconds } = options;
  const { duration, end_image } = shot.fields;
  const accepted = formatDurations(durations(model, end_image !== undefined));
  const withEnd = formatDurations(durations(model, true));
  const condition = withEnd === accepted ? '' : ' without an end image';
  if (duration !== undefined) {
    const message = `${model.name} takes ${accepted} s${condition}, not ${duration}`;
    const split = shot.fields.split
      ? '`split` divides a shot only between its segments: write `segments`'
      : undefined;
    const hint = condition
      ? `with an \`end_image\` it takes ${withEnd} s`
      : (split ?? shorterCut(shot, model));
    return { place, code: 'SL302', message, hint };
  }
  return {
    place: shot.origin('segments'),
    about: 'key',
    code: 'SL302',
    message: `the segments add up to ${seconds} s; ${model.name} takes ${accepted} s in one submission`,
    hint: '`split: true` makes it several submissions, each starting where the one before ended',
  };
}
