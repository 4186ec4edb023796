import { shellWord } from '../../base/text.js';
import { formatBytes, formatCount, formatNumber } from '../../base/units.js';
import type { FileProblem } from '../../manifest/verify.js';
import type { Repaired } from '../../run/clips/repair.js';
import type { RecordProblem } from '../../run/directory/audit-records.js';
import { staleNotice } from '../../run/messages.js';
import { formatTable } from '../../ui/table.js';
import { visible } from '../../ui/visible.js';

/** A clip that is other than recorded. */
export interface Damaged extends FileProblem {
  /** Relative to the run directory. */
  readonly file: string;
  /** Id of the submission it was rendered for. */
  readonly id: string;
  readonly key: string;
  /** Whether some list's manifest uses it. */
  readonly is_used: boolean;
  /** Whether the same key was rendered again since. */
  readonly is_replaced: boolean;
}

/** What `verify` found, as `--json` prints it. */
export interface VerifyReport {
  /** Whether all is as recorded, or is so again. */
  readonly ok: boolean;
  readonly clips: number;
  readonly bytes: number;
  readonly damaged: readonly Damaged[];
  /** Rendered for a list, but not here. */
  readonly not_here: readonly { readonly id: string; readonly key: string }[];
  readonly problems: readonly RecordProblem[];
  /** Clips that no list uses, and that are not here either. */
  readonly not_needed: number;
  /** Ids of what goes on from a clip that was rendered anew since. */
  readonly stale: readonly string[];
  /** What became of each clip that was to be fetched again; null where nobody asked. */
  readonly repaired: readonly Repaired[] | null;
  readonly notes: readonly string[];
}

const ENDS: Readonly<Record<Repaired['kind'], string>> = {
  same: 'fetched again',
  other: 'fetched again; the service has other bytes by now, which are the record from here on',
  gone: 'cannot be fetched again. It is not rendered again by itself: to have it rendered, and pay again, change the shot',
  later: 'could not be fetched now; try again later',
};

/** What became of a clip, in words. */
export function repairedLine({ file, kind, message }: Repaired): string {
  return `${file}  ${message === null ? '' : `${message} It `}${ENDS[kind]}.`;
}

/** The report for people; `run` is the directory as they named it. */
export function formatReport(report: VerifyReport, { run }: { readonly run: string }): string {
  const { damaged, problems, not_here, repaired, stale, notes, not_needed } = report;
  const lines = [
    ...(repaired ?? []).map(repairedLine),
    ...problems.map(({ file, message }) => `${file}  ${message}`),
    ...notes,
  ];
  const fetched = new Set((repaired ?? []).map(({ file }) => file));
  const rows = damaged
    .filter(({ file }) => !fetched.has(file))
    .map(({ file, message, id, is_used }) => [file, message, is_used ? id : `${id}, which no list uses`]);
  const columns = ['file', 'what is there', 'shot'].map((title) => ({ title }));
  const table = formatTable({ columns, rows, width: Number.POSITIVE_INFINITY, color: false });
  const waiting = repaired === null ? not_here : [];
  lines.push(...waiting.map(({ id }) => `${id} is rendered, but its clip is not here.`));
  if (not_needed > 0) {
    lines.push(
      `${formatCount(not_needed, 'clip')} that no list uses ${not_needed === 1 ? 'is' : 'are'} not here, and not missed.`,
    );
  }
  if (stale.length > 0) lines.push(staleNotice(stale));
  lines.push(totals(report));
  if (repaired === null && damaged.length + not_here.length > 0) {
    lines.push(
      `To fetch again what the service still has, without a submission: shotlist verify ${shellWord(run)} --repair`,
    );
  }
  return table + lines.map((line) => `${visible(line)}\n`).join('');
}

function totals({ ok, clips, bytes, damaged }: VerifyReport): string {
  const all = `${formatCount(clips, 'clip')}, ${formatBytes(bytes)}`;
  if (ok) return `${all}, all as recorded.`;
  return `${all}; ${damaged.length === 0 ? 'the clips that are here are' : clips === damaged.length ? 'none of them' : `${formatNumber(clips - damaged.length)} of them`} as recorded.`;
}
