import { formatNumber } from '../base/units.js';
import validateFields from '../generated/validate-fields.js';
import { type RawFields, schemaProblems } from './check-files.js';
import { inside, type Place } from './document.js';
import { fillIn, mentionedColumns, mentionsRow, rowVariables, type Variables } from './fill-in.js';
import { type Found, ignoresIn } from './ignores.js';
import { type Inherited, type Layer, normalField } from './layers.js';
import { shownFolder } from './references.js';
import { type Row, readTable } from './rows.js';

/** One of the shots that a shot with a table or a matrix becomes. */
export interface Variant {
  readonly id: string;
  /** Id of the shot that the matrix crosses; null without a matrix. */
  readonly variantOf: string | null;
  readonly fields: RawFields;
  /** Fields that are written wrongly. */
  readonly invalid: ReadonlySet<string>;
  readonly inherited: Inherited;
  /** Places of the fields that the matrix sets. */
  readonly places: Readonly<Record<string, Place>>;
}

/** Parts of the list that variants depend on. */
export interface VariantOptions {
  /** The list's own variables. */
  readonly variables: Variables;
  /** The tree that tables must be in. */
  readonly tree: string;
  /** Fields of the profile that win over the shot's own. */
  readonly won: ReadonlySet<string>;
  readonly folderOf: (place: Place) => string;
  readonly inherit: (own: Layer) => Inherited;
  readonly checkScene: (scene: string | null, place: Place) => void;
  readonly report: (finding: Found) => void;
}

/** Most submissions that one shot may become; more is a mistake in a matrix or a table. Our choice. */
const MOST_SUBMISSIONS = 10_000;

/** Longest value that becomes part of an id, characters. Our choice. */
const LONGEST_NAME = 24;

/** A shot's fields with one row filled in. */
type FilledShot = Pick<Variant, 'id' | 'fields' | 'invalid' | 'inherited'>;

interface NumberedRow {
  /** Null for a shot without a table. */
  readonly row: Row | null;
  /** Number of the row, from 0. */
  readonly index: number;
}

/** Makes one shot per row of a shot's table and per combination of its matrix's values. */
export class VariantMaker {
  readonly #options: VariantOptions;
  readonly #tables = new Map<string, ReturnType<typeof readTable>>();

  constructor(options: VariantOptions) {
    this.#options = options;
  }

  /** Returns no variants if the table cannot be read, or if there would be too many; that is reported. */
  make(own: Layer, inherited: Inherited): readonly Variant[] {
    const { each } = inherited.fields;
    const rows = typeof each === 'string' ? this.#rows(each, own, inherited) : [null];
    if (rows.length === 0 || this.#areTooMany(inherited, rows.length)) return [];
    return rows.flatMap((row, index) => {
      const shot = this.#inheritInRow(own, inherited, { row, index });
      return this.#cross(this.#fillRow(own.fields.id as string, shot, { row, index }));
    });
  }

  /** Rows of a shot's table; warns about the cells that the shot uses. */
  #rows(reference: string, own: Layer, { fields, scene, origin }: Inherited): readonly Row[] {
    const { tree, report, folderOf } = this.#options;
    const place = origin('each');
    const folder = folderOf(place);
    const key = `${folder}\0${reference}`;
    const shown = shownFolder(place.document.source);
    const table = this.#tables.get(key) ?? readTable(reference, { folder, tree, shown });
    this.#tables.set(key, table);
    if ('code' in table) {
      report({ place, ...table });
      return [];
    }
    const used = table.warnings.length > 0 ? mentionedColumns([own.fields.id, scene, fields]) : new Set();
    const ignores = ignoresIn(fields.ignore, origin('ignore'));
    for (const { column, diagnostic } of table.warnings)
      if (used.has(column)) report({ ...diagnostic, ignores });
    return table.rows;
  }

