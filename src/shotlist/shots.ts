import type { ErrorObject } from 'ajv';
import validateFields from '../generated/validate-fields.js';
import { nearest } from '../nearest.js';
import { explain } from '../schema-problem.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { fillIn, ROW } from './fill-in.js';
import type { ImageFinder } from './images.js';
import { type Base, type Inherited, inherit, type Layer, type RawFields, stack } from './layers.js';
import { crossMatrix } from './matrix.js';
import { type Row, readRows } from './rows.js';
import { type CheckedFile, commonLayers, profileLayers, sceneLayers } from './shared.js';
import type { Element, Scene, Shot, ShotFields } from './shot-list.js';

/** What making shots takes besides the files. */
export interface ShotOptions {
  readonly profile: string | undefined;
  readonly images: ImageFinder;
  readonly elements: ReadonlyMap<string, Element>;
  readonly scenes: ReadonlyMap<string, Scene>;
  /** The tree in which tables may be. */
  readonly tree: string;
  readonly report: (finding: PlacedFinding) => void;
}

/** The list's shots in story order: everything inherited, one for each row of a table and each value of a matrix. */
export async function makeShots(
  files: readonly CheckedFile[],
  options: ShotOptions,
): Promise<readonly Shot[]> {
  const main = files.at(-1) as CheckedFile;
  if (main.structure.broken.has('shots')) return [];
  const maker = new ShotMaker(files, options);
  const shots: Shot[] = [];
  for (const [index, raw] of (main.value.shots ?? []).entries()) {
    if (main.structure.broken.has(`shots/${index}`) || typeof raw.id !== 'string' || !raw.id) continue;
    for (const shot of await maker.make(raw, index)) shots.push(shot);
  }
  return shots;
}

/** What of a shot a row or a matrix has changed: the id, the fields, and where those stand now. */
interface Variant {
  readonly id: string;
  readonly fields: Record<string, unknown>;
  readonly places: Readonly<Record<string, Place>>;
  readonly unread: ReadonlySet<string>;
}

class ShotMaker {
  readonly #files: readonly CheckedFile[];
  readonly #main: CheckedFile;
  readonly #options: ShotOptions;
  readonly #common: readonly Layer[];
  readonly #profile: readonly Layer[];
  /** The scene that a shot inherits: from the defaults and the profile, since no scene can say it. */
  readonly #usualScene: string | null;
  readonly #wins: Layer | null;
  /** What a shot of each scene inherits. */
  readonly #bases = new Map<string | null, Base>();
  readonly #ids = new Map<string, Place>();
  readonly #tables = new Map<string, ReturnType<typeof readRows>>();

  constructor(files: readonly CheckedFile[], options: ShotOptions) {
    this.#files = files;
    this.#main = files.at(-1) as CheckedFile;
    this.#options = options;
    this.#profile = options.profile === undefined ? [] : profileLayers(files, options.profile);
    this.#wins = winning(this.#profile);
    this.#common = commonLayers(files);
    this.#usualScene = sceneOf(stack([...this.#common, ...this.#profile]).fields) ?? null;
  }

