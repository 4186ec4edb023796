import type { Ignore, ListDocument, Place } from './document.js';

/** A loaded shot list: everything is inherited, filled in and crossed; all references except models are checked. */
export interface ShotList {
  readonly document: ListDocument;
  /** Absolute path of the file, and of the folder that its paths start from. */
  readonly path: string;
  readonly folder: string;
  /** File name without its extension. */
  readonly name: string;
  readonly title: string | null;
  /** Shape of the pictures, such as `16:9`; null if the list does not set it. */
  readonly aspect: string | null;
  /** Most USD that the run directory may cost; null for no limit. */
  readonly budget: number | null;
  /** Name of the applied profile. */
  readonly profile: string | null;
  readonly scenes: ReadonlyMap<string, Scene>;
  readonly elements: ReadonlyMap<string, Element>;
  /** In story order. */
  readonly shots: readonly Shot[];
  /** Beginnings of the ids of shots that could not be made, for reasons that are reported. */
  readonly missing?: readonly string[];
  /** Shots without the profile, because an approval holds for both; null without a profile or without approvals. */
  readonly unprofiled: readonly Shot[] | null;
  /** True if smaller copies of large images are sent. */
  readonly shrink?: boolean;
  /** The applied profile as a shot that has nothing else: its values are checked even if every shot sets its own. */
  readonly profileAlone: Shot | null;
  /** Every model that the list names, used or not, with its place. */
  readonly models: readonly { readonly name: string; readonly place: Place }[];
  /** Every code that an `ignore` of the list names, used or not. */
  readonly ignores: readonly Ignore[];
}

/** A scene of the list. */
export interface Scene {
  readonly title: string | null;
}

/** One shot, or one variant of a shot with a matrix or a table. */
export interface Shot {
  /** Unique in the list; a variant's id ends with its matrix values, as in `cliff.cfg_scale-0.3`. */
  readonly id: string;
  /** The id as written. */
  readonly writtenId: string;
  /** Id of the shot whose matrix made this one a variant. */
  readonly variantOf: string | null;
  readonly scene: string | null;
  /** Own and inherited fields; those set to `null` are left out. */
  readonly fields: ShotFields;
  /** Fields that are written wrongly; they are reported, and problems that follow from them are not. */
  readonly invalid: ReadonlySet<string>;
  readonly images: { readonly start_image?: Image | Chain; readonly end_image?: Image | Chain };
  /** Codes of warnings that the shot ignores, its own or inherited ones; those of whole files hold for it too. */
  readonly ignores: readonly Ignore[];
  /** Place of the shot in its file. */
  readonly place: Place;
  /** The place where a field is written, or where it would be. */
  origin(field: keyof ShotFields): Place;
  /** True if the shot itself sets the field. */
  owns(field: keyof ShotFields): boolean;
}

/** Framing of a shot and movement of its camera, in the writer's words. */
export interface Camera {
  /** Such as MS or medium shot. */
  readonly size?: string;
  readonly angle?: string;
  readonly move?: string;
  readonly lens?: string;
}

/** Fields of a shot; `schemas/shotlist.schema.json` is their authority. */
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
  /** True if the shot may become several submissions, each chained to the one before. */
  readonly split?: boolean;
  readonly takes?: number;
  /** Number of the take that the cut and chained shots use. */
  readonly select?: number;
  /** Range of the clip that the cut takes: from and to, seconds. */
  readonly use?: readonly [number, number];
  /** Crossfade from the shot before, seconds. */
  readonly transition?: number;
  /** Notes for people; they do not change the submission. */
  readonly notes?: string;
  /** Most times that a failed render is submitted again. */
  readonly retries?: number;
  /** First digits of the approved key. */
  readonly approved?: string;
  /** Codes of warnings that are accepted, alone or with their reasons; they do not change the submission. */
  readonly ignore?: readonly string[] | Readonly<Record<string, string>>;
  /** Fields of the model that have no neutral name. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** An image as the list names it: a path, a URL, a URL with a version, or another shot's. */
export type ImageReference =
  | string
  | { readonly url: string; readonly version: string | number }
  | { readonly last_frame_of: string }
  | { readonly end_image_of: string };

/** A subject that looks the same in every shot. */
export interface Element {
  readonly name: string;
  /** Place of the element, which may be in an included file. */
  readonly place: Place;
  readonly frontal_image?: Image;
  readonly reference_images: readonly Image[];
  /** A public https URL, or a file. */
  readonly video?: string | VideoFile;
  /** True if a part of it cannot be used and is left out here; that is reported. */
  readonly isBroken?: true;
}

/** A local image, or a URL that the service will fetch. */
export type Image = ImageFile | ImageUrl;

/** The last frame of a shot's clip, available once that shot is rendered. */
export interface Chain {
  readonly kind: 'chain';
  /** Id of the shot. */
  readonly shot: string;
}

/** An image file that passed all checks. */
export interface ImageFile {
  readonly kind: 'file';
  /** Relative to the list's folder, with forward slashes. */
  readonly file: string;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  readonly sha256: string;
  /** Media type, by the file's content. */
  readonly type: string;
  readonly bytes: number;
  /** Pixels, as displayed. */
  readonly width: number;
  readonly height: number;
}

/** An MP4 file that passed all checks. */
export interface VideoFile extends Omit<ImageFile, 'width' | 'height'> {
  readonly type: 'video/mp4';
}

/** A URL that the service will fetch. */
export interface ImageUrl {
  readonly kind: 'url';
  readonly url: string;
  readonly version?: string;
}
