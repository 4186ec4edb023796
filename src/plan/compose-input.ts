import type { Json } from '../json.js';
import type { Model } from '../models/model.js';
import {
  type NativeInput,
  type NativeValue,
  toNativeElement,
  toNativeInput,
} from '../models/native-input.js';
import type { PlacedFinding } from '../shotlist/finding.js';
import type { Element, Image, Shot, ShotFields, ShotList } from '../shotlist/shot-list.js';
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
  /** Whether every image and element it names was found; where not, something stands in for it. */
  readonly complete: boolean;
}

/** Stands in for an image that the loader could not read, so that the rest of the shot can still be checked. */
const STAND_IN = 'https://unreadable.invalid/';

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
  const { fields } = shot;
  const segments = (timed?.segments ?? []).map(({ prompt, seconds }, index) => ({
    prompt: composer.text(prompt, [...shot.origin('segments'), index, 'prompt']),
    seconds,
  }));
  const prompt =
    fields.prompt === undefined
      ? segments.map((segment) => segment.prompt).join('\n')
      : composer.text(fields.prompt, shot.origin('prompt'));
  const neutral = {
    ...(prompt !== '' && { prompt }),
    ...(fields.start_image !== undefined && { start_image: composer.image(shot.images.start_image) }),
    ...(fields.end_image !== undefined && { end_image: composer.image(shot.images.end_image) }),
    ...(segments.length > 0 && {
      segments: segments.map((one) => ({ prompt: one.prompt, duration: one.seconds })),
    }),
    ...plain(fields),
    ...(timed && { duration: timed.seconds }),
    ...(fields.elements &&
      model.element && { elements: fields.elements.map((name) => composer.element(name, model)) }),
  };
  const input = toNativeInput(model, { neutral, own: (fields.input ?? {}) as Record<string, Json> });
  return {
    input,
    prompt,
    segments,
    mediaBytes: composer.mediaBytes,
    findings: composer.findings,
    complete: composer.complete,
  };
}

/** The fields that are sent as they are written. */
function plain(fields: ShotFields): Record<string, NativeValue> {
  const sent = ['duration', 'audio', 'negative_prompt', 'cfg_scale', 'shot_type'] as const;
  return Object.fromEntries(
    sent.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])),
  );
}

class Composer {
  readonly findings: PlacedFinding[] = [];
  mediaBytes = 0;
  complete = true;
  readonly #shot: Shot;
  readonly #list: ShotList;

  constructor(shot: Shot, list: ShotList) {
    this.#shot = shot;
    this.#list = list;
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