  /** Counts before the matrix is crossed, because a matrix of a few long lists would fill the memory. */
  #areTooMany({ fields, origin }: Inherited, rows: number): boolean {
    const count = countSubmissions(fields) * rows;
    if (count <= MOST_SUBMISSIONS) return false;
    const field = ['matrix', 'each', 'takes'].find((name) => fields[name] !== undefined) ?? 'segments';
    this.#options.report({
      place: origin(field),
      code: 'SL114',
      about: 'key',
      message: `the shot becomes ${formatNumber(count)} submissions; one may become ${formatNumber(MOST_SUBMISSIONS)} at most`,
      hint: field === 'each' ? 'divide the table' : 'cross fewer values',
    });
    return true;
  }

  /** Inherits again if the row names the scene. */
  #inheritInRow(own: Layer, inherited: Inherited, { row, index }: NumberedRow): Inherited {
    const place = inherited.origin('scene');
    const { report, variables, inherit, checkScene } = this.#options;
    let inRow = inherited;
    if (inherited.scene !== null && mentionsRow(inherited.scene)) {
      const filled = fillIn(inherited.scene, {
        variables: withRow(variables, row),
        path: ['scene'],
        onUnknown: (_, finding) => {
          if (index === 0) report({ place, ...finding });
        },
      });
      const scene = String(filled).trim() || null;
      inRow = inherit({ ...own, fields: { ...own.fields, scene } });
    }
    if (row || inRow.scene === null || !mentionsRow(inRow.scene)) checkScene(inRow.scene, place);
    return inRow;
  }

  /** Fills in the row's values and checks the fields that they become. */
  #fillRow(written: string, inherited: Inherited, { row, index }: NumberedRow): FilledShot {
    const { report } = this.#options;
    const { origin } = inherited;
    const { each: _, ...own } = inherited.fields;
    const variables = withRow(this.#options.variables, row);
    const unfilled = new Set<string>();
    const fill = (field: string, value: unknown) =>
      fillIn(value, {
        variables,
        path: [field],
        // `checkFiles` has filled in the other texts.
        isLater: (text) => !mentionsRow(text),
        onUnknown: ([, ...path], finding) => {
          unfilled.add(field);
          // All rows have the same columns: the first row reports an unknown one for all of them.
          if (index === 0) report({ place: inside(origin(field), ...path), ...finding });
        },
      });
    const filled = Object.entries(own).map(([field, value]) => [field, fill(field, value)] as const);
    const known = filled.filter(([field]) => !unfilled.has(field));
    const fields = Object.fromEntries(
      known.map(([field, value]) => [field, row ? normalField(field, value) : value]),
    );
    const id = String(fill('id', written)).trim();
    const invalid = new Set([...inherited.invalid, ...unfilled]);
    if (!row) return { id, fields, invalid, inherited };
    const rowName = `row ${index + 1} of the table`;
    for (const [field, value] of Object.entries(fields)) if (isBlank(field, value)) fields[field] = null;
    for (const { path, about, message, hint } of schemaProblems(validateFields, fields)) {
      const [field, ...rest] = path;
      invalid.add(String(field));
      const place = inside(origin(String(field)), ...rest);
      report({ place, code: 'SL101', about, message: `${message} (${rowName})`, hint });
    }
    for (const field of invalid) delete fields[field];
    // No dots: they separate the id from its takes, parts and variants.
    if (!invalid.has('id') && !/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
      invalid.add('id');
      const message = `\`id\` must be letters, digits, - and _, at most 64 of them, is ${JSON.stringify(id.slice(0, 64))} (${rowName})`;
      report({ place: origin('id'), code: 'SL101', message });
    }
    // An id that names no column gets the row's number.
    return { id: mentionsRow(written) ? id : `${id}.row${index + 1}`, fields, invalid, inherited };
  }

  #cross({ fields: { matrix, ...rest }, ...shot }: FilledShot): readonly Variant[] {
    const fields = withoutNulls(rest);
    if (typeof matrix !== 'object' || matrix === null)
      return [{ ...shot, fields, variantOf: null, places: {} }];
    const place = shot.inherited.origin('matrix');
    return crossMatrix(matrix as Readonly<Record<string, readonly unknown[]>>).map((combination) => {
      const crossed = Object.entries(combination.fields).filter(([field]) => !this.#options.won.has(field));
      const own = { ...fields, ...Object.fromEntries(crossed) };
      // Segments set the length of the shot, as they do when they are written on the shot itself.
      const hasOwnLength =
        Array.isArray(combination.fields.segments) && combination.fields.duration === undefined;
      if (hasOwnLength && !shot.inherited.owns('duration')) delete own.duration;
      const places = crossed.map(([field]) => [
        field,
        inside(place, field, combination.indexes[field] as number),
      ]);
      return {
        ...shot,
        id: shot.id + combination.suffix,
        variantOf: shot.id,
        fields: withoutNulls(own),
        places: Object.fromEntries(places),
      };
    });
  }
}

