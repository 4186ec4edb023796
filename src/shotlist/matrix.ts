/** One combination of a matrix's values, and what it adds to the shot's id. */
export interface Variant {
  /** Such as `.cfg_scale-0.3`; empty where there is no matrix. */
  readonly suffix: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Longest value that becomes part of an id as it is, characters. */
const LONGEST = 24;

/** Crosses the values of a matrix, the first field changing slowest. */
export function crossMatrix(matrix: Readonly<Record<string, readonly unknown[]>>): readonly Variant[] {
  let variants: readonly Variant[] = [{ suffix: '', fields: {} }];
  for (const [field, values] of Object.entries(matrix)) {
    const names = namesOf(values);
    variants = variants.flatMap(({ suffix, fields }) =>
      values.map((value, index) => ({
        suffix: `${suffix}.${field}-${names[index]}`,
        fields: { ...fields, [field]: value },
      })),
    );
  }
  return variants;
}

/** What each value is called in an id: itself where that makes a file name and no other is called so, else its number. */
function namesOf(values: readonly unknown[]): readonly string[] {
  const texts = values.map((value) => (typeof value === 'object' ? '' : String(value)));
  const lower = texts.map((text) => text.toLowerCase());
  const fits = (text: string) =>
    text.length <= LONGEST && /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text);
  const isFit = texts.every((text, index) => fits(text) && lower.indexOf(text.toLowerCase()) === index);
  return isFit ? texts : values.map((_, index) => String(index + 1));
}
