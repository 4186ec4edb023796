import type { Json, JsonObject } from '../base/json.js';
import { type Model, secondsOf, serviceDefault } from '../models/catalog.js';
import type { FieldProblem } from './answers.js';
import { type StoredPicture, storedPicture } from './pictures.js';

/** Content of a request in neutral names: all that an animatic shows. */
export interface AnimaticShot {
  /** Short model name, such as `kling-3.0/standard`. */
  readonly model: string;
  /** Whole seconds. */
  readonly seconds: number;
  /** At least one; their seconds add up to those of the shot. */
  readonly segments: readonly { readonly prompt: string; readonly seconds: number }[];
  readonly audio: boolean;
  readonly start: Picture;
  readonly end: Picture | null;
}

/** A stored picture, or a link, which a rehearsal does not follow. */
export type Picture = StoredPicture | { readonly kind: 'remote'; readonly url: string };

/** Reads a stored input that the schema of the model and `ruleProblems` have accepted. */
export function readShot(model: Model, input: JsonObject): AnimaticShot {
  const given = (field: keyof Model['fields']): Json | undefined => input[model.fields[field] ?? ''];
  const seconds = secondsOf(model, input);
  const end = given('end_image');
  const segments = readSegments(model, input);
  return {
    model: model.name,
    seconds,
    segments: segments.length > 0 ? segments : [{ prompt: String(given('prompt') ?? ''), seconds }],
    audio: (given('audio') ?? serviceDefault(model, 'audio')) === true,
    start: readPicture(given('start_image') ?? 'none'),
    end: end === undefined || end === null ? null : readPicture(end),
  };
}

/**
 * Breaches of rules that the schema of a model does not express, and that a shot list may not break either: texts with no
 * letters, elements without media, and segments whose sum differs from the length of the video.
 */
export function ruleProblems(model: Model, input: JsonObject): readonly FieldProblem[] {
  const { prompt = '', segments: field = '', elements: elementsField = '' } = model.fields;
  const problems: FieldProblem[] = [];
  if (isBlank(input[prompt])) problems.push({ path: [prompt], message: 'the prompt is empty' });
  const segments = readSegments(model, input);
  for (const [index, segment] of segments.entries()) {
    if (isBlank(segment.prompt))
      problems.push({ path: [field, index], message: 'the segment has no prompt' });
  }
  for (const [index, element] of ((input[elementsField] ?? []) as readonly JsonObject[]).entries()) {
    const media = Object.values(model.element ?? {}).map((name) => element[name]);
    if (media.some((value) => value !== undefined && (value as Json[]).length > 0)) continue;
    problems.push({ path: [elementsField, index], message: 'the element has no image and no video' });
  }
  const wanted = secondsOf(model, input);
  const sum = segments.reduce((total, segment) => total + segment.seconds, 0);
  if (segments.length === 0 || sum === wanted) return problems;
  const sums = segments.map((segment) => segment.seconds).join(' + ');
  const arithmetic = segments.length > 1 ? `${sums} = ${sum}` : `${sum}`;
  const message = `the segments last ${arithmetic} s, the video ${wanted} s; they must be equal`;
  return [...problems, { path: [field], message }];
}

function isBlank(text: Json | undefined): boolean {
  return typeof text === 'string' && text.trim() === '';
}

function readSegments(model: Model, input: JsonObject): { prompt: string; seconds: number }[] {
  const field = model.fields.segments;
  const list = field === undefined ? undefined : input[field];
  if (field === undefined || !Array.isArray(list)) return [];
  const usual = segmentDefault(model, field);
  return (list as readonly JsonObject[]).map((segment) => ({
    prompt: String(segment.prompt ?? ''),
    seconds: Number(segment.duration ?? usual),
  }));
}

/** Default length of a segment in the schema, seconds. */
function segmentDefault(model: Model, field: string): Json | undefined {
  const schema = model.input as unknown as SegmentSchema;
  return schema.properties[field]?.items?.properties?.duration?.default;
}

interface SegmentSchema {
  readonly properties: Readonly<
    Record<
      string,
      { readonly items?: { readonly properties?: { readonly duration?: { readonly default?: Json } } } }
    >
  >;
}

function readPicture(value: Json): Picture {
  return storedPicture(value) ?? { kind: 'remote', url: String(value) };
}
