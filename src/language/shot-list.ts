import type { Camera } from './camera.js';
import type { ListDocument, Place } from './document.js';

/** A shot list as loaded: everything inherited, filled in and crossed; every reference checked but the models'. */
export interface ShotList {
  readonly document: ListDocument;
  /** Absolute path of the file, and of the folder that its paths start from. */
  readonly path: string;
  readonly folder: string;
  /** File name without its extension. */
  readonly name: string;
  readonly title: string | null;
  /** The shape of its pictures, such as `16:9`; null where it says none. */
  readonly aspect: string | null;
  /** USD that its run directory may cost; null for no limit. */
  readonly budget: number | null;
  /** The profile that was asked for. */
  readonly profile: string | null;
  readonly scenes: ReadonlyMap<string, Scene>;
  readonly elements: ReadonlyMap<string, Element>;
  /** In story order. */
  readonly shots: readonly Shot[];
  /** How the ids of shots begin that are not among them, for reasons that have been told. */
  readonly missing?: readonly string[];
  /** The shots as they are without the profile, where there is one and something is approved: an approval holds for both. */
  readonly unprofiled: readonly Shot[] | null;
}

export interface Scene {
  readonly title: string | null;
}

/** One shot, or one variant of a shot with a matrix or a table. */
export interface Shot {
  /** Unique in the list; a variant's has what makes it one, as in `cliff.cfg_scale-0.3`. */
  readonly id: string;
  /** The id as it is written. */
  readonly writtenId: string;
  /** Id of the shot whose matrix made this one a variant. */
  readonly variantOf: string | null;
  readonly scene: string | null;
  /** What is written for the shot or inherited; `null`s have removed what they stand for. */
  readonly fields: ShotFields;
  /** Fields that are written wrongly; that has been said, and nothing that follows from it needs to be. */
  readonly invalid: ReadonlySet<string>;
  readonly images: { readonly start_image?: Image | Chain; readonly end_image?: Image | Chain };
  /** Where the shot stands. */
  readonly place: Place;
  /** Where the field stands, or would stand. */
  origin(field: keyof ShotFields): Place;
  /** Whether the field is written on the shot itself. */
  owns(field: keyof ShotFields): boolean;
}

/** The fields of a shot; `schemas/shotlist.schema.json` is their authority. */
export interface ShotFields {
  readonly model?: string;
  readonly prompt?: string;
  readonly camera?: Camera;
  /** `none` for none. */
  readonly look?: string;
  readonly start_image?: ImageReference;
  readonly end_image?: ImageReference;
  /** Seconds. */
  readonly duration?: number;
  readonly segments?: readonly { readonly prompt: string; readonly duration?: number }[];
  readonly audio?: boolean;
  /** Names of elements. */
  readonly elements?: readonly string[];
  readonly negative_prompt?: string;
  readonly cfg_scale?: number;
  readonly shot_type?: string;
  /** Whether it may become several submissions, each starting where the one before ended. */
  readonly split?: boolean;
  readonly takes?: number;
  /** Which take the cut and chained shots use. */
  readonly select?: number;
  /** What the cut takes: from and to, seconds. */
  readonly use?: readonly [number, number];
  /** Crossfade from the shot before, seconds. */
  readonly transition?: number;
  /** Words for people. */
  readonly notes?: string;
  /** How often it may be sent again after it failed. */
  readonly retries?: number;
  /** The start of the content key that was signed off. */
  readonly approved?: string;
  /** The model's own fields without a neutral name. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** An image as the list names it: a path, a URL, a URL with a version of its own, or another shot's. */
export type ImageReference =
  | string
  | { readonly url: string; readonly version: string | number }
  | { readonly last_frame_of: string }
  | { readonly end_image_of: string };

/** A subject to keep alike from shot to shot. */
export interface Element {
  readonly name: string;
  /** Where it stands, which may be in an included file. */
  readonly place: Place;
  readonly frontal_image?: Image;
  readonly reference_images: readonly Image[];
  /** A public https URL. */
  readonly video?: string;
}

/** An image that is there, or a URL the service will fetch. */
export type Image = ImageFile | ImageUrl;

/** The last frame of a shot's clip, which is there once that shot is rendered. */
export interface Chain {
  readonly kind: 'chain';
  /** Id of the shot. */
  readonly shot: string;
}

export interface ImageFile {
  readonly kind: 'file';
  /** Relative to the list's folder, with forward slashes. */
  readonly file: string;
  /** Of its bytes, 64 hex digits. */
  readonly sha256: string;
  /** Media type by its bytes. */
  readonly type: string;
  readonly bytes: number;
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
}

export interface ImageUrl {
  readonly kind: 'url';
  readonly url: string;
  readonly version?: string;
}
