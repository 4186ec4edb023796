import { type Cell, formatCsv } from '../ui/csv.js';
import type { PageData } from './page-data.js';
import { costUsd, type PageRow, pageRows } from './page-rows.js';

const COLUMNS: readonly (readonly [name: string, of: (row: PageRow) => Cell])[] = [
  ['scene', ({ scene }) => scene],
  ['scene title', ({ sceneTitle }) => sceneTitle],
  ['shot', ({ id }) => id],
  ['take', ({ take }) => take],
  ['part', ({ part }) => part],
  ['selected', ({ selected }) => (selected ? 'yes' : 'no')],
  ['approved', ({ shot }) => shot.line?.approved ?? null],
  ['state', ({ submission }) => submission.state],
  ['flags', ({ submission }) => submission.flags.join(' ')],
  ['model', ({ submission }) => submission.model],
  ['seconds asked', ({ submission }) => submission.seconds],
  ['seconds got', ({ submission }) => submission.clip?.media.duration ?? null],
  ['use from', ({ submission }) => submission.use?.[0] ?? null],
  ['use to', ({ submission }) => submission.use?.[1] ?? null],
  ['size', ({ submission: { clip } }) => clip && `${clip.media.width}x${clip.media.height}`],
  ['frames per second', ({ submission }) => submission.clip?.media.frame_rate ?? null],
  ['sound', ({ submission: { clip } }) => clip && (clip.media.audio ? 'yes' : 'no')],
  ['usd', ({ submission }) => costUsd(submission)],
  ['usd is', ({ submission: { cost } }) => (cost.actual === null ? 'estimated' : 'reported')],
  ['clip', ({ submission }) => submission.clip?.src ?? null],
  ['board', ({ submission }) => submission.board?.src ?? submission.board?.label ?? null],
  ['request id', ({ submission }) => submission.request],
  ['key', ({ submission }) => submission.key.slice(0, 8)],
  [
    'prompt',
    ({ submission }) =>
      submission.segments.length > 0
        ? submission.segments.map((one) => one.prompt).join(' / ')
        : submission.prompt,
  ],
  ['notes', ({ shot }) => shot.notes],
  ['error', ({ submission }) => submission.error],
];

/**
 * Formats the dailies as CSV for spreadsheets, one row per submission in list order. `usd` is empty if the cost is unknown.
 */
export function pageCsv(data: PageData): string {
  const rows = pageRows(data).map((row) => COLUMNS.map(([, of]) => of(row)));
  return formatCsv(
    COLUMNS.map(([name]) => name),
    rows,
  );
}
