import { join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { formatBytes, formatCount, formatNumber } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { verifyFiles } from '../../manifest/verify.js';
import { probeVideo } from '../../media/probe.js';
import { CLIPS, type RecordedClip } from '../../run/clips/recorded-clips.js';
import { type Repaired, repair } from '../../run/clips/repair.js';
import { type Inspected, inspect } from '../../run/directory/audit-records.js';
import { type HeldDirectory, holdDirectory, missingDirectory } from '../../run/directory/hold-directory.js';
import { createStatusLine } from '../../ui/status-line.js';
import { jsonText, visible } from '../../ui/visible.js';
import { type Console, type Failure, fail } from '../console.js';
import { stopOnSignals } from '../signals.js';
import { openServiceOf } from './directory-service.js';
import { type Damaged, formatReport, repairedLine, type VerifyReport } from './verify-report.js';

export interface VerifyFlags {
  readonly repair?: boolean;
  readonly json?: boolean;
  readonly takeLock?: boolean;
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
      return { exit: Exit.interrupted, message: 'stopped before all was looked at' } as const;
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
  return missing ?? (await look(context))?.report ?? nothingHere(context.directory);
}

async function verifyAndRepair(context: Context): Promise<VerifyReport | Failure> {
  const { directory, flags } = context;
  const now = new Date(effects.now()).toISOString();
  return holdDirectory({ directory, now, takeLock: flags.takeLock }, async (held) => {
    const looked = await look(context);
    if (!looked) return nothingHere(directory);
    const { report, inspected } = looked;
    if (inspected.isLinked) return behindLink(directory);
    return report.ok ? report : repaired(context, { held, report, inspected });
  });
}

/** Nothing is written to where others may keep theirs. */
function behindLink(directory: string): Failure {
  const message = `${join(directory, CLIPS)} is a link, and nothing is fetched through it`;
  return { exit: Exit.cannotWrite, message, hint: 'move the clips into the run directory, then repair' };
}

function nothingHere(directory: string): Failure {
  const message = `there is no journal and no manifest in ${directory}`;
  return { exit: Exit.missing, message, hint: 'name the folder that the run said at its end' };
}

async function look(context: Context): Promise<{ report: VerifyReport; inspected: Inspected } | null> {
  const { directory, console, signal } = context;
  const inspected = await inspect(directory, new Date(effects.now()).toISOString());
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
  const report = {
    ok: damaged.length + notFetched.length + problems.length === 0,
    clips: clips.length - found.filter(isGone).length,
    bytes,
    damaged,
    problems,
    stale,
    not_here: notFetched.map(({ key, submission }) => ({ id: submission.id, key })),
    not_needed: found.filter(isGone).length,
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

/** Fetches what it can, and reports what is left. */
async function repaired(
  { directory, console, signal }: Context,
  {
    held,
    report,
    inspected,
  }: { readonly held: HeldDirectory; readonly report: VerifyReport; readonly inspected: Inspected },
): Promise<VerifyReport | Failure> {
  const notice = (message: string) => void console.stderr.write(`${visible(message)}\n`);
  const service = held.state.service ?? '';
  const opened = await openServiceOf(service, { directory, env: console.env, notice });
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
    const left = await inspect(directory, new Date(effects.now()).toISOString());
    const here = new Set(done.filter(({ message }) => message === null).map(({ file }) => file));
    const damaged = report.damaged.filter(({ file }) => !here.has(file));
    const problems = left?.problems ?? report.problems;
    const not_here = (left?.notFetched ?? []).map(({ key, submission }) => ({ id: submission.id, key }));
    const ok = damaged.length + problems.length + not_here.length === 0;
    return { ...report, ok, damaged, problems, not_here, stale, notes, repaired: sorted(done) };
  } catch (error) {
    line.clear();
    // The failure that ends it has no room for what was fetched before.
    for (const one of sorted(done)) notice(repairedLine(one));
    throw error;
  } finally {
    line.clear();
    await opened.close();
  }
}

/** Clips are over in the order in which they arrive; people look for them by name. */
function sorted(repaired: readonly Repaired[]): readonly Repaired[] {
  return repaired.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}
