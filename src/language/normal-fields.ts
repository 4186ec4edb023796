import { normalText } from '../base/text.js';

/** Fields of a shot that are one text. */
const TEXTS: ReadonlySet<string> = new Set(['prompt', 'look', 'negative_prompt', 'shot_type', 'notes']);

/** The value of a shot's field with every text in it as it is sent; paths, URLs and names stay as they are written. */
export function normalField(field: string, value: unknown): unknown {
  if (TEXTS.has(field)) return typeof value === 'string' ? normalText(value) : value;
  switch (field) {
    case 'camera':
      return mapValues(value, (_, part) => normalField('prompt', part));
    case 'segments':
      return Array.isArray(value) ? value.map((one) => mapValues(one, normalField)) : value;
    case 'matrix':
      return mapValues(value, (axis, values) =>
        Array.isArray(values) ? values.map((one) => normalField(axis, one)) : values,
      );
    case 'input':
      return normalInput(value);
    default:
      return value;
  }
}

/** A part of a model's own input with normal texts; a URL names other bytes when it is written otherwise. */
function normalInput(value: unknown): unknown {
  if (typeof value === 'string') return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : normalText(value);
  return Array.isArray(value) ? value.map(normalInput) : mapValues(value, (_, part) => normalInput(part));
}

/** A copy of a map with other values; anything else as it is. */
function mapValues(value: unknown, change: (name: string, part: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(name, part)]));
}
