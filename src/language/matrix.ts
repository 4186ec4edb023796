/** One combination of a matrix's values, and what it adds to the shot's id. */
export interface Variant {
  /** Such as `.cfg_scale-0.3`; empty where there is no matrix. */
  readonly suffix: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Which of a field's values it has, from 0. */
  readonly indexes: Readonly<Record<string, number>>;
}

/** Longest value that becomes part of an id as it is, characters. */
const LONGEST = 24;

/**
 * How many submissions a shot's fields come to at most, before anything is crossed: each combination of its matrix,
 * each take, and each segment where it may be split.
 */
export function countSubmissions(fields: Readonly<Record<string, unknown>>): number {
  const {
    takes = [1],
    segments = [[]],
    split = [false],
    ...others
  } = {
    ...Object.fromEntries(
      COUNTING.flatMap((name) => (fields[name] === undefined ? [] : [[name, [fields[name]]]])),
    ),
    ...(fields.matrix as Readonly<Record<string, readonly unknown[]>> | undefined),
  };
  const values = Object.values(others).reduce((product, { length }) => product * length, 1);
  const rendered = takes.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 1), 0);
  const isSplit = split.includes(true);
  const parts = segments.reduce<number>(
    (sum, value) => sum + (isSplit && Array.isArray(value) ? value.length : 1),
    0,
  );
  return values * rendered * parts * split.length;
}

const COUNTING = ['takes', 'segments', 'split'];

/** Crosses the values of a matrix, the first field changing slowest. */
export function crossMatrix(matrix: Readonly<Record<string, readonly unknown[]>>): readonly Variant[] {
  let variants: readonly Variant[] = [{ suffix: '', fields: {}, indexes: {} }];
  for (const [field, values] of Object.entries(matrix)) {
    const names = namesOf(values);
    variants = variants.flatMap(({ suffix, fields, indexes }) =>
      values.map((value, index) => ({
        suffix: `${suffix}.${field}-${names[index]}`,
        fields: { ...fields, [field]: value },
        indexes: { ...indexes, [field]: index },
      })),
    );
  }
  return variants;
}

/** What each value is called in an id: itself where that makes a file name and no other is called so, else its number. */
function namesOf(values: readonly unknown[]): readonly string[] {
  const texts = values.map((value) => (typeof value === 'object' ? '' : String(value)));
  const different = new Set(texts.map((text) => text.toLowerCase()));
  // Points part what an id is made of; only a number's cannot be taken for one of those.
  const fits = (text: string) =>
    text.length <= LONGEST && /^([A-Za-z0-9_]+(-[A-Za-z0-9_]+)*|-?\d+\.\d+)$/.test(text);
  const isFit = different.size === texts.length && texts.every(fits);
  return isFit ? texts : values.map((_, index) => String(index + 1));
}