  async make(raw: RawFields & { readonly id: string }, index: number): Promise<Shot[]> {
    const { structure, document } = this.#main;
    const place = { document, path: ['shots', index] };
    const own = { fields: raw, place, unread: structure.unread.get(`shots/${index}`) ?? new Set<string>() };
    const base = this.#baseOf(sceneOf(raw));
    const inherited = inherit(own, { base, wins: this.#wins });
    this.#checkScene(inherited);
    const shots: Shot[] = [];
    for (const variant of await this.#variants(raw.id, inherited)) {
      if (!variant.unread.has('id')) this.#checkId(variant.id, place);
      const origin = (field: string) => variant.places[field] ?? inherited.origin(field);
      const { id, fields, unread } = variant;
      const { scene, owns } = inherited;
      const shot = {
        id,
        writtenId: raw.id,
        scene,
        fields: fields as ShotFields,
        unread,
        images: {},
        place,
        origin,
        owns,
      };
      this.#checkElements(shot);
      shots.push({ ...shot, images: await this.#images(shot) });
    }
    return shots;
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

  async #variants(id: string, { fields, unread, origin }: Inherited): Promise<readonly Variant[]> {
    const { each, matrix, ...rest } = fields;
    const plain: Variant = { id, fields: rest, places: {}, unread };
    // Most shots are one shot.
    if (each === undefined && matrix === undefined) return [plain];
    const withMatrix = { ...plain, fields: { ...rest, ...(matrix !== undefined && { matrix }) } };
    const rows = typeof each === 'string' ? await this.#rows(each, origin('each')) : [null];
    return rows.flatMap((row, index) => {
      const filled = row ? this.#fillRow(withMatrix, { row, index, origin }) : withMatrix;
      return crossed(filled, origin('matrix'));
    });
  }

  async #rows(reference: string, place: Place): Promise<readonly Row[]> {
    let table = this.#tables.get(reference);
    if (!table) {
      table = readRows(reference, { folder: this.#main.folder, tree: this.#options.tree });
      this.#tables.set(reference, table);
    }
    const rows = await table;
    if (!('code' in rows)) return rows;
    this.#options.report({ place, ...rows });
    return [];
  }

  /** One row's shot: its references filled in, its texts turned into what their fields take, and checked. */
  #fillRow(
    variant: Variant,
    { row, index, origin }: { row: Row; index: number; origin: Inherited['origin'] },
  ): Variant {
    const { report } = this.#options;
    const about = `row ${index + 1} of the table`;
    const variables = new Map([...row].map(([column, value]) => [`${ROW}${column}`, value]));
    const fill = (field: string, value: unknown) =>
      fillIn(value, {
        variables,
        isLater: () => false,
        onUnknown: (path, finding) => {
          if (index === 0) report({ place: inside(origin(field), ...path), ...finding });
        },
      });
    const fields: Record<string, unknown> = Object.fromEntries(
      Object.entries(variant.fields).map(([field, value]) => [field, typed(field, fill(field, value))]),
    );
    const unread = new Set(variant.unread);
    for (const { path, about: target, message, hint } of validateFields(fields) ? [] : explainFields()) {
      const [field, ...rest] = path;
      unread.add(String(field));
      delete fields[String(field)];
      const place = inside(origin(String(field)), ...rest);
      report({ place, code: 'SL101', about: target, message: `${message} (${about})`, hint });
    }
    const written = variant.id;
    const filled = String(fill('id', written)).trim();
    const id = written.includes(`\${${ROW}`) ? filled : `${written}.row${index + 1}`;
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(id)) {
      const message = `the id ${JSON.stringify(id.slice(0, 64))} is no file name (${about})`;
      report({
        place: origin('id'),
        code: 'SL101',
        message,
        hint: 'letters, digits, - and _, at most 64 of them',
      });
      unread.add('id');
    }
    return { ...variant, id, fields, unread };
  }

  /** Ids become file names, and some file systems hold `Cliff` and `cliff` for the same name. */
  #checkId(id: string, place: Place): void {
    const first = this.#ids.get(id.toLowerCase());
    if (!first) {
      this.#ids.set(id.toLowerCase(), place);
      return;
    }
    const hint = 'ids are unique in a list, letter case aside';
    const { line } = first.document.at([...first.path, 'id'], { code: 'SL104', message: '' });
    const message = `the id \`${id}\` already stands in line ${line}`;
    this.#options.report({ place: inside(place, 'id'), code: 'SL104', message, hint });
  }

  #checkScene({ scene, origin }: Inherited): void {
    const { scenes, report } = this.#options;
    if (scene === null || scenes.size === 0 || scenes.has(scene)) return;
    const meant = nearest(scene, scenes.keys());
    report({
      place: origin('scene'),
      code: 'SL109',
      message: `there is no scene \`${scene}\``,
      hint: meant ? `did you mean \`${meant}\`?` : 'name it under `scenes:` at the top of the list',
    });
  }

  #checkElements({ fields, origin }: Shot): void {
    const { elements, report } = this.#options;
    if (this.#files.some(({ structure }) => structure.broken.has('elements'))) return;
    for (const [index, name] of (fields.elements ?? []).entries()) {
      if (elements.has(name)) continue;
      const meant = nearest(name, elements.keys());
      report({
        place: inside(origin('elements'), index),
        code: 'SL202',
        message: `there is no element \`${name}\``,
        hint: meant ? `did you mean \`${meant}\`?` : 'name it under `elements:` at the top of the list',
      });
    }
  }

  async #images(shot: Shot): Promise<Shot['images']> {
    const found: Record<string, unknown> = {};
    for (const field of ['start_image', 'end_image'] as const) {
      const reference = shot.fields[field];
      if (reference === undefined) continue;
      const place = shot.origin(field);
      const { image, findings } = await this.#options.images.find(reference, this.#folderOf(place));
      if (image) found[field] = image;
      for (const finding of findings) this.#options.report({ place, ...finding });
    }
    return found;
  }

  /** Paths start from the folder of the file they are written in. */
  #folderOf({ document }: Place): string {
    return (this.#files.find((file) => file.document === document) ?? this.#main).folder;
  }
}

function explainFields() {
  return explain(validateFields.errors as ErrorObject[]);
}

/** Undefined where it is not written, null where it is taken away. */
function sceneOf(raw: RawFields): string | null | undefined {
  return typeof raw.scene === 'string' || raw.scene === null ? raw.scene : undefined;
}

/** A profile is there to change these, whatever a shot says. */
const WINNING = ['model', 'takes', 'select'];

function winning(profile: readonly Layer[]): Layer | null {
  const { fields, unread } = stack(profile);
  const won = Object.fromEntries(
    Object.entries(fields).filter(([field, value]) => WINNING.includes(field) && value !== null),
  );
  const place = profile.at(-1)?.place;
  if (!place || Object.keys(won).length === 0) return null;
  return { fields: won, place, unread: new Set([...unread].filter((field) => WINNING.includes(field))) };
}

/** A table's cells are text; a field that takes a number, or true and false, gets one. */
function typed(field: string, value: unknown): unknown {
  if (field === 'segments' && Array.isArray(value)) {
    return value.map((segment: RawFields) =>
      segment.duration === undefined
        ? segment
        : { ...segment, duration: typed('duration', segment.duration) },
    );
  }
  if (typeof value !== 'string') return value;
  if (NUMBERS.includes(field) && /^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  if (BOOLEANS.includes(field) && /^\s*(true|false)\s*$/i.test(value)) return /true/i.test(value);
  // An empty cell says nothing.
  return value.trim() === '' && field !== 'negative_prompt' ? null : value;
}

const NUMBERS = ['duration', 'cfg_scale', 'takes', 'select'];
const BOOLEANS = ['audio', 'split'];

function crossed(variant: Variant, place: Place): readonly Variant[] {
  const { matrix, ...fields } = withoutNulls(variant.fields);
  if (typeof matrix !== 'object' || matrix === null) return [{ ...variant, fields }];
  return crossMatrix(matrix as Record<string, readonly unknown[]>).map(({ suffix, fields: own }) => ({
    id: variant.id + suffix,
    fields: withoutNulls({ ...fields, ...own }),
    places: Object.fromEntries(Object.keys(own).map((field) => [field, inside(place, field)])),
    unread: variant.unread,
  }));
}

function withoutNulls(fields: RawFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
