import { isDeviceName } from '../base/files.js';
import { nearestWord } from '../base/text.js';
import type { CheckedFile, RawFields } from './check-files.js';
import type { Finding } from './diagnostic.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { mayRefer, mentionsRow, type Variables } from './fill-in.js';
import { type Found, ignoresIn } from './ignores.js';
import type { ImageFinder } from './images.js';
import {
  type Base,
  commonLayers,
  type Inherited,
  inherit,
  type Layer,
  profileLayers,
  sceneLayers,
  stack,
} from './layers.js';
import type { Chain, Element, Image, Scene, Shot, ShotFields } from './shot-list.js';
import { type KnownShots, unknownShot } from './unknown-shot.js';
import { type Variant, VariantMaker } from './variants.js';

/** Parts of the list that its shots refer to. */
export interface ShotOptions {
  readonly profile: string | undefined;
  readonly variables: Variables;
  readonly images: ImageFinder;
  readonly elements: ReadonlyMap<string, Element>;
  readonly scenes: ReadonlyMap<string, Scene>;
  /** The tree that tables must be in. */
  readonly tree: string;
  readonly report: (finding: Found) => void;
}

/** The shots of a list. */
export interface MadeShots {
  readonly shots: readonly Shot[];
  /** Beginnings of the ids of shots that could not be made, for reasons that are reported. */
  readonly missing: readonly string[];
}

/** Makes the list's shots in story order: one for each shot, row of its table, and combination of its matrix. */
export function makeShots(files: readonly CheckedFile[], options: ShotOptions): MadeShots {
  const main = files.at(-1) as CheckedFile;
  if (main.broken.has('shots')) return { shots: [], missing: [''] };
  const maker = new ShotMaker(files, options);
  const shots: Shot[] = [];
  for (const [index, raw] of (main.value.shots ?? []).entries()) {
    if (main.broken.has(`shots/${index}`) || typeof raw.id !== 'string' || !raw.id) maker.missing.push('');
    else for (const shot of maker.make(raw, index)) shots.push(shot);
  }
  return {
    shots: shareEndImages(shots, { missing: maker.missing, report: options.report }),
    missing: maker.missing,
  };
}

/** Longest id, characters: a clip's file name is the id with a key and an ending. */
const LONGEST_ID = 150;

/** Pattern of a scene's name in the schema, for names that come from a table. */
const SCENE = /^[A-Za-z0-9_.-]{1,64}$/;

/** Fields of a profile that win over a shot's own. */
const WINNING = ['model', 'takes', 'select'];

const IMAGE_FIELDS = ['start_image', 'end_image'] as const;

class ShotMaker {
  readonly missing: string[] = [];
  readonly #files: readonly CheckedFile[];
  readonly #main: CheckedFile;
  readonly #options: ShotOptions;
  readonly #common: readonly Layer[];
  readonly #profile: readonly Layer[];
  /** Scene of a shot that names none, from the defaults and the profile. */
  readonly #usualScene: string | null;
  readonly #wins: Base | null;
  /** True if the files may refer to a table's row. */
  readonly #mayHaveRows: boolean;
  readonly #variants: VariantMaker;
  /** Base of the shots of each scene. */
  readonly #bases = new Map<string | null, Base>();
  /** Place of each id's first shot, by the id in lower case. */
  readonly #ids = new Map<string, Place>();

  constructor(files: readonly CheckedFile[], options: ShotOptions) {
    this.#files = files;
    this.#main = files.at(-1) as CheckedFile;
    this.#options = options;
    this.#profile = options.profile === undefined ? [] : profileLayers(files, options.profile);
    this.#wins = winningFields(this.#profile);
    this.#common = commonLayers(files);
    this.#mayHaveRows = files.some(({ document }) => mayRefer(document.source.text));
    this.#usualScene = sceneOf(stack([...this.#common, ...this.#profile]).fields) ?? null;
    this.#variants = new VariantMaker({
      variables: options.variables,
      tree: options.tree,
      won: new Set(Object.keys(this.#wins?.fields ?? {})),
      folderOf: (place) => this.#folderOf(place),
      inherit: (own) => this.#inherit(own),
      checkScene: (scene, place) => this.#checkScene(scene, place),
      report: options.report,
    });
  }

