import { formatNumber } from '../base/units.js';
import { inside, type Place, type PlacedFinding } from './document.js';
import { fillIn, mentionsRow, type Variables } from './fill-in.js';
import { type Filled, fillRow, withRow } from './fill-row.js';
import type { Finding } from './finding.js';
import type { ImageFinder } from './images.js';
import { type Base, type Inherited, inherit, type Layer, type RawFields, stack } from './layers.js';
import { countSubmissions, crossMatrix } from './matrix.js';
import { type Row, readRows } from './rows.js';
import { type CheckedFile, commonLayers, mayRefer, profileLayers, sceneLayers } from './shared.js';
import { ShotChecks } from './shot-checks.js';
import type { Element, Scene, Shot, ShotFields } from './shot-list.js';

/** What making shots takes besides the files. */
export interface ShotOptions {
  readonly profile: string | undefined;
  readonly variables: Variables;
  readonly images: ImageFinder;
  readonly elements: ReadonlyMap<string, Element>;
  readonly scenes: ReadonlyMap<string, Scene>;
  /** The tree in which tables may be. */
  readonly tree: string;
  readonly report: (finding: PlacedFinding) => void;
}

/** What making shots came to. */
export interface MadeShots {
  readonly shots: readonly Shot[];
  /** How the ids of shots begin that could not be made, for reasons that have been told. */
  readonly missing: readonly string[];
}

/** The list's shots in story order: everything inherited, one for each row of a table and each value of a matrix. */
export async function makeShots(files: readonly CheckedFile[], options: ShotOptions): Promise<MadeShots> {
  const main = files.at(-1) as CheckedFile;
  if (main.structure.broken.has('shots')) return { shots: [], missing: [''] };
  const maker = new ShotMaker(files, options);
  const shots: Shot[] = [];
  for (const [index, raw] of (main.value.shots ?? []).entries()) {
    if (main.structure.broken.has(`shots/${index}`) || typeof raw.id !== 'string' || !raw.id) {
      maker.missing.push('');
    } else {
      for (const shot of await maker.make(raw, index)) shots.push(shot);
    }
  }
  return { shots, missing: maker.missing };
}

/** What a row and a matrix have made of a shot, and where the fields that a matrix crosses stand. */
interface Variant extends Filled {
  /** Id of the shot that a matrix crossed; null where there is none. */
  readonly variantOf: string | null;
  readonly inherited: Inherited;
  readonly places: Readonly<Record<string, Place>>;
}

/** One for all: most shots have nothing that is written wrongly. */
const NONE: ReadonlySet<string> = new Set();

/** Most submissions that one shot of the list may become: more is a slip of a matrix's or a table's. */
const MOST = 10_000;

class ShotMaker {
  readonly missing: string[] = [];
  readonly #files: readonly CheckedFile[];
  readonly #main: CheckedFile;
  readonly #options: ShotOptions;
  readonly #checks: ShotChecks;
  readonly #common: readonly Layer[];
  readonly #profile: readonly Layer[];
  /** The scene that a shot inherits: from the defaults and the profile, since no scene can say it. */
  readonly #usualScene: string | null;
  readonly #wins: Base | null;
  /** Whether anything in the files may refer to a table's row. */
  readonly #hasRows: boolean;
  /** What a shot of each scene inherits. */
  readonly #bases = new Map<string | null, Base>();
  readonly #tables = new Map<string, ReturnType<typeof readRows>>();

  constructor(files: readonly CheckedFile[], options: ShotOptions) {
    this.#files = files;
    this.#main = files.at(-1) as CheckedFile;
    this.#options = options;
    const isUnknown = files.some(({ structure }) => structure.broken.has('elements'));
    this.#checks = new ShotChecks({ ...options, elements: isUnknown ? null : options.elements });
    this.#profile = options.profile === undefined ? [] : profileLayers(files, options.profile);
    this.#wins = winning(this.#profile);
    this.#common = commonLayers(files);
    this.#hasRows = files.some(({ document }) => mayRefer(document.source.text));
    this.#usualScene = sceneOf(stack([...this.#common, ...this.#profile]).fields) ?? null;
  }

