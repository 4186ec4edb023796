import { findModel, models, serviceDefault } from '../models/catalog.js';
import type { Model, NeutralField } from '../models/model.js';
import { nearest } from '../nearest.js';
import type { PlacedFinding } from '../shotlist/finding.js';
import type { Shot, ShotList } from '../shotlist/shot-list.js';
import { checkInput } from './check-input.js';
import { composeInput } from './compose-input.js';
import { audioCost, costOf } from './cost.js';
import { contentKey } from './key.js';
import type { ServiceDefault, Submission } from './plan.js';
import { timeSegments } from './segments.js';

/** The shot's submission if nothing is wrong with it, and all there is to say about it. */
export function planShot(
  shot: Shot,
  list: ShotList,
): { findings: readonly PlacedFinding[]; submission?: Omit<Submission, 'same_as'> } {
  const model = findModel(shot.fields.model ?? '');
  if (!model) return { findings: shot.unread.has('model') ? [] : [unknownModel(shot)] };
  const { segments: written, duration } = shot.fields;
  const timing = timeSegments(written ?? [], duration);
  if (written && model.fields.segments && 'problem' in timing) {
    const path = shot.origin(duration === undefined ? 'segments' : 'duration');
    const hint = 'change the durations so that they agree, or leave out the ones that follow from the others';
    return { findings: [...lacking(shot, model), { path, code: 'SL303', message: timing.problem, hint }] };
  }
  const timed = written && !('problem' in timing) ? timing : undefined;
  const composed = composeInput({ shot, list, model, timed });
  const findings = [...lacking(shot, model), ...composed.findings, ...checkInput({ shot, model, composed })];
  if (!composed.complete || findings.some(({ severity }) => severity !== 'warning')) return { findings };

  const { input, prompt, segments } = composed;
  const seconds = timed?.seconds ?? duration ?? Number(serviceDefault(model, 'duration'));
  const audio = shot.fields.audio ?? serviceDefault(model, 'audio') === true;
  return {
    findings,
    submission: {
      id: shot.id,
      shot: shot.id,
      scene: shot.scene,
      take: 1,
      part: null,
      selected: true,
      use: null,
      key: contentKey({ model: model.id, input }),
      model: model.id,
      input,
      defaults: defaultsOf({ model, shot, seconds, timed: timed !== undefined }),
      prompt,
      segments,
      seconds,
      audio,
      cost: costOf(model, { seconds, audio }),
    },
  };
}

function unknownModel(shot: Shot): PlacedFinding {
  const names = models.map(({ name }) => name);
  const written = shot.fields.model;
  if (written === undefined) {
    const hint = `write \`model:\` on the shot or under \`defaults:\`, one of ${names.join(', ')}`;
    const path = shot.origin('model');
    const place =
      path[0] === 'shots'
        ? ({ path, about: 'key' } as const)
        : ({ path: shot.origin(), about: 'missing' } as const);
    return { ...place, code: 'SL103', message: `\`${shot.id}\` has no \`model\``, hint };
  }
  const meant = nearest(written, [...names, ...models.map(({ id }) => id)]);
  return {
    path: shot.origin('model'),
    code: 'SL201',
    message: `there is no model \`${written}\``,
    hint: meant ? `did you mean \`${meant}\`?` : `the models are ${names.join(', ')}`,
  };
}

/** Every field with a neutral name; a shot's other fields no model needs to know. */
const NEUTRAL: readonly NeutralField[] = [
  ...(['start_image', 'end_image', 'duration', 'segments', 'audio'] as const),
  ...(['elements', 'negative_prompt', 'cfg_scale', 'shot_type'] as const),
];

/** The shot's fields that its model does not have: an error, because dropping one would change the film unseen. */
function lacking(shot: Shot, model: Model): readonly PlacedFinding[] {
  return NEUTRAL.filter((field) => shot.fields[field] !== undefined && model.fields[field] === undefined).map(
    (field) => {
      const having = models.filter(({ fields }) => fields[field] !== undefined).map(({ name }) => name);
      const path = shot.origin(field);
      const inherited = path[0] !== 'shots';
      return {
        ...{ path, about: 'key', code: 'SL301', message: `${model.name} has no \`${field}\`` },
        hint: `${having.join(', ')} ${having.length === 1 ? 'has' : 'have'} it${
          inherited ? `; \`${field}: null\` on shot \`${shot.id}\` leaves it out there` : ''
        }`,
      } as const;
    },
  );
}

/** What the service assumes for the fields that are not sent. */
function defaultsOf(options: {
  model: Model;
  shot: Shot;
  seconds: number;
  timed: boolean;
}): readonly ServiceDefault[] {
  const { model, shot, seconds, timed } = options;
  return NEUTRAL.flatMap((field) => {
    const value = serviceDefault(model, field);
    if (value === undefined || shot.fields[field] !== undefined || (field === 'duration' && timed)) return [];
    return [{ field, value, usd: field === 'audio' && value === true ? audioCost(model, seconds) : null }];
  });
}