  make(raw: RawFields & { readonly id: string }, index: number): Shot[] {
    const { document, invalid: invalidIn } = this.#main;
    const place = { document, path: ['shots', index] };
    const own = { fields: raw, place, invalid: invalidIn.get(`shots/${index}`) ?? new Set<string>() };
    const inherited = this.#inherit(own);
    const isInvalid = (field: string) => inherited.invalid.has(field);
    if (isInvalid('id')) this.missing.push('');
    if (isInvalid('matrix') || isInvalid('each')) this.#addMissing(raw.id);
    // An id that names a column becomes one id per row.
    const isNew = isInvalid('id') || mentionsRow(raw.id) || this.#checkId(raw.id, place);
    const variants = this.#variantsOf(own, inherited);
    if (variants.length === 0) this.#addMissing(raw.id);
    return variants.map((variant) => {
      const { id, invalid } = variant;
      if (id !== raw.id && !invalid.has('id') && isNew) this.#checkId(id, place);
      return this.#toShot(variant, { writtenId: raw.id, place });
    });
  }

  #variantsOf(own: Layer, inherited: Inherited): readonly Variant[] {
    const { fields, invalid, scene, origin } = inherited;
    if (fields.each !== undefined || fields.matrix !== undefined || this.#mayHaveRows)
      return this.#variants.make(own, inherited);
    this.#checkScene(scene, origin('scene'));
    return [{ id: own.fields.id as string, variantOf: null, fields, invalid, inherited, places: {} }];
  }

  #toShot(
    { id, variantOf, fields, invalid, inherited, places }: Variant,
    { writtenId, place }: { writtenId: string; place: Place },
  ): Shot {
    const { scene, owns } = inherited;
    const origin = (field: string) => places[field] ?? inherited.origin(field);
    const written = { fields: fields as ShotFields, origin };
    this.#checkElements(written);
    const ignores = ignoresIn(written.fields.ignore, origin('ignore'));
    const images = this.#images({ ...written, ignores });
    return {
      id,
      writtenId,
      variantOf,
      scene,
      fields: written.fields,
      origin,
      invalid,
      images,
      ignores,
      place,
      owns,
    };
  }

  /** Notes a shot that could not be made: its variants may have any id that begins with the constant part of `id`. */
  #addMissing(id: string): void {
    this.missing.push(id.replace(/\$\{.*$/s, ''));
  }

  #inherit(own: Layer): Inherited {
    return inherit(own, { base: this.#baseOf(sceneOf(own.fields)), wins: this.#wins });
  }

  #baseOf(written: string | null | undefined): Base {
    const scene = written === undefined ? this.#usualScene : written;
    const known = this.#bases.get(scene);
    if (known) return known;
    const layers = scene === null ? [] : sceneLayers(this.#files, scene);
    const base = stack([...this.#common, ...layers, ...this.#profile]);
    this.#bases.set(scene, base);
    return base;
  }

  #images(shot: Pick<Shot, 'fields' | 'origin' | 'ignores'>): Shot['images'] {
    const found: Record<string, unknown> = {};
    for (const field of IMAGE_FIELDS) {
      const reference = shot.fields[field];
      if (reference === undefined) continue;
      const place = shot.origin(field);
      const { image, findings } = this.#options.images.find(reference, this.#folderOf(place));
      if (image) found[field] = image;
      for (const finding of findings) this.#options.report({ place, ignores: shot.ignores, ...finding });
    }
    return found;
  }

  /** Paths start from the folder of the file that they are written in. */
  #folderOf({ document }: Place): string {
    return (this.#files.find((file) => file.document === document) ?? this.#main).folder;
  }

  /** Returns true if the id is new. Ids become file names, and some file systems ignore letter case. */
  #checkId(id: string, place: Place): boolean {
    const { report } = this.#options;
    if (id.length > LONGEST_ID) {
      const message = `the id \`${id.slice(0, 40)}…\` has ${id.length} characters; at most ${LONGEST_ID} make a file name`;
      report({ place: inside(place, 'id'), code: 'SL101', message });
    }
    if (isDeviceName(id)) {
      const message = `\`${id}\` is a device on Windows, where no clip can be called that`;
      report({ place: inside(place, 'id'), code: 'SL115', message, hint: `call it shot-${id}` });
    }
    const key = id.toLowerCase();
    const first = this.#ids.get(key);
    if (!first) {
      this.#ids.set(key, place);
      return true;
    }
    const { line } = first.document.diagnosticAt([...first.path, 'id'], { code: 'SL104', message: '' });
    const message =
      first === place
        ? `two rows of the table make the id \`${id}\``
        : `the id \`${id}\` is already used in line ${line}`;
    const hint = 'ids are unique in a list, letter case aside';
    report({ place: inside(place, 'id'), code: 'SL104', message, hint });
    return false;
  }

  /** A list without `scenes:` may use any scene. */
  #checkScene(scene: string | null, place: Place): void {
    const { scenes, report } = this.#options;
    if (scene === null) return;
    if (!SCENE.test(scene)) {
      const message = `the scene ${JSON.stringify(scene.slice(0, 64))} has other characters than letters, digits, ., - and _, or too many`;
      report({ place, code: 'SL101', message });
      return;
    }
    if (scenes.size === 0 || scenes.has(scene)) return;
    const meant = nearestWord(scene, scenes.keys());
    const hint = meant ? `did you mean \`${meant}\`?` : 'name it under `scenes:` at the top of the list';
    report({ place, code: 'SL109', message: `there is no scene \`${scene}\``, hint });
  }

  #checkElements({ fields, origin }: Pick<Shot, 'fields' | 'origin'>): void {
    const { elements, report } = this.#options;
    // Broken elements have unknown names.
    if (this.#files.some(({ broken }) => broken.has('elements'))) return;
    for (const [index, name] of (fields.elements ?? []).entries()) {
      if (elements.has(name)) continue;
      const place = inside(origin('elements'), index);
      const meant = nearestWord(name, elements.keys());
      const hint = meant ? `did you mean \`${meant}\`?` : 'name it under `elements:` at the top of the list';
      report({ place, code: 'SL202', message: `there is no element \`${name}\``, hint });
    }
  }
}

