import type { JsonObject } from '../base/json.js';

/** Names of the shot list's fields, the same for all models. */
export type NeutralField =
  | 'prompt'
  | 'start_image'
  | 'end_image'
  | 'duration'
  | 'segments'
  | 'audio'
  | 'elements'
  | 'negative_prompt'
  | 'cfg_scale'
  | 'shot_type';

/** Content of one model file: `schemas/models/*.json`, or `models/*.json` beside a list. */
export interface Model {
  /** RunComfy's id, such as `kling/kling-3.0/standard/image-to-video`. */
  readonly id: string;
  /** Short name that lists use, such as `kling-3.0/standard`. */
  readonly name: string;
  readonly title: string;
  /** The model's own names of the neutral fields; the model has only the fields named here. */
  readonly fields: Readonly<Partial<Record<NeutralField, string>>>;
  /** The model's own names inside one element. */
  readonly element?: Readonly<Record<'frontal_image' | 'reference_images' | 'video', string>>;
  /** JSON Schema (draft-07) of the model's own input; the property order is the order of the body sent. */
  readonly input: JsonObject;
  readonly price: Price;
  /** Length of its videos if neither a field nor a default sets it, seconds. */
  readonly seconds?: number;
  /** First guess of the render time from start to finish, seconds; measured times of runs replace it. */
  readonly usual_render_seconds: number;
}

/** Rates in USD per second of video, or one price per video; null if none is published. */
export interface Price {
  readonly silent: number | null;
  readonly audio: number | null;
  /** Share of the silent rate that sound adds, if the document gives one. */
  readonly audio_surcharge?: number;
  /** USD for one video of any length, if the service charges per video; the rates are then null. */
  readonly per_video?: number;
  /** Day on which the rates were read, YYYY-MM-DD. */
  readonly date: string | null;
  /** Source of the rates. */
  readonly source: string | null;
}
