import { join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { shellWord } from '../../base/text.js';
import { formatBytes, formatCount, formatNumber } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { type FileProblem, verifyFiles } from '../../manifest/verify.js';
import { probeVideo } from '../../media/probe.js';
import type { RecordedClip } from '../../run/clips/recorded-clips.js';
import { type Repaired, repair } from '../../run/clips/repair.js';
import { auditRecords, type RecordAudit, type RecordProblem } from '../../run/directory/audit-records.js';
import { type HeldDirectory, holdDirectory, missingDirectory } from '../../run/directory/hold-directory.js';
import { staleNotice } from '../../run/messages.js';
import { CLIPS } from '../../run/records/record-file.js';
import { createStatusLine } from '../../ui/status-line.js';
import { formatTable } from '../../ui/table.js';
import { jsonText, visible } from '../../ui/visible.js';
import { type Console, type Failure, fail } from '../console.js';
import { openProviderOf } from '../service/provider.js';
import { stopOnSignals } from '../signals.js';

export interface VerifyFlags {
  readonly repair?: boolean;
  readonly json?: boolean;
  readonly takeLock?: boolean;
  readonly allowHost?: readonly string[];
}

/** A clip that is other than recorded. */
interface Damaged extends FileProblem {
  /** Relative to the run directory. */
  readonly file: string;
  /** Id of the submission that it was rendered for. */
  readonly id: string;
  readonly key: string;
  /** True if the manifest of a list uses it. */
  readonly is_used: boolean;
  /** True if the same key was rendered again since. */
  readonly is_replaced: boolean;
}

/** The findings of `verify`, as `--json` prints them. */
interface VerifyReport {
  /** True if everything is as recorded, or is so again. */
  readonly ok: boolean;
  readonly clips: number;
  readonly bytes: number;
  readonly damaged: readonly Damaged[];
  /** Rendered for a list, but not in the directory. */
  readonly not_here: readonly { readonly id: string; readonly key: string }[];
  readonly problems: readonly RecordProblem[];
  /** Clips that no list uses, and that are not in the directory either. */
  readonly not_needed: number;
  /** Clips that are not in the directory, which a person accepted. */
  readonly accepted_missing: number;
  /** Ids of submissions that are chained to a clip that was rendered again since. */
  readonly stale: readonly string[];
  /** Result for each clip that was to be fetched again; null without `--repair`. */
  readonly repaired: readonly Repaired[] | null;
  readonly notes: readonly string[];
}

interface Context {
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly flags: VerifyFlags;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** `shotlist verify`: reads every clip of a run again; with `--repair`, fetches what is missing or damaged. */
export async function verify(
  run: string,
  { flags, console }: { flags: VerifyFlags; console: Console },
): Promise<ExitCode> {
  const directory = resolve(run);
  const result = await stopOnSignals(async (signal) => {
    try {
      const context = { directory, flags, console, signal };
      return await (flags.repair ? verifyAndRepair(context) : verifyOnly(context));
    } catch (error) {
      if (!signal.aborted) throw error;
      return { exit: Exit.interrupted, message: 'stopped before every clip was read' } as const;
    }
  });
  if ('exit' in result) return fail(console, result);
  console.stdout.write(
    flags.json ? `${jsonText({ directory, ...result }, 2)}\n` : formatReport(result, { run }),
  );
  return result.ok ? Exit.done : Exit.failed;
}

async function verifyOnly(context: Context): Promise<VerifyReport | Failure> {
  const missing = await missingDirectory(context.directory);
  return missing ?? (await readClips(context))?.report ?? emptyDirectory(context.directory);
}

async function verifyAndRepair(context: Context): Promise<VerifyReport | Failure> {
  const { directory, flags } = context;
  const now = new Date(effects.now()).toISOString();
  return holdDirectory({ directory, now, takeLock: flags.takeLock }, async (held) => {
    const read = await readClips(context);
    if (!read) return emptyDirectory(directory);
    const { report, inspected } = read;
    if (inspected.isLinked) return linkedClips(directory);
    return report.ok ? report : repairClips(context, { held, report, inspected });
  });
}

/** The failure for a clip folder that is a link: its target may belong to others. */
function linkedClips(directory: string): Failure {
  const message = `${join(directory, CLIPS)} is a link, and nothing is fetched through it`;
  return { exit: Exit.cannotWrite, message, hint: 'move the clips into the run directory, then repair' };
}

function emptyDirectory(directory: string): Failure {
  const message = `there is no record of a render in ${directory}`;
  return { exit: Exit.missing, message, hint: 'name the folder that the run said at its end' };
}

/** Reads every clip; null for a directory without records. */
async function readClips(context: Context): Promise<{ report: VerifyReport; inspected: RecordAudit } | null> {
  const { directory, console, signal } = context;
  const inspected = await auditRecords(directory);
  if (!inspected) return null;
  const { clips, notFetched, problems, stale } = inspected;
  const bytes = clips.reduce((sum, clip) => sum + clip.bytes, 0);
  const line = createStatusLine(console.stderr, effects.now);
  let files = 0;
  let read = 0;
  const show = () =>
    line.show(
      `Reading ${formatCount(clips.length, 'clip')}: ${formatNumber(files)} done, ${formatBytes(read)} of ${formatBytes(bytes)}`,
    );
  const found = await verifyFiles(clips, {
    directory,
    probeVideo,
    signal,
    onFile: () => {
      files += 1;
      show();
    },
    onBytes: (count) => {
      read += count;
      show();
    },
  }).finally(() => line.clear());
  const isGone = ({ clip, problem }: (typeof found)[number]) => problem.reason === 'missing' && !clip.isUsed;
  const damaged = found.filter((one) => !isGone(one)).map(damagedOf);
  const gone = found.filter(isGone).map(({ clip }) => clip);
  const report = {
    ok: damaged.length + notFetched.length + problems.length === 0,
    clips: clips.length - gone.length,
    bytes: gone.reduce((left, clip) => left - clip.bytes, bytes),
    damaged,
    problems,
    stale,
    not_here: notFetched.map(({ key, submission }) => ({ id: submission.id, key })),
    not_needed: gone.filter((clip) => !clip.isMissingAccepted).length,
    accepted_missing: gone.filter((clip) => clip.isMissingAccepted).length,
    repaired: null,
    notes: [],
  };
  return { report, inspected };
}

function damagedOf({
  clip,
  problem,
}: {
  readonly clip: RecordedClip;
  readonly problem: { readonly reason: Damaged['reason']; readonly message: string };
}): Damaged {
  const { file, id, key, isUsed: is_used, isReplaced: is_replaced } = clip;
  return { file, id, key, is_used, is_replaced, ...problem };
}

/** Fetches missing and damaged clips again, and reports what is left. */
async function repairClips(
  { directory, flags: { allowHost }, console, signal }: Context,
  {
    held,
    report,
    inspected,
  }: { readonly held: HeldDirectory; readonly report: VerifyReport; readonly inspected: RecordAudit },
): Promise<VerifyReport | Failure> {
  const notice = (message: string) => void console.stderr.write(`${visible(message)}\n`);
  const service = held.state.service ?? '';
  const opened = await openProviderOf(service, { directory, env: console.env, allowHost, notice });
  if ('exit' in opened) return opened;
  const wrong = new Set(report.damaged.filter(({ is_replaced }) => !is_replaced).map(({ file }) => file));
  const line = createStatusLine(console.stderr, effects.now);
  const done: Repaired[] = [];
  try {
    const { stale, notes } = await repair({
      directory,
      held,
      signal,
      toolVersion: version,
      service: opened.service,
      deps: { ...effects, probeVideo },
      clips: inspected.clips.filter(({ file }) => wrong.has(file)),
      notFetched: inspected.notFetched,
      onRepaired: (one) => {
        done.push(one);
        line.show(`Fetching again: ${formatNumber(done.length)} done`);
      },
    });
    signal.throwIfAborted();
    const left = await auditRecords(directory);
    const here = new Set(done.filter(({ message }) => message === null).map(({ file }) => file));
    const damaged = report.damaged.filter(({ file }) => !here.has(file));
    const problems = left?.problems ?? report.problems;
    const not_here = (left?.notFetched ?? []).map(({ key, submission }) => ({ id: submission.id, key }));
    const ok = damaged.length + problems.length + not_here.length === 0;
    return { ...report, ok, damaged, problems, not_here, stale, notes, repaired: sorted(done) };
  } catch (error) {
    line.clear();
    // The report is lost with the error, so the clips that were fetched before are shown here.
    for (const one of sorted(done)) notice(repairedLine(one));
    throw error;
  } finally {
    line.clear();
    await opened.close();
  }
}

/** By name of the file; clips arrive in any order. */
function sorted(repaired: readonly Repaired[]): readonly Repaired[] {
  return repaired.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

/** Words for the result of a repair; each continues `It`. */
const REPAIRED: Readonly<Record<Repaired['kind'], string>> = {
  same: 'fetched again',
  copied: 'put in its place from a copy on this machine',
  other: 'fetched again; the service has other bytes now, which are recorded from here on',
  gone: 'cannot be fetched again. It is not rendered again by itself',
  later: 'could not be fetched now; try again later',
};

/** A line on one repaired clip. */
function repairedLine({ file, kind, message, ways }: Repaired): string {
  const settle = ways === null ? '' : ` To settle it: ${ways}.`;
  return `${file}  ${message === null ? '' : `${message} It `}${REPAIRED[kind]}.${settle}`;
}

/** The report for people; `run` is the directory as it was typed. */
function formatReport(report: VerifyReport, { run }: { readonly run: string }): string {
  const { damaged, problems, not_here, repaired, stale, notes, not_needed, accepted_missing } = report;
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
  if (accepted_missing > 0) {
    const are = accepted_missing === 1 ? 'is' : 'are';
    lines.push(
      `${formatCount(accepted_missing, 'clip')} ${are} not here, as accepted with shotlist resolve.`,
    );
  }
  if (stale.length > 0) lines.push(staleNotice(stale));
  lines.push(totalsLine(report));
  if (repaired === null && damaged.length + not_here.length > 0) {
    lines.push(
      `To fetch again what the service still has, without a submission: shotlist verify ${shellWord(run)} --repair`,
    );
  }
  return table + lines.map((line) => `${visible(line)}\n`).join('');
}

function totalsLine({ ok, clips, bytes, damaged }: VerifyReport): string {
  const all = `${formatCount(clips, 'clip')}, ${formatBytes(bytes)}`;
  if (ok) return `${all}, all as recorded.`;
  if (damaged.length === 0) return `${all}; the clips that are here are as recorded.`;
  const sound = clips - damaged.length;
  return `${all}; ${sound === 0 ? 'none' : formatNumber(sound)} of them as recorded.`;
}