/** Scene as written: undefined if there is none, null if the shot removes it. */
function sceneOf(raw: RawFields): string | null | undefined {
  return typeof raw.scene === 'string' || raw.scene === null ? raw.scene : undefined;
}

function winningFields(profile: readonly Layer[]): Base | null {
  const { fields, places, invalid } = stack(profile);
  const won = Object.entries(fields).filter(([field]) => WINNING.includes(field));
  if (won.length === 0) return null;
  return {
    fields: Object.fromEntries(won),
    places,
    invalid: new Set([...invalid].filter((field) => WINNING.includes(field))),
  };
}

/** Replaces each `end_image_of` by the other shot's end image; a reference that leads to none is reported and left out. */
function shareEndImages(
  shots: readonly Shot[],
  { missing, report }: { missing: readonly string[]; report: (finding: PlacedFinding) => void },
): readonly Shot[] {
  const byId = new Map(shots.map((shot) => [shot.id, shot]));
  return shots.map((shot) => {
    const images: Record<string, Image | Chain> = { ...shot.images };
    for (const field of IMAGE_FIELDS) {
      const id = endImageOwner(shot, field);
      if (id === undefined) continue;
      const found = endImageOf(id, { byId, missing });
      if (found && 'kind' in found) images[field] = found;
      else if (found) report({ place: inside(shot.origin(field), 'end_image_of'), ...found });
    }
    return { ...shot, images };
  });
}

/** Id of the shot whose end image a field shares; undefined if it names its own image. */
function endImageOwner(shot: Shot, field: (typeof IMAGE_FIELDS)[number]): string | undefined {
  const reference = shot.fields[field];
  return typeof reference === 'object' && 'end_image_of' in reference ? reference.end_image_of : undefined;
}

/** Follows references to the end image; null if it is missing because of a mistake that is already reported. */
function endImageOf(id: string, known: KnownShots): Image | Chain | Finding | null {
  const visited = new Set<string>();
  for (let at = id; ; ) {
    const shot = known.byId.get(at);
    if (!shot) return unknownShot(at, known);
    if (visited.has(at)) return { code: 'SL107', message: loopMessage([...visited]) };
    visited.add(at);
    const next = endImageOwner(shot, 'end_image');
    if (next === undefined) {
      const { end_image } = shot.images;
      if (end_image) return end_image;
      if (shot.fields.end_image !== undefined || shot.invalid.has('end_image')) return null;
      return { code: 'SL108', message: `\`${at}\` has no end image`, hint: 'did you mean `last_frame_of`?' };
    }
    at = next;
  }
}

function loopMessage(ids: readonly string[]): string {
  return ids.length === 1
    ? `the end image of \`${ids[0]}\` leads back to itself`
    : `the end images of ${ids.join(', ')} lead back to each other`;
}
