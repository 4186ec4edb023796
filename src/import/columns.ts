import { nearest } from '../base/text.js';

/** What a column can be. */
export type ColumnField = keyof typeof HEADERS;

/** What people write over each column, the surest word first; letter case, spaces and signs do not count. */
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

/** Every field a column can be, for `--map` and its messages. */
export const columnFields = Object.keys(HEADERS) as readonly ColumnField[];

/** Which column holds which field, and the headers that hold none. */
export interface Columns {
  readonly at: ReadonlyMap<ColumnField, number>;
  /** What a bare number of the duration column is counted in, such as `ms`; empty where its header does not say. */
  readonly unit: string;
  readonly unused: readonly string[];
}

/** Fields by the header they were said to be, from `--map prompt=Action,duration=Length`. */
export type ColumnMap = ReadonlyMap<ColumnField, string>;

/** Recognises the columns of a header row; what `map` says goes before what the words mean. */
export function findColumns(headers: readonly string[], map: ColumnMap): Columns {
  const words = headers.map(wordsOf);
  const at = new Map<ColumnField, number>();
  for (const [field, header] of map) {
    const index = indexOfHeader(headers, header);
    if (index >= 0) at.set(field, index);
  }
  for (const field of columnFields) {
    if (at.has(field) || map.has(field)) continue;
    const taken = new Set(at.values());
    const index = HEADERS[field]
      .map((known) => words.findIndex((word, column) => word === known && !taken.has(column)))
      .find((column) => column >= 0);
    if (index !== undefined) at.set(field, index);
  }
  const used = new Set(at.values());
  const unused = headers.filter((header, index) => header !== '' && !used.has(index));
  return { at, unit: unitOf(headers[at.get('duration') ?? -1] ?? ''), unused };
}

/** Where a header stands in a row, letter case and outer spaces aside; -1 when it does not. */
export function indexOfHeader(headers: readonly string[], header: string): number {
  const wanted = header.trim().toLowerCase();
  return headers.findIndex((each) => each.trim().toLowerCase() === wanted);
}

/** Reads `--map`: `field=Header` pairs, separated by commas. The message says what is wrong with it. */
export function parseColumnMap(
  pairs: readonly string[],
): ColumnMap | { readonly message: string; readonly hint: string } {
  const map = new Map<ColumnField, string>();
  // A header may hold a comma itself: a new pair begins only where a name and its `=` follow.
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
      const meant = nearest(field, columnFields);
      const hint =
        meant === undefined ? `the fields are ${columnFields.join(', ')}` : `did you mean ${meant}?`;
      return { message: `--map knows no field ${field}`, hint };
    }
    map.set(known, header);
  }
  return map;
}

/** `Shot #`, `shot_no.` and `SHOT NO` as words alone: `shot`, `shot no`, `shot no`; what is in brackets is left out. */
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
