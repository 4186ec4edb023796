import { shellWord } from '../../base/text.js';
import { formatAge, formatBytes, formatCount } from '../../base/units.js';
import type { Copies } from '../../run/clips/last-copy.js';
import { formatTable } from '../../ui/table.js';

/** What `prune` found and did, as `--json` prints it. */
export interface PruneReport {
  readonly clips: readonly {
    /** Relative to the run directory. */
    readonly file: string;
    readonly bytes: number;
    /** UTC, ISO 8601. */
    readonly written: string;
    /** Id of the submission it was rendered for, and its key. */
    readonly id: string;
    readonly key: string;
    readonly why: string;
    readonly copies: Copies;
    readonly removed: boolean;
  }[];
  readonly leftovers: readonly { readonly file: string; readonly bytes: number; readonly removed: boolean }[];
}

const COPIES: Readonly<Record<Copies, string>> = {
  fetchable: 'can be fetched again, today',
  'last-copy': 'the last copy: the service has it no more',
  other: 'perhaps the last copy: what the service has is not certainly this clip',
  unsure: 'perhaps the last copy: the service does not answer',
};

type Sized = readonly { readonly bytes: number }[];

/** The report for people; `run` is the directory as they named it, `now` in milliseconds. */
export function formatPruned(
  { clips, leftovers }: PruneReport,
  { run, now }: { readonly run: string; readonly now: number },
): string {
  const rows = [
    ...clips.map(({ file, bytes, written, id, why, copies }) => [
      ...[file, formatBytes(bytes), formatAge((now - Date.parse(written)) / 1000)],
      ...[`${id}, ${why}`, COPIES[copies]],
    ]),
    ...leftovers.map(({ file, bytes }) => [file, formatBytes(bytes), '', 'left half written by a run', '']),
  ];
  if (rows.length === 0) return 'Nothing here that no manifest uses.\n';
  const columns = [
    { title: 'file' },
    { title: 'size', align: 'right' },
    { title: 'age', align: 'right' },
    { title: 'was' },
    { title: '' },
  ] as const;
  const table = formatTable({ columns, rows, width: Number.POSITIVE_INFINITY, color: false });
  const lines = isAnyRemoved({ clips, leftovers })
    ? doneLines(clips, leftovers)
    : nextLines({ clips, leftovers }, run);
  return `${table}\n${lines.map((line) => `${line}\n`).join('')}`;
}

function isAnyRemoved({ clips, leftovers }: PruneReport): boolean {
  return [...clips, ...leftovers].some(({ removed }) => removed);
}

function doneLines(clips: PruneReport['clips'], leftovers: PruneReport['leftovers']): string[] {
  const kept = clips.filter(({ removed }) => !removed);
  const lines = [`Removed ${sizeOf([...clips, ...leftovers].filter(({ removed }) => removed))}.`];
  if (kept.length > 0)
    lines.push(`Kept ${sizeOf(kept)}, which may be the last copies: --last-copies removes them too.`);
  return lines;
}

function nextLines({ clips, leftovers }: PruneReport, run: string): string[] {
  const easy = [...clips.filter(({ copies }) => copies === 'fetchable'), ...leftovers];
  const last = clips.filter(({ copies }) => copies !== 'fetchable');
  const command = `shotlist prune ${shellWord(run)} --yes`;
  const lines = [`${sizeOf([...clips, ...leftovers])}, which no manifest uses.`];
  if (easy.length > 0) lines.push(`To remove ${sizeOf(easy)}: ${command}`);
  if (last.length > 0) {
    lines.push(
      `${sizeOf(last)} cannot be had again without paying. To remove all the same: ${command} --last-copies`,
    );
  }
  return lines;
}

function sizeOf(files: Sized): string {
  return `${formatCount(files.length, 'file')}, ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}
