import type { Json } from '../base/json.js';
import { inside, type Place, type PlacedFinding } from '../language/document.js';
import type { Chain, Element, Image, Shot, ShotList } from '../language/shot-list.js';
import type { Model, NeutralField } from '../models/model.js';
import {
  type ChainedFrame,
  type NativeInput,
  type NativeValue,
  toNativeElement,
  toNativeInput,
} from '../models/native-input.js';
import { composePrompt } from './compose-prompt.js';
import type { Part } from './parts.js';
import { nameElements } from './references.js';
import type { Segment } from './submission.js';

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

/** What a submission is made from, besides its shot. */
export interface Composition {
  readonly shot: Shot;
  readonly list: ShotList;
  readonly model: Model;
  readonly part: Part;
  /** What a later part of a split shot starts from instead of the shot's own image. */
  readonly start: ChainedFrame | null;
  /** The last frame of another shot's clip; undefined where that shot could not be planned. */
  readonly frameOf: (shot: string) => ChainedFrame | undefined;
}

/** Puts one part of a shot into its model's words. */
export function composeInput(composition: Composition): Composed {
  const { shot, model, part } = composition;
  const composer = new Composer(composition);
  const { fields } = shot;
  const segments = composer.segments();
  const prompt = composer.prompt(segments);

  const neutral: Partial<Record<NeutralField, NativeValue>> = {};
  if (prompt !== undefined) neutral.prompt = prompt;
  const [start, end] = composer.boundaries();
  if (start !== undefined) neutral.start_image = start;
  if (end !== undefined) neutral.end_image = end;
  if (segments.length > 0 && model.fields.segments) {
    neutral.segments = segments.map((one) => ({ prompt: one.prompt, duration: one.seconds }));
  }
  if (part.seconds !== undefined) neutral.duration = part.seconds;
  for (const field of PLAIN) {
    const value = fields[field];
    if (value !== undefined) neutral[field] = value;
  }
  if (fields.elements && model.element) {
    neutral.elements = fields.elements.map((name) => composer.element(name));
  }
  const input = toNativeInput(model, { neutral, own: (fields.input ?? {}) as Record<string, Json> });
  const { mediaBytes, findings, complete } = composer;
  return { input, prompt: prompt ?? '', segments, mediaBytes, findings, complete };
}

class Composer {
  readonly findings: PlacedFinding[] = [];
  mediaBytes = 0;
  complete: boolean;
  readonly #composition: Composition;

  constructor(composition: Composition) {
    this.#composition = composition;
    this.complete = composition.shot.invalid.size === 0;
  }

  /** The part's segments, each with the shot's camera and look. */
  segments(): readonly Segment[] {
    const { shot, part } = this.#composition;
    const { fields } = shot;
    return part.segments.map(({ prompt, seconds }, index) => {
      const text = this.#text(prompt, () => this.#placeOfBeat(index));
      return { prompt: composePrompt(text, fields), seconds };
    });
  }

  /** The shot's prompt, or its segments' prompts one a line; undefined where neither is written. */
  prompt(segments: readonly Segment[]): string | undefined {
    const { shot, model, part } = this.#composition;
    const { fields } = shot;
    const beats = part.segments.map(({ prompt }, index) =>
      this.#text(prompt, () => this.#placeOfBeat(index)),
    );
    if (fields.prompt !== undefined) {
      const written = this.#text(fields.prompt, () => shot.origin('prompt'));
      // Where the model has no segments, the beat of this part has no other place to be.
      const beat = model.fields.segments || segments.length === 0 ? [] : beats;
      return composePrompt([written, ...beat].join('\n'), fields);
    }
    if (segments.length > 0) return composePrompt(beats.join('\n'), fields);
    return this.#has('prompt') || this.#has('segments') ? STAND_IN : undefined;
  }

  /** What the part begins and ends with. */
  boundaries(): readonly [NativeValue | undefined, NativeValue | undefined] {
    const { shot, part, start } = this.#composition;
    const own = this.#has('start_image') ? this.#image(shot.images.start_image) : undefined;
    const end = part.isLast && this.#has('end_image') ? this.#image(shot.images.end_image) : undefined;
    return [start ?? own, end];
  }

  element(name: string): NativeInput {
    const { list, model } = this.#composition;
    const element: Element | undefined = list.elements.get(name);
    if (!element) {
      this.complete = false;
      return {};
    }
    const { frontal_image, reference_images, video } = element;
    return toNativeElement(model, {
      ...(frontal_image && { frontal_image: this.#image(frontal_image) }),
      reference_images: reference_images.map((image) => this.#image(image)),
      ...(video !== undefined && { video }),
    });
  }

  /** Whether the field is written, be it wrongly. */
  #has(field: 'prompt' | 'segments' | 'start_image' | 'end_image'): boolean {
    const { shot } = this.#composition;
    return shot.fields[field] !== undefined || shot.invalid.has(field);
  }

  /** Where the part's segment says its prompt, counted from 0. */
  #placeOfBeat(index: number): Place {
    const { shot, part } = this.#composition;
    return inside(shot.origin('segments'), part.firstSegment + index, 'prompt');
  }

  #text(written: string, placeOf: () => Place): string {
    // Most prompts name nobody.
    if (!written.includes('@')) return written;
    const { shot, list } = this.#composition;
    const cast = { listed: shot.fields.elements ?? [], known: [...list.elements.keys()] };
    const { text, problems } = nameElements(written, cast);
    for (const problem of problems) this.findings.push({ ...problem, place: placeOf() });
    return text;
  }

  #image(image: Image | Chain | undefined): NativeValue {
    if (image?.kind === 'url') {
      return image.version === undefined ? image.url : { $url: image.url, version: image.version };
    }
    if (image?.kind === 'file') {
      this.mediaBytes += image.bytes;
      return { $file: image.file, sha256: image.sha256, type: image.type };
    }
    const frame = image && this.#composition.frameOf(image.shot);
    if (frame) return frame;
    this.complete = false;
    return STAND_IN;
  }
}
