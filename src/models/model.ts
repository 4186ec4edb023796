import type { JsonObject } from '../base/json.js';

/** The names the shot list uses, whatever a model calls them. */
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

/** What a model takes, costs and needs: the content of one `schemas/models/*.json`, or `models/*.json` beside a list. */
export interface Model {
  /** RunComfy's id, such as `kling/kling-3.0/standard/image-to-video`. */
  readonly id: string;
  /** The short name people write, such as `kling-3.0/standard`. */
  readonly name: string;
  readonly title: string;
  /** Neutral field to the model's own; a neutral field that is not here, the model does not have. */
  readonly fields: Readonly<Partial<Record<NeutralField, string>>>;
  /** The model's own names inside one element. */
  readonly element?: Readonly<Record<'frontal_image' | 'reference_images' | 'video', string>>;
  /** JSON Schema (draft-07) of the model's own input; the property order is the order of the body sent. */
  readonly input: JsonObject;
  readonly price: Price;
  /** Length of its videos where no field sets it and no default says it, seconds. */
  readonly seconds?: number;
  /** A first guess at how long a render takes, seconds from start to finish; what runs measure replaces it. */
  readonly usual_render_seconds: number;
}

/** Rates in USD per second of video, or one price per video; null where nobody has published one. */
export interface Price {
  readonly silent: number | null;
  readonly audio: number | null;
  /** What sound adds to the silent rate, as a share of it, where the document says so. */
  readonly audio_surcharge?: number;
  /** USD for one video whatever its length, where that is how the service charges; the rates are null then. */
  readonly per_video?: number;
  /** The day the rates were seen, YYYY-MM-DD. */
  readonly date: string | null;
  /** Where they were seen. */
  readonly source: string | null;
}
