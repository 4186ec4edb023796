import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '../base/json.js';
import type { PlacedFinding } from '../language/document.js';
import type { Shot, ShotList } from '../language/shot-list.js';
import { type Catalog, type Model, secondsOf, serviceDefault } from '../models/catalog.js';
import { type ChainedFrame, mediaIdentity, type NativeInput, resolveMedia } from '../models/native-input.js';
import { checkLimits } from './check-limits.js';
import {
  cannotSplit,
  checkInput,
  checkSelection,
  OPTIONAL_FIELDS,
  unsupportedFields,
  withoutModel,
} from './check-shot.js';
import { composeInput } from './compose-input.js';
import { audioCost, costOf } from './cost.js';
import { type Part, partsOf, timeSegments } from './parts.js';
import type { ServiceDefault, Submission } from './plan.js';

/** Submissions of one shot, or the findings that prevent them. */
export interface PlannedShot {
  readonly findings: readonly PlacedFinding[];
  /** In the order of takes, then of parts; empty if something is wrong with the shot. */
  readonly submissions: readonly Submission[];
}

/** Values that all shots of a list are planned with. */
interface Context {
  readonly list: ShotList;
  readonly catalog: Catalog;
  /** Shots planned so far; they include the shots that this one is chained to. */
  readonly planned: ReadonlyMap<string, PlannedShot>;
  /** Keys that an approval may name besides the shot's own, by shot id. */
  readonly approvable: ReadonlyMap<string, string>;
}

/** Plans one shot: its submissions if nothing is wrong with it, and all findings. */
export function planShot(shot: Shot, context: Context): PlannedShot {
  const { catalog } = context;
  const model = catalog.find(shot.fields.model ?? '');
  if (!model) return unplanned(shot.invalid.has('model') ? [] : [withoutModel(shot, catalog)]);
  const { segments: written, duration } = shot.fields;
  const timing = written && hasSegments(shot, model) ? timeSegments(written, duration) : undefined;
  if (timing && 'problem' in timing) {
    const place = shot.origin(duration === undefined ? 'segments' : 'duration');
    const hint = 'change the durations so that they agree, or leave some of them out';
    return unplanned([
      ...unsupportedFields(shot, { model, catalog }),
      { place, code: 'SL303', message: timing.problem, hint },
    ]);
  }
  const segments = timing?.segments ?? [];
  const seconds = timing?.seconds ?? duration;
  const whole = { number: null, segments, seconds, firstSegment: 0, from: 0, isFirst: true, isLast: true };
  const parts = timing && shot.fields.split ? partsOf(segments, { model, fields: shot.fields }) : [whole];
  if (!parts) return unplanned([...unsupportedFields(shot, { model, catalog }), cannotSplit(shot, model)]);
  return new ShotPlanner({ shot, model, parts, ...context }).plan();
}

function unplanned(findings: readonly PlacedFinding[]): PlannedShot {
  return { findings, submissions: [] };
}

/** True if the shot's segments can be sent: as segments, or each as a submission of its own with `split`. */
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
    this.#findings = [
      ...unsupportedFields(options.shot, options),
      ...checkSelection(options.shot, this.#length()),
    ];
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
    if (!this.#complete || isWrong) return unplanned(this.#findings);
    this.#findings.push(...this.#checkApproval(lastOf(submissions)?.key));
    return { findings: this.#findings, submissions };
  }

  /** Finding for a shot that is no longer what was approved, as it is or without the profile. */
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
    const hint = `change it back, or approve it again: shotlist approve <list> ${id}${profile}`;
    return [{ place: origin('approved'), code: 'SL113', message, hint }];
  }

  /** Length of the whole shot, seconds. */
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
    const { list } = this.#context;
    const composed = composeInput({ shot, list, model, part, start, frameOf });
    // All takes have the same findings.
    if (take === 1) {
      const limits = checkLimits({ shot, list, model, part, composed });
      this.#findings.push(
        ...composed.findings,
        ...checkInput({ shot, model, composed, shrink: list.shrink === true }),
        ...limits,
      );
    }
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
      // Parts of one shot have no crossfade between them.
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

  /** Last frame of another shot's selected take. */
  #frameOf(id: string): ChainedFrame | undefined {
    const last = lastOf(this.#context.planned.get(id)?.submissions ?? []);
    return last && { $last_frame_of: last.id, key: last.key };
  }
}

/**
 * Content key of a submission: SHA-256, 64 hex digits, over the canonical JSON (RFC 8785) of everything that decides the
 * rendered video. Two submissions with the same key are one video.
 */
export function contentKey({
  model,
  input,
  take,
}: {
  model: string;
  input: NativeInput;
  take?: number;
}): string {
  const content: Json = {
    model,
    input: resolveMedia(input, mediaIdentity),
    ...(take !== undefined && take > 1 && { take }),
  };
  return hash('sha256', canonicalJson(content));
}

/** Last part of the selected take: its last frame starts chained shots, and its key is the approved one. */
function lastOf<T extends { readonly selected: boolean }>(submissions: readonly T[]): T | undefined {
  return submissions.findLast(({ selected }) => selected);
}

/** Range of a part that the cut takes, seconds from the part's start; empty if `use` is outside the part. */
function useOf(part: Part, use: readonly [number, number] | undefined): readonly [number, number] | null {
  if (!use) return null;
  if (part.number === null || part.seconds === undefined) return use;
  const clamp = (at: number) => Math.min(Math.max(at - part.from, 0), part.seconds as number);
  return [clamp(use[0]), clamp(use[1])];
}

/** Id of a submission: the shot's id, then take and part if there are several. */
function idOf({ id }: Shot, { take, part }: { take: number; part: Part }): string {
  return `${id}${take > 1 ? `.take${take}` : ''}${part.number === null ? '' : `.part${part.number}`}`;
}

/** Values that the service assumes for fields that are not sent. */
function defaultsOf(options: {
  model: Model;
  shot: Shot;
  seconds: number;
  timed: boolean;
}): readonly ServiceDefault[] {
  const { model, shot, seconds, timed } = options;
  const defaults: ServiceDefault[] = [];
  for (const field of OPTIONAL_FIELDS) {
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