  async make(raw: RawFields & { readonly id: string }, index: number): Promise<Shot[]> {
    const { structure, document } = this.#main;
    const place = { document, path: ['shots', index] };
    const own = { fields: raw, place, invalid: structure.invalid.get(`shots/${index}`) ?? NONE };
    const inherited = inherit(own, { base: this.#baseOf(sceneOf(raw)), wins: this.#wins });
    if (inherited.invalid.has('id')) this.missing.push('');
    if (inherited.invalid.has('matrix') || inherited.invalid.has('each')) this.#isMissing(raw.id);
    // An id that names a column stands for as many as there are rows.
    const isFirst = inherited.invalid.has('id') || mentionsRow(raw.id) || this.#checks.checkId(raw.id, place);
    const shots: Shot[] = [];
    for (const { id, variantOf, fields, invalid, places, inherited: from } of await this.#variants(
      own,
      inherited,
    )) {
      if (id !== raw.id && !invalid.has('id') && isFirst) this.#checks.checkId(id, place);
      const origin = (field: string) => places[field] ?? from.origin(field);
      const written = { fields: fields as ShotFields, origin };
      this.#checks.checkElements(written);
      shots.push({
        id,
        writtenId: raw.id,
        variantOf,
        scene: from.scene,
        fields: written.fields,
        origin,
        invalid,
        images: this.#images(written),
        place,
        owns: from.owns,
      });
    }
    return shots;
  }

  /** What begins as a shot's id does until its row is named may be one of its variants. */
  #isMissing(id: string): void {
    this.missing.push(id.replace(/\$\{.*$/s, ''));
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

  async #variants(own: Layer, inherited: Inherited): Promise<readonly Variant[]> {
    const { fields, invalid, origin } = inherited;
    const { each } = fields;
    const id = own.fields.id as string;
    // Most shots are one shot.
    if (each === undefined && fields.matrix === undefined && !this.#hasRows) {
      this.#checks.checkScene(inherited.scene, origin('scene'));
      return [{ id, variantOf: null, fields, places: {}, invalid, inherited }];
    }
    const rows = typeof each === 'string' ? await this.#rows(each, origin('each')) : [null];
    const { report, variables } = this.#options;
    if (rows.length === 0 || this.#areTooMany(inherited, rows.length)) {
      this.#isMissing(id);
      return [];
    }
    const variants: Variant[] = [];
    for (const [index, row] of rows.entries()) {
      const from = this.#inRow(own, inherited, { row, index });
      const { each: _, ...theirs } = from.fields;
      const shot = { id, fields: theirs, invalid: from.invalid };
      const filled = await fillRow(shot, { row, index, variables, origin: from.origin, report });
      variants.push(...this.#crossed(filled, from));
    }
    return variants;
  }

  /** What a shot inherits in one row of its table, which may say the scene. */
  #inRow(own: Layer, inherited: Inherited, { row, index }: { row: Row | null; index: number }): Inherited {
    const place = inherited.origin('scene');
    const { report, variables } = this.#options;
    let from = inherited;
    if (inherited.scene !== null && mentionsRow(inherited.scene)) {
      const onUnknown = (_: unknown, finding: Finding) => {
        if (index === 0) report({ place, ...finding });
      };
      const said = fillIn(inherited.scene, {
        variables: withRow(variables, row),
        path: ['scene'],
        onUnknown,
      });
      const scene = String(said).trim() || null;
      const anew = { ...own, fields: { ...own.fields, scene } };
      from = inherit(anew, { base: this.#baseOf(scene), wins: this.#wins });
    }
    if (row || from.scene === null || !mentionsRow(from.scene)) this.#checks.checkScene(from.scene, place);
    return from;
  }

  /** Counted before anything is crossed, because a matrix of a few long lists would fill the memory. */
  #areTooMany({ fields, origin }: Inherited, rows: number): boolean {
    const count = countSubmissions(fields) * rows;
    if (count <= MOST) return false;
    const field = ['matrix', 'each', 'takes'].find((name) => fields[name] !== undefined) ?? 'segments';
    const most = formatNumber(MOST);
    this.#options.report({
      place: origin(field),
      code: 'SL114',
      about: 'key',
      message: `the shot becomes ${formatNumber(count)} submissions; one may become ${most} at most`,
      hint: field === 'each' ? 'divide the table' : 'cross fewer values',
    });
    return true;
  }

  #crossed(shot: Filled, inherited: Inherited): readonly Variant[] {
    const { matrix, ...rest } = shot.fields;
    const fields = withoutNulls(rest);
    if (typeof matrix !== 'object' || matrix === null)
      return [{ ...shot, variantOf: null, fields, places: {}, inherited }];
    const place = inherited.origin('matrix');
    return crossMatrix(matrix as Record<string, readonly unknown[]>).map(
      ({ suffix, fields: own, indexes }) => {
        const crossed = Object.entries(own).filter(([field]) => this.#wins?.fields[field] === undefined);
        const said = { ...fields, ...Object.fromEntries(crossed) };
        // As for segments that are written on the shot itself.
        if (Array.isArray(own.segments) && own.duration === undefined && !inherited.owns('duration'))
          delete said.duration;
        const places = crossed.map(
          ([field]) => [field, inside(place, field, indexes[field] as number)] as const,
        );
        return {
          id: shot.id + suffix,
          variantOf: shot.id,
          fields: withoutNulls(said),
          places: Object.fromEntries(places),
          invalid: shot.invalid,
          inherited,
        };
      },
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

  #images(shot: Pick<Shot, 'fields' | 'origin'>): Shot['images'] {
    const found: Record<string, unknown> = {};
    for (const field of ['start_image', 'end_image'] as const) {
      const reference = shot.fields[field];
      if (reference === undefined) continue;
      const place = shot.origin(field);
      const { image, findings } = this.#options.images.find(reference, this.#folderOf(place));
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

function winning(profile: readonly Layer[]): Base | null {
  const { fields, places, invalid } = stack(profile);
  const won = Object.entries(fields).filter(([field]) => WINNING.includes(field));
  if (won.length === 0) return null;
  return {
    fields: Object.fromEntries(won),
    places,
    invalid: new Set([...invalid].filter((field) => WINNING.includes(field))),
  };
}

function withoutNulls(fields: RawFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
