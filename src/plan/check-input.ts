import { LARGEST_REQUEST } from '../base/limits.js';
import type { SchemaProblem } from '../base/schema-problem.js';
import { inside, type Place, type PlacedFinding } from '../language/document.js';
import type { Shot } from '../language/shot-list.js';
import { durations, formatDurations, properties, validateInput } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import { neutralPath, resolveMedia } from '../models/native-input.js';
import type { Composed } from './compose-input.js';

/** Longest prompt that other hosts of these models note as taken, characters (2026). */
const LONG_PROMPT = 2500;

/** Everything the model's own schema, and the limits beside it, say against a shot. */
export function checkInput({
  shot,
  model,
  composed,
}: {
  shot: Shot;
  model: Model;
  composed: Composed;
}): readonly PlacedFinding[] {
  const { input, prompt, mediaBytes } = composed;
  const findings = neutralNames(shot, model);
  const hasNeutralName = new Set(findings.map(({ place }) => place.path.at(-1)));
  const body = resolveMedia(input, () => 'https://media.invalid/');
  for (const problem of validateInput(model, body)) {
    if (!hasNeutralName.has(problem.path[0]))
      findings.push(explainProblem(problem, { shot, model, composed }));
  }
  // Base64 turns three bytes into four.
  if ((mediaBytes * 4) / 3 + prompt.length > LARGEST_REQUEST) {
    findings.push({
      place: shot.place,
      code: 'SL306',
      about: 'missing',
      message: `the images of \`${shot.id}\` come to more than the 64 MiB that one request may have`,
      hint: 'make them smaller, or host some and write their https URLs',
    });
  }
  if (prompt.length > LONG_PROMPT) {
    findings.push({
      place: shot.origin(shot.fields.prompt === undefined ? 'segments' : 'prompt'),
      code: 'SL304',
      severity: 'warning',
      message: `the prompt has ${prompt.length} characters; the model may refuse more than ${LONG_PROMPT}`,
    });
  }
  return findings;
}

/** Model inputs that have a neutral name are written by it, so that changing the model is changing one line. */
function neutralNames(shot: Shot, model: Model): PlacedFinding[] {
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
  { shot, model, composed }: { shot: Shot; model: Model; composed: Composed },
): PlacedFinding {
  const { path, about, rule, hint } = problem;
  if (about === 'missing' && path.length === 0) {
    const { path: lacking, field } = neutralPath(model, [problem.key as string]);
    const message = `\`${shot.id}\` has no \`${lacking.join('.')}\`, which ${model.name} needs`;
    // A field that is there and empty is the place to look at, unless it is the defaults'.
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
        : 'all it takes is written on the shot itself';
    return {
      place,
      about,
      code: 'SL102',
      message: `${model.name} has no input \`${path[0]}\``,
      hint: others,
    };
  }
  const message =
    field === 'input' ? problem.message : problem.message.replace(`\`${path[0]}`, `\`${neutral[0]}`);
  return { place, about, code: 'SL302', message: `${model.name}: ${message}`, hint };
}

function durationFinding(options: {
  shot: Shot;
  model: Model;
  place: Place;
  seconds: unknown;
}): PlacedFinding {
  const { shot, model, place, seconds } = options;
  const { duration, end_image } = shot.fields;
  const takes = formatDurations(durations(model, end_image !== undefined));
  const withEnd = formatDurations(durations(model, true));
  const condition = withEnd === takes ? '' : ' without an end image';
  if (duration !== undefined) {
    const message = `${model.name} takes ${takes} s${condition}, not ${duration}`;
    const split = shot.fields.split
      ? '`split` keeps segments whole and divides nothing else: write `segments`'
      : undefined;
    const hint = condition ? `with an \`end_image\` it takes ${withEnd} s` : split;
    return { place, code: 'SL302', message, hint };
  }
  return {
    place: shot.origin('segments'),
    about: 'key',
    code: 'SL302',
    message: `the segments add up to ${seconds} s; ${model.name} takes ${takes} s in one submission`,
    hint: '`split: true` makes it several submissions, each starting where the one before ended',
  };
}
