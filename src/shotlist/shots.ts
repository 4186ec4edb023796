import { nearest } from '../nearest.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { ROW } from './fill-in.js';
import { type Filled, fillRow } from './fill-row.js';
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

/** What a row and a matrix have made of a shot, and where the fields that a matrix crosses stand. */
interface Variant extends Filled {
  readonly places: Readonly<Record<string, Place>>;
}

/** Longest id, characters: what is made of it is a file name with a key and an ending. */
const LONGEST_ID = 150;

class ShotMaker {
  readonly #files: readonly CheckedFile[];
  readonly #main: CheckedFile;
  readonly #options: ShotOptions;
  readonly #common: readonly Layer[];
  readonly #profile: readonly Layer[];
  /** The scene that a shot inherits: from the defaults and the profile, since no scene can say it. */
  readonly #usualScene: string | null;
  readonly #wins: Layer | null;
  /** Whether anything in the files refers to a table's row. */
  readonly #hasRows: boolean;
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
    this.#hasRows = files.some(({ document }) => document.source.text.includes(`\${${ROW}`));
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
    // Most shots are one shot.
    if (each === undefined && matrix === undefined && !this.#hasRows)
      return [{ id, fields: rest, places: {}, unread }];
    const shot = { id, fields: { ...rest, ...(matrix !== undefined && { matrix }) }, unread };
    const rows = typeof each === 'string' ? await this.#rows(each, origin('each')) : [null];
    const { report } = this.#options;
    return rows.flatMap((row, index) =>
      crossed(fillRow(shot, { row, index, origin, report }), origin('matrix')),
    );
  }

  async #rows(reference: string, place: Place): Promise<readonly Row[]> {
    const folder = this.#folderOf(place);
    const key = `${folder}\0${reference}`;
    let table = this.#tables.get(key);
    if (!table) {
      table = readRows(reference, { folder, tree: this.#options.tree });
      this.#tables.set(key, table);
    }
    const rows = await table;
    if (!('code' in rows)) return rows;
    this.#options.report({ place, ...rows });
    return [];
  }

  /** Ids become file names, and some file systems hold `Cliff` and `cliff` for the same name. */
  #checkId(id: string, place: Place): void {
    if (id.length > LONGEST_ID) {
      const message = `the id \`${id.slice(0, 40)}…\` has ${id.length} characters; at most ${LONGEST_ID} make a file name`;
      this.#options.report({ place: inside(place, 'id'), code: 'SL101', message });
    }
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

function crossed(shot: Filled, place: Place): readonly Variant[] {
  const { matrix, ...fields } = withoutNulls(shot.fields);
  if (typeof matrix !== 'object' || matrix === null) return [{ ...shot, fields, places: {} }];
  return crossMatrix(matrix as Record<string, readonly unknown[]>).map(({ suffix, fields: own }) => ({
    id: shot.id + suffix,
    fields: withoutNulls({ ...fields, ...own }),
    places: Object.fromEntries(Object.keys(own).map((field) => [field, inside(place, field)])),
    unread: shot.unread,
  }));
}

function withoutNulls(fields: RawFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
