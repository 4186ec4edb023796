import { nearest } from '../base/text.js';
import type { PlacedFinding } from '../language/document.js';
import type { Shot, ShotList } from '../language/shot-list.js';
import { type Catalog, durations, secondsInWords, secondsOf, serviceDefault } from '../models/catalog.js';
import type { Model, NeutralField } from '../models/model.js';
import type { ChainedFrame } from '../models/native-input.js';
import { checkInput } from './check-input.js';
import { composeInput } from './compose-input.js';
import { audioCost, costOf } from './cost.js';
import { contentKey } from './key.js';
import { type Part, partsOf, useOf, wholeShot } from './parts.js';
import { timeSegments } from './segments.js';
import type { ServiceDefault, Submission } from './submission.js';

/** What planning a shot came to. */
export interface PlannedShot {
  readonly findings: readonly PlacedFinding[];
  /** In the order of takes, and of parts within them; empty where something is wrong with the shot. */
  readonly submissions: readonly Submission[];
}

/** What shots are planned with. */
interface Context {
  readonly list: ShotList;
  readonly catalog: Catalog;
  /** The shots planned so far; those that this one starts from are among them. */
  readonly planned: ReadonlyMap<string, PlannedShot>;
  /** Keys that an approval may name besides the shot's own, by its id. */
  readonly approvable: ReadonlyMap<string, string>;
}

/** The shot's submissions if nothing is wrong with it, and all there is to say about it. */
export function planShot(shot: Shot, context: Context): PlannedShot {
  const { catalog } = context;
  const model = catalog.find(shot.fields.model ?? '');
  if (!model) return refused(shot.invalid.has('model') ? [] : [unknownModel(shot, catalog)]);
  const { segments: written, duration } = shot.fields;
  const timing = written && hasSegments(shot, model) ? timeSegments(written, duration) : undefined;
  if (timing && 'problem' in timing) {
    const place = shot.origin(duration === undefined ? 'segments' : 'duration');
    const hint = 'change the durations so that they agree, or leave out the ones that follow from the others';
    return refused([
      ...lacking(shot, { model, catalog }),
      { place, code: 'SL303', message: timing.problem, hint },
    ]);
  }
  const whole = wholeShot(timing?.segments ?? [], timing?.seconds ?? duration);
  const parts =
    timing && shot.fields.split ? partsOf(timing.segments, { model, fields: shot.fields }) : [whole];
  if (!parts) return refused([...lacking(shot, { model, catalog }), cannotSplit(shot, model)]);
  return new ShotPlanner({ shot, model, parts, ...context }).plan();
}

function refused(findings: readonly PlacedFinding[]): PlannedShot {
  return { findings, submissions: [] };
}

/** Without segments of its own, a model can still make each of them when the shot may be split. */
function hasSegments(shot: Shot, model: Model): boolean {
  return model.fields.segments !== undefined || shot.fields.split === true;
}

class ShotPlanner {
  readonly #shot: Shot;
  readonly #model: Model;
  readonly #parts: readonly Part[];
  readonly #context: Context;
  readonly #findings: PlacedFinding[];
  #complete = true;

  constructor(options: { shot: Shot; model: Model; parts: readonly Part[] } & Context) {
    this.#shot = options.shot;
    this.#model = options.model;
    this.#parts = options.parts;
    this.#context = options;
    this.#findings = [...lacking(options.shot, options), ...checkChoice(options.shot, this.#length())];
  }

  plan(): PlannedShot {
    const takes = this.#shot.fields.takes ?? 1;
    const submissions: Submission[] = [];
    for (let take = 1; take <= takes; take++) {
      let start: ChainedFrame | null = null;
      for (const part of this.#parts) {
        const submission = this.#submission({ take, part, start });
        submissions.push(submission);
        start = { $last_frame_of: submission.id, key: submission.key };
      }
    }
    const isWrong = this.#findings.some(({ severity }) => severity !== 'warning');
    if (!this.#complete || isWrong) return refused(this.#findings);
    this.#findings.push(...this.#checkApproval(lastOf(submissions)?.key));
    return { findings: this.#findings, submissions };
  }

  /** Whether the shot is still what was signed off, as it is or without the profile. */
  #checkApproval(key: string | undefined): readonly PlacedFinding[] {
    const { id, fields, origin } = this.#shot;
    const { approved } = fields;
    const { list, approvable } = this.#context;
    const keys = [key, approvable.get(id)].filter((one) => one !== undefined);
    if (approved === undefined || key === undefined || keys.some((one) => one.startsWith(approved)))
      return [];
    const now = key.slice(0, Math.max(8, approved.length));
    const message = `\`${id}\` was approved as ${approved}, and is now ${now}`;
    const profile = list.profile === null ? '' : ` --profile ${list.profile}`;
    const hint = `change it back, or approve it anew: shotlist approve <list> ${id}${profile}`;
    return [{ place: origin('approved'), code: 'SL113', message, hint }];
  }

  /** Seconds of the whole shot. */
  #length(): number {
    const { fields } = this.#shot;
    const seconds = this.#parts.map((part) => part.seconds ?? this.#usualSeconds());
    return fields.segments ? seconds.reduce((sum, one) => sum + one, 0) : (seconds[0] as number);
  }

  #usualSeconds(): number {
    return secondsOf(this.#model, {});
  }

