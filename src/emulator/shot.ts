import type { Json, JsonObject } from '../base/json.js';
import { type Model, secondsOf, serviceDefault } from '../models/catalog.js';
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

/** Reads a stored input that the schema of the model and `segmentProblem` have accepted. */
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

/** Problem of segments whose sum differs from the length of the video, which a schema cannot express; null for none. */
export function segmentProblem(model: Model, input: JsonObject): { field: string; message: string } | null {
  const segments = readSegments(model, input);
  const field = model.fields.segments;
  if (field === undefined || segments.length === 0) return null;
  const wanted = secondsOf(model, input);
  const sum = segments.reduce((total, segment) => total + segment.seconds, 0);
  if (sum === wanted) return null;
  const sums = segments.map((segment) => segment.seconds).join(' + ');
  const arithmetic = segments.length > 1 ? `${sums} = ${sum}` : `${sum}`;
  return { field, message: `the segments last ${arithmetic} s, the video ${wanted} s; they must be equal` };
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
