import type { ListDocument } from './document.js';
import type { Path } from './finding.js';

/** A shot list as loaded: defaults applied, images found, every reference checked but the models'. */
export interface ShotList {
  readonly document: ListDocument;
  /** Absolute path of the file, and of the folder that paths in it start from. */
  readonly path: string;
  readonly folder: string;
  /** File name without its extension. */
  readonly name: string;
  readonly title: string | null;
  readonly elements: ReadonlyMap<string, Element>;
  /** In story order. */
  readonly shots: readonly Shot[];
}

export interface Shot {
  readonly id: string;
  readonly scene: string | null;
  /** What is written for the shot or inherited; `null`s have removed what they stand for. */
  readonly fields: ShotFields;
  /** Fields that are written wrongly; that has been said, and nothing that follows from it needs to be. */
  readonly unread: ReadonlySet<string>;
  readonly images: { readonly start_image?: Image; readonly end_image?: Image };
  /** Where the field, or the shot itself, stands in the document. */
  origin(field?: keyof ShotFields): Path;
}

/** The fields of a shot that this version acts on; `schemas/shotlist.schema.json` is their authority. */
export interface ShotFields {
  readonly model?: string;
  readonly prompt?: string;
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
  /** The model's own fields without a neutral name. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** An image as the list names it: a path, a URL, or a URL with a version of its own. */
export type ImageReference = string | { readonly url: string; readonly version: string | number };

/** A subject to keep alike from shot to shot. */
export interface Element {
  readonly name: string;
  readonly frontal_image?: Image;
  readonly reference_images: readonly Image[];
  /** A public https URL. */
  readonly video?: string;
}

/** An image that is there, or a URL the service will fetch. */
export type Image = ImageFile | ImageUrl;

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
