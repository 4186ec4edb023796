import { nearestWord, normalText } from '../base/text.js';

/** Field of a shot that a column can hold. */
export type ColumnField = keyof typeof HEADERS;

/** Headers that people write over each field's column, the surest first; letter case and punctuation do not count. */
const HEADERS = {
  id: [
    'shot id',
    'id',
    'shot',
    'shot no',
    'shot number',
    'shot name',
    'setup',
    'panel',
    'cut',
    'sku',
    'name',
    'frame',
    'no',
    'number',
  ],
  scene: ['scene', 'scene no', 'scene number', 'sc', 'sequence', 'seq'],
  prompt: [
    'prompt',
    'action',
    'shot description',
    'description',
    'desc',
    'visual',
    'visuals',
    'content',
    'what happens',
    'subject',
  ],
  dialogue: ['dialogue', 'dialog', 'line', 'lines', 'speech', 'voiceover', 'voice over', 'vo', 'script'],
  start_image: [
    'start image',
    'start frame',
    'first frame',
    'image',
    'board',
    'storyboard',
    'picture',
    'image file',
    'filename',
    'file name',
    'file',
    'path',
    'image url',
    'url',
    'thumbnail',
  ],
  end_image: ['end image', 'end frame', 'last frame'],
  duration: [
    'duration',
    'length',
    'seconds',
    'secs',
    'sec',
    'est time',
    'estimated time',
    'screen time',
    'runtime',
    'time',
    'timing',
    'dur',
    'trt',
  ],
  size: ['size', 'shot size', 'framing'],
  angle: ['angle', 'camera angle', 'shot type', 'type'],
  move: ['movement', 'camera movement', 'camera move', 'move', 'motion', 'camera'],
  lens: ['lens', 'focal length'],
  model: ['model'],
  notes: ['notes', 'note', 'comments', 'comment', 'remarks'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Names of all fields, for `--map` and its messages. */
export const columnFields = Object.keys(HEADERS) as readonly ColumnField[];

/** Columns of a table. */
export interface Columns {
  /** Index of each field's column. */
  readonly indexes: ReadonlyMap<ColumnField, number>;
  /** Unit of bare numbers in the duration column, such as `ms`; empty if its header does not say. */
  readonly unit: string;
  /** Headers of the columns that hold no field. */
  readonly unused: readonly string[];
}

/** Header of each field, from `--map prompt=Action,duration=Length`. */
export type ColumnMap = ReadonlyMap<ColumnField, string>;

/** Recognises the columns of a header row; `map` wins over the known headers. */
export function findColumns(headers: readonly string[], map: ColumnMap): Columns {
  const words = headers.map(wordsOf);
  const indexes = new Map<ColumnField, number>();
  for (const [field, header] of map) {
    const index = indexOfHeader(headers, header);
    if (index >= 0) indexes.set(field, index);
  }
  for (const field of columnFields) {
    if (indexes.has(field) || map.has(field)) continue;
    const taken = new Set(indexes.values());
    const index = HEADERS[field]
      .map((known) => words.findIndex((word, column) => word === known && !taken.has(column)))
      .find((column) => column >= 0);
    if (index !== undefined) indexes.set(field, index);
  }
  const used = new Set(indexes.values());
  const unused = headers.filter((header, index) => header !== '' && !used.has(index));
  return { indexes, unit: unitOf(headers[indexes.get('duration') ?? -1] ?? ''), unused };
}

/** Index of a header in a row, -1 if it is not there; letter case and outer spaces do not count. */
export function indexOfHeader(headers: readonly string[], header: string): number {
  const wanted = normalText(header).toLowerCase();
  return headers.findIndex((each) => normalText(each).toLowerCase() === wanted);
}

/** Parses `--map`: `field=Header` pairs, separated by commas. A message says what is wrong. */
export function parseColumnMap(
  pairs: readonly string[],
): ColumnMap | { readonly message: string; readonly hint: string } {
  const map = new Map<ColumnField, string>();
  // A header may hold a comma: a new pair begins only before a name and its `=`.
  for (const pair of pairs.flatMap((each) => each.split(/,(?=\s*[a-z_]+=)/))) {
    const [, field = '', header = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(pair) ?? [];
    if (field === '' || header === '') {
      return {
        message: `--map takes field=Header, not ${pair.trim()}`,
        hint: 'such as --map prompt=Action,duration=Length',
      };
    }
    const known = columnFields.find((each) => each === field);
    if (known === undefined) {
      const meant = nearestWord(field, columnFields);
      const hint =
        meant === undefined ? `the fields are ${columnFields.join(', ')}` : `did you mean ${meant}?`;
      return { message: `--map knows no field ${field}`, hint };
    }
    map.set(known, header);
  }
  return map;
}

/** A header in lower-case words without punctuation and brackets: `shot_no. (old)` becomes `shot no`. */
function wordsOf(header: string): string {
  return header
    .toLowerCase()
    .replace(/\(.*?\)|\[.*?\]/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function unitOf(header: string): string {
  return /[([_\s](ms|msec|milliseconds|min|mins|minutes)[)\]]?\s*$/i.exec(header)?.[1]?.toLowerCase() ?? '';
}
