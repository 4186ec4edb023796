import { type Cell, formatCsv } from '../ui/csv.js';
import type { PageData } from './page-data.js';
import { type PageRow, pageRows, usdOf } from './page-rows.js';

const COLUMNS: readonly (readonly [name: string, of: (row: PageRow) => Cell])[] = [
  ['scene', ({ scene }) => scene],
  ['scene title', ({ sceneTitle }) => sceneTitle],
  ['shot', ({ id }) => id],
  ['take', ({ take }) => take],
  ['part', ({ part }) => part],
  ['selected', ({ selected }) => (selected ? 'yes' : 'no')],
  ['approved', ({ shot }) => shot.line?.approved ?? null],
  ['state', ({ of }) => of.state],
  ['flags', ({ of }) => of.flags.join(' ')],
  ['model', ({ of }) => of.model],
  ['seconds asked', ({ of }) => of.seconds],
  ['seconds got', ({ of }) => of.clip?.media.duration ?? null],
  ['use from', ({ of }) => of.use?.[0] ?? null],
  ['use to', ({ of }) => of.use?.[1] ?? null],
  ['size', ({ of: { clip } }) => clip && `${clip.media.width}x${clip.media.height}`],
  ['frames per second', ({ of }) => of.clip?.media.frame_rate ?? null],
  ['sound', ({ of: { clip } }) => clip && (clip.media.audio ? 'yes' : 'no')],
  ['usd', ({ of }) => usdOf(of)],
  ['usd is', ({ of: { cost } }) => (cost.actual === null ? 'estimated' : 'reported')],
  ['clip', ({ of }) => of.clip?.src ?? null],
  ['board', ({ of }) => of.board?.src ?? of.board?.label ?? null],
  ['request id', ({ of }) => of.request],
  ['key', ({ of }) => of.key.slice(0, 8)],
  [
    'prompt',
    ({ of }) => (of.segments.length > 0 ? of.segments.map((one) => one.prompt).join(' / ') : of.prompt),
  ],
  ['notes', ({ shot }) => shot.notes],
  ['error', ({ of }) => of.error],
];

/**
 * The dailies as a shot list for spreadsheets, a row per submission in list order. `usd` is empty where nobody knows it.
 * Clips and boards are addressed as `data` addresses them.
 */
export function pageCsv(data: PageData): string {
  const rows = pageRows(data).map((row) => COLUMNS.map(([, of]) => of(row)));
  return formatCsv(
    COLUMNS.map(([name]) => name),
    rows,
  );
}