/** One combination of a matrix's values. */
interface Combination {
  /** Addition to the shot's id, such as `.cfg_scale-0.3`. */
  readonly suffix: string;
  readonly fields: RawFields;
  /** Number of each field's value in the matrix, from 0. */
  readonly indexes: Readonly<Record<string, number>>;
}

/** Crosses the values of a matrix; the first field changes slowest. */
function crossMatrix(matrix: Readonly<Record<string, readonly unknown[]>>): readonly Combination[] {
  let combinations: readonly Combination[] = [{ suffix: '', fields: {}, indexes: {} }];
  for (const [field, values] of Object.entries(matrix)) {
    const names = namesOf(values);
    combinations = combinations.flatMap(({ suffix, fields, indexes }) =>
      values.map((value, index) => ({
        suffix: `${suffix}.${field}-${names[index]}`,
        fields: { ...fields, [field]: value },
        indexes: { ...indexes, [field]: index },
      })),
    );
  }
  return combinations;
}

/** Names of values in an id: the values themselves if they are different and fit a file name, otherwise numbers. */
function namesOf(values: readonly unknown[]): readonly string[] {
  const texts = values.map((value) => (typeof value === 'object' ? '' : String(value)));
  const different = new Set(texts.map((text) => text.toLowerCase()));
  // Dots separate the parts of an id; the dot of a number cannot be mistaken for a separator.
  const isFit = (text: string) =>
    text.length <= LONGEST_NAME && /^([A-Za-z0-9_]+(-[A-Za-z0-9_]+)*|-?\d+\.\d+)$/.test(text);
  const areFit = different.size === texts.length && texts.every(isFit);
  return areFit ? texts : values.map((_, index) => String(index + 1));
}

/** Most submissions that a shot's fields can become: matrix × takes × segments, if the shot may be split at them. */
function countSubmissions({ takes, segments, split, matrix }: RawFields): number {
  const axes: Readonly<Record<string, readonly unknown[]>> = {
    takes: [takes],
    segments: [segments],
    split: [split],
    ...(matrix as Readonly<Record<string, readonly unknown[]>> | undefined),
  };
  const isSplit = axes.split?.includes(true) ?? false;
  const count = ([axis, values]: [string, readonly unknown[]]): number => {
    if (axis === 'takes') return sum(values, (value) => (typeof value === 'number' ? value : 1));
    if (axis === 'segments')
      return sum(values, (value) => (isSplit && Array.isArray(value) ? value.length : 1));
    return values.length;
  };
  return Object.entries(axes).reduce((product, axis) => product * count(axis), 1);
}

function sum(values: readonly unknown[], amountOf: (value: unknown) => number): number {
  return [...values].reduce<number>((total, value) => total + amountOf(value), 0);
}

function withRow(variables: Variables, row: Row | null): Variables {
  return row ? new Map([...variables, ...rowVariables(row)]) : variables;
}

/** True for an empty cell, which leaves its field out. */
function isBlank(field: string, value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '' && field !== 'negative_prompt';
}

function withoutNulls(fields: RawFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
