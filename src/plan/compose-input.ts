import type { Json } from '../base/json.js';
import { nearestWord } from '../base/text.js';
import { inside, type Place, type PlacedFinding } from '../language/document.js';
import type {
  Camera,
  Chain,
  Element,
  Image,
  ImageFile,
  Shot,
  ShotList,
  VideoFile,
} from '../language/shot-list.js';
import type { Model, NeutralField } from '../models/catalog.js';
import {
  type ChainedFrame,
  type NativeInput,
  type NativeValue,
  toNativeElement,
  toNativeInput,
} from '../models/native-input.js';
import type { Part } from './parts.js';
import type { Segment } from './plan.js';

/** One part of a shot as its model's own input. */
export interface ComposedInput {
  readonly input: NativeInput;
  readonly prompt: string;
  readonly segments: readonly Segment[];
  /** Local media in the input. */
  readonly media: readonly (ImageFile | VideoFile)[];
  readonly findings: readonly PlacedFinding[];
  /** True if every image, element and shot that the input names was found and read; else the input holds stand-ins. */
  readonly complete: boolean;
}

/** Stand-in for a value that the loader could not read, so that the rest of the shot is still checked. */
const STAND_IN = 'https://unreadable.invalid/';

/** Fields that are sent as they are written. */
const PLAIN = ['audio', 'shot_type', 'negative_prompt', 'cfg_scale'] as const;

/** Values that an input is composed from. */
export interface Composition {
  readonly shot: Shot;
  readonly list: ShotList;
  readonly model: Model;
  readonly part: Part;
  /** Start image of a later part of a split shot; null for the shot's own image. */
  readonly start: ChainedFrame | null;
  /** Last frame of another shot's clip; undefined if that shot could not be planned. */
  readonly frameOf: (shot: string) => ChainedFrame | undefined;
}

/** Composes the model's own input for one part of a shot. */
export function composeInput(composition: Composition): ComposedInput {
  const { shot, model, part } = composition;
  const composer = new Composer(composition);
  const { fields } = shot;
  const { prompt, segments } = composer.texts();

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
  const { media, findings, complete } = composer;
  return { input, prompt: prompt ?? '', segments, media, findings, complete };
}

class Composer {
  readonly findings: PlacedFinding[] = [];
  readonly media: (ImageFile | VideoFile)[] = [];
  complete: boolean;
  readonly #composition: Composition;

  constructor(composition: Composition) {
    this.#composition = composition;
    this.complete = composition.shot.invalid.size === 0;
  }

  /** Prompt and segments of the part, each with the shot's camera and look; no prompt if neither is written. */
  texts(): { prompt: string | undefined; segments: readonly Segment[] } {
    const { part } = this.#composition;
    const added = this.#addedSentences();
    const beats = part.segments.map(({ prompt }, index) =>
      this.#text(prompt, { field: 'prompt', placeOf: () => this.#placeOfSegment(index) }),
    );
    const segments = part.segments.map(({ seconds }, index) => ({
      prompt: withSentences(beats[index] as string, added),
      seconds,
    }));
    const lines = this.#linesOfPrompt(beats);
    if (lines.length > 0) return { prompt: withSentences(lines.join('\n'), added), segments };
    return { prompt: this.#has('prompt') || this.#has('segments') ? STAND_IN : undefined, segments };
  }

  /** The shot's own prompt, or those of the part's segments. */
  #linesOfPrompt(beats: readonly string[]): readonly string[] {
    const { shot, model } = this.#composition;
    const { prompt } = shot.fields;
    if (prompt === undefined) return beats;
    const written = this.#text(prompt, { field: 'prompt', placeOf: () => shot.origin('prompt') });
    // A model without segments gets the part's segment as a part of the prompt.
    return model.fields.segments ? [written] : [written, ...beats];
  }