  #submission(options: { take: number; part: Part; start: ChainedFrame | null }): Submission {
    const { take, part, start } = options;
    const shot = this.#shot;
    const model = this.#model;
    const frameOf = (id: string) => this.#frameOf(id);
    const composed = composeInput({ shot, list: this.#context.list, model, part, start, frameOf });
    // Takes differ in nothing that could be wrong.
    if (take === 1) this.#findings.push(...composed.findings, ...checkInput({ shot, model, composed }));
    if (!composed.complete) this.#complete = false;
    const { input, prompt, segments } = composed;
    const seconds = part.seconds ?? this.#usualSeconds();
    const audio = shot.fields.audio ?? serviceDefault(model, 'audio') === true;
    return {
      id: idOf(shot, { take, part }),
      shot: shot.id,
      variant_of: shot.variantOf,
      scene: shot.scene,
      take,
      part: part.number,
      selected: take === (shot.fields.select ?? 1),
      use: useOf(part, shot.fields.use),
      // A shot's parts are one shot: nothing fades between them.
      transition: part.isFirst ? (shot.fields.transition ?? 0) : 0,
      notes: shot.fields.notes ?? null,
      key: contentKey({ model: model.id, input, take }),
      model: model.id,
      input,
      defaults: defaultsOf({ model, shot, seconds, timed: segments.length > 0 }),
      prompt,
      segments,
      seconds,
      audio,
      cost: costOf(model, { seconds, audio }),
      retries: shot.fields.retries ?? 0,
      // Known once all shots are planned.
      same_as: null,
    };
  }

  /** The frame on which another shot's selected take ends. */
  #frameOf(id: string): ChainedFrame | undefined {
    const last = lastOf(this.#context.planned.get(id)?.submissions ?? []);
    return last && { $last_frame_of: last.id, key: last.key };
  }
}

/** The last part of the selected take: what the cut ends on, and what a chain and an approval are about. */
function lastOf<T extends { readonly selected: boolean }>(submissions: readonly T[]): T | undefined {
  return submissions.findLast(({ selected }) => selected);
}

/** Order in an id is matrix, take, part. */
function idOf({ id }: Shot, { take, part }: { take: number; part: Part }): string {
  return `${id}${take > 1 ? `.take${take}` : ''}${part.number === null ? '' : `.part${part.number}`}`;
}

function cannotSplit(shot: Shot, model: Model): PlacedFinding {
  const takes = durations(model, false);
  return {
    place: shot.origin('segments'),
    code: 'SL303',
    about: 'key',
    message: `the segments cannot be grouped into submissions that ${model.name} takes: ${secondsInWords(takes)} s each`,
    hint: 'change their durations; no segment is divided',
  };
}

/** Whether `select` and `use` point at something that will be there. */
function checkChoice(shot: Shot, seconds: number): readonly PlacedFinding[] {
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
        ? 'its `takes` are not its own: whatever says them, such as a profile, says `select` too'
        : `write \`takes: ${select}\`, or select one of those it has`,
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

function unknownModel(shot: Shot, { models }: Catalog): PlacedFinding {
  const names = models.map(({ name }) => name);
  const written = shot.fields.model;
  if (written === undefined) {
    const hint = `write \`model:\` on the shot or under \`defaults:\`, one of ${names.join(', ')}`;
    const place = shot.owns('model')
      ? ({ place: shot.origin('model'), about: 'key' } as const)
      : ({ place: shot.place, about: 'missing' } as const);
    return { ...place, code: 'SL103', message: `\`${shot.id}\` has no \`model\``, hint };
  }
  const meant = nearest(written, [...names, ...models.map(({ id }) => id)]);
  return {
    place: shot.origin('model'),
    code: 'SL201',
    message: `there is no model \`${written}\``,
    hint: meant
      ? `did you mean \`${meant}\`?`
      : `the models are ${names.join(', ')}; \`shotlist models add\` takes others from RunComfy’s catalog`,
  };
}

/** Every field with a neutral name; a shot's other fields no model needs to know. */
const NEUTRAL: readonly NeutralField[] = [
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

/** The shot's fields that its model does not have: an error, because dropping one would change the film unseen. */
function lacking(
  shot: Shot,
  { model, catalog }: { model: Model; catalog: Catalog },
): readonly PlacedFinding[] {
  const isLacking = (field: NeutralField) =>
    shot.fields[field] !== undefined &&
    model.fields[field] === undefined &&
    !(field === 'segments' && shot.fields.split === true);
  return NEUTRAL.filter(isLacking).map((field) => {
    const having = catalog.models.filter(({ fields }) => fields[field] !== undefined).map(({ name }) => name);
    const has = `${having.join(', ')} ${having.length === 1 ? 'has' : 'have'} it`;
    const out = shot.owns(field)
      ? ''
      : `; \`${field}: null\` on shot \`${shot.writtenId}\` leaves it out there`;
    const split = field === 'segments' ? '; `split: true` makes each a submission of its own' : '';
    const { document, path } = shot.origin(field);
    // Whichever of a matrix's values it is, the field is what is wrong.
    const place = { document, path: typeof path.at(-1) === 'number' ? path.slice(0, -1) : path };
    const message = `${model.name} has no \`${field}\``;
    return { place, about: 'key', code: 'SL301', message, hint: has + out + split } as const;
  });
}

/** What the service assumes for the fields that are not sent. */
function defaultsOf(options: {
  model: Model;
  shot: Shot;
  seconds: number;
  timed: boolean;
}): readonly ServiceDefault[] {
  const { model, shot, seconds, timed } = options;
  const defaults: ServiceDefault[] = [];
  for (const field of NEUTRAL) {
    if (shot.fields[field] !== undefined || (field === 'duration' && timed)) continue;
    const value = serviceDefault(model, field);
    if (value === undefined) continue;
    defaults.push({
      field,
      value,
      usd: field === 'audio' && value === true ? audioCost(model, seconds) : null,
    });
  }
  return defaults;
}
