import type { Json } from '../json.js';
import type { Model, NeutralField } from '../models/model.js';
import {
  type NativeInput,
  type NativeValue,
  toNativeElement,
  toNativeInput,
} from '../models/native-input.js';
import type { PlacedFinding } from '../shotlist/finding.js';
import type { Element, Image, Shot, ShotList } from '../shotlist/shot-list.js';
import type { Segment } from './plan.js';
import { nameElements } from './references.js';

/** A shot as its model's own input. */
export interface Composed {
  readonly input: NativeInput;
  readonly prompt: string;
  readonly segments: readonly Segment[];
  /** Bytes of local media that travel with it. */
  readonly mediaBytes: number;
  readonly findings: readonly PlacedFinding[];
  /** Whether all it names was found and read; where not, something stands in for it. */
  readonly complete: boolean;
}

/** Stands in for what the loader could not read, so that the rest of the shot can still be checked. */
const STAND_IN = 'https://unreadable.invalid/';

/** The fields that are sent as they are written. */
const PLAIN = ['audio', 'shot_type', 'negative_prompt', 'cfg_scale'] as const;

/** Puts a shot into its model's words. `timed` are its segments with their durations, where it has any. */
export function composeInput({
  shot,
  list,
  model,
  timed,
}: {
  shot: Shot;
  list: ShotList;
  model: Model;
  timed: { segments: readonly Segment[]; seconds: number } | undefined;
}): Composed {
  const composer = new Composer(shot, list);
  const { fields, images } = shot;
  const segments = (timed?.segments ?? []).map(({ prompt, seconds }, index) => ({
    prompt: composer.text(prompt, [...shot.origin('segments'), index, 'prompt']),
    seconds,
  }));
  const prompt = composer.prompt(segments);

  const neutral: Partial<Record<NeutralField, NativeValue>> = {};
  if (prompt !== undefined) neutral.prompt = prompt;
  if (composer.has('start_image')) neutral.start_image = composer.image(images.start_image);
  if (composer.has('end_image')) neutral.end_image = composer.image(images.end_image);
  if (segments.length > 0) {
    neutral.segments = segments.map((one) => ({ prompt: one.prompt, duration: one.seconds }));
  }
  const seconds = timed?.seconds ?? fields.duration;
  if (seconds !== undefined) neutral.duration = seconds;
  for (const field of PLAIN) {
    const value = fields[field];
    if (value !== undefined) neutral[field] = value;
  }
  if (fields.elements && model.element) {
    neutral.elements = fields.elements.map((name) => composer.element(name, model));
  }
  const input = toNativeInput(model, { neutral, own: (fields.input ?? {}) as Record<string, Json> });
  const { mediaBytes, findings, complete } = composer;
  return { input, prompt: prompt ?? '', segments, mediaBytes, findings, complete };
}

class Composer {
  readonly findings: PlacedFinding[] = [];
  mediaBytes = 0;
  complete: boolean;
  readonly #shot: Shot;
  readonly #list: ShotList;

  constructor(shot: Shot, list: ShotList) {
    this.#shot = shot;
    this.#list = list;
    this.complete = shot.unread.size === 0;
  }

  /** Whether the field is written, be it wrongly. */
  has(field: 'prompt' | 'segments' | 'start_image' | 'end_image'): boolean {
    return this.#shot.fields[field] !== undefined || this.#shot.unread.has(field);
  }

  /** The shot's prompt, or its segments' prompts one a line; undefined where neither is written. */
  prompt(segments: readonly Segment[]): string | undefined {
    const written = this.#shot.fields.prompt;
    if (written !== undefined) return this.text(written, this.#shot.origin('prompt'));
    if (segments.length > 0) return segments.map(({ prompt }) => prompt).join('\n');
    return this.has('prompt') || this.has('segments') ? STAND_IN : undefined;
  }

  text(written: string, path: PlacedFinding['path']): string {
    // Most prompts name nobody.
    if (!written.includes('@')) return written;
    const cast = { listed: this.#shot.fields.elements ?? [], known: [...this.#list.elements.keys()] };
    const { text, problems } = nameElements(written, cast);
    this.findings.push(...problems.map((problem) => ({ ...problem, path })));
    return text;
  }

  image(image: Image | undefined): NativeValue {
    if (!image) {
      this.complete = false;
      return STAND_IN;
    }
    if (image.kind === 'url') {
      return image.version === undefined ? image.url : { $url: image.url, version: image.version };
    }
    this.mediaBytes += image.bytes;
    return { $file: image.file, sha256: image.sha256, type: image.type };
  }

  element(name: string, model: Model): NativeInput {
    const element: Element | undefined = this.#list.elements.get(name);
    if (!element) {
      this.complete = false;
      return {};
    }
    const { frontal_image, reference_images, video } = element;
    return toNativeElement(model, {
      ...(frontal_image && { frontal_image: this.image(frontal_image) }),
      reference_images: reference_images.map((image) => this.image(image)),
      ...(video !== undefined && { video }),
    });
  }
}