  /** Camera and look of the shot, each as a sentence without its full stop; only those that say something. */
  #addedSentences(): readonly string[] {
    const { shot } = this.#composition;
    const { camera = {}, look = 'none' } = shot.fields;
    const named = (part: keyof Camera): string | undefined => {
      const text = camera[part];
      return (
        text && this.#text(text, { field: 'camera', placeOf: () => inside(shot.origin('camera'), part) })
      );
    };
    const size = named('size');
    const words = [size && (SIZES[size.toUpperCase()] ?? size), named('angle'), named('move'), named('lens')];
    const style =
      look === 'none' ? '' : this.#text(look, { field: 'look', placeOf: () => shot.origin('look') });
    const sentences = [words.filter(Boolean).join(', '), style];
    return sentences.filter((sentence) => sentence !== '').map(capitalised);
  }

  /** Start image and end image of the part. */
  boundaries(): readonly [NativeValue | undefined, NativeValue | undefined] {
    const { shot, part, start } = this.#composition;
    const own = this.#has('start_image') ? this.#image(shot.images.start_image) : undefined;
    const end = part.isLast && this.#has('end_image') ? this.#image(shot.images.end_image) : undefined;
    return [start ?? own, end];
  }

  /** One element in the model's own names; empty if the list does not have it. */
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
      ...(video !== undefined && { video: typeof video === 'string' ? video : this.#file(video) }),
    });
  }

  /** True if the field is written, even if its value is invalid. */
  #has(field: 'prompt' | 'segments' | 'start_image' | 'end_image'): boolean {
    const { shot } = this.#composition;
    return shot.fields[field] !== undefined || shot.invalid.has(field);
  }

  /** Place of the prompt of the part's segment `index`, from 0. */
  #placeOfSegment(index: number): Place {
    const { shot, part } = this.#composition;
    return inside(shot.origin('segments'), part.firstSegment + index, 'prompt');
  }

  /** Text with the elements that it names as the model knows them; every text that is sent as words comes through here. */
  #text(written: string, { field, placeOf }: { field: Cast['field']; placeOf: () => Place }): string {
    if (!written.includes('@')) return written;
    const { shot, list } = this.#composition;
    const cast = { field, listed: shot.fields.elements ?? [], known: [...list.elements.keys()] };
    const { text, problems } = nameElements(written, cast);
    for (const problem of problems) this.findings.push({ ...problem, place: placeOf() });
    return text;
  }

  #image(image: Image | Chain | undefined): NativeValue {
    if (image?.kind === 'url') {
      return image.version === undefined ? image.url : { $url: image.url, version: image.version };
    }
    if (image?.kind === 'file') return this.#file(image);
    const frame = image && this.#composition.frameOf(image.shot);
    if (frame) return frame;
    this.complete = false;
    return STAND_IN;
  }

  #file(file: ImageFile | VideoFile): NativeValue {
    this.media.push(file);
    return { $file: file.file, sha256: file.sha256, type: file.type };
  }
}

/** Shot sizes by their abbreviations on set, in the words that models were trained on. */
const SIZES: Readonly<Record<string, string>> = {
  ECU: 'extreme close-up',
  BCU: 'big close-up',
  CU: 'close-up',
  MCU: 'medium close-up',
  MS: 'medium shot',
  MLS: 'medium long shot',
  MWS: 'medium wide shot',
  FS: 'full shot',
  LS: 'long shot',
  WS: 'wide shot',
  ELS: 'extreme long shot',
  EWS: 'extreme wide shot',
  OTS: 'over-the-shoulder shot',
  POV: 'point-of-view shot',
};

/** A text, followed by sentences. */
function withSentences(text: string, sentences: readonly string[]): string {
  return sentences.reduce((before, sentence) => `${withFullStop(before)} ${sentence}`, text);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text with a full stop, unless it ends in another mark. */
function withFullStop(text: string): string {
  return /[.!?…。！？:;,"”’')\]]$/u.test(text) ? text : `${text}.`;
}

/** Elements that an `@name` in a text may name. */
interface Cast {
  /** Field of the text. */
  readonly field: 'prompt' | 'camera' | 'look';
  /** Elements of the shot, in the order in which they are sent. */
  readonly listed: readonly string[];
  /** Elements of the whole list. */
  readonly known: readonly string[];
}

interface ReferenceProblem {
  readonly code: 'SL202' | 'SL203';
  readonly message: string;
  readonly hint: string;
  /** Reference as it is written in the prompt. */
  readonly part: string;
}

/**
 * Replaces each `@name` by the `@Element1` that the models know, and `@@` by the sign itself. Leaves signs inside a word
 * alone, as in a mail address.
 */
export function nameElements(
  prompt: string,
  cast: Cast,
): { text: string; problems: readonly ReferenceProblem[] } {
  const problems: ReferenceProblem[] = [];
  const text = prompt.replaceAll(/@@|(?<![\p{L}\p{N}_.])@([A-Za-z0-9_-]+)/gu, (match, written?: string) => {
    if (written === undefined) return '@';
    const name = longestKnown(written, [...cast.listed, ...cast.known]) ?? written;
    const position = cast.listed.indexOf(name);
    if (position >= 0) return `@Element${position + 1}${written.slice(name.length)}`;
    const number = /^Element(\d+)$/.exec(name)?.[1];
    if (number && Number(number) >= 1 && Number(number) <= cast.listed.length) return match;
    problems.push(explainReference(name, cast));
    return match;
  });
  return { text, problems };
}

/** Longest known name at the start of a reference: `@hero_left` is `hero` with more text, unless `hero_left` is known. */
function longestKnown(written: string, names: readonly string[]): string | undefined {
  for (let name = written; name; name = name.replace(/[-_]+[^-_]*$|[^-_]+$/, '')) {
    if (names.includes(name)) return name;
    if (!/[-_]/.test(name)) return undefined;
  }
  return undefined;
}

function explainReference(name: string, { field, listed, known }: Cast): ReferenceProblem {
  if (known.includes(name)) {
    return {
      code: 'SL203',
      message: `the ${field} says @${name}, but the shot does not list that element`,
      hint: `write \`elements: [${[...listed, name].join(', ')}]\` on the shot`,
      part: `@${name}`,
    };
  }
  const meant = nearestWord(name, known);
  return {
    code: 'SL202',
    message: `the ${field} says @${name}, and there is no element \`${name}\``,
    hint: meant
      ? `did you mean @${meant}?`
      : `name it under \`elements:\`, or write @@${name} for the sign itself`,
    part: `@${name}`,
  };
}
