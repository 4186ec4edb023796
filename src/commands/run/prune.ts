import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { shellWord } from '../../base/text.js';
import { formatAge, formatBytes, formatCount } from '../../base/units.js';
import { stillNames } from '../../media/still-names.js';
import { askForCopies, type Copies } from '../../run/clips/last-copy.js';
import { type HeldDirectory, holdDirectory } from '../../run/directory/hold-directory.js';
import { readManifests } from '../../run/directory/manifests.js';
import { findUnused, type UnusedClip } from '../../run/directory/sweep.js';
import { CLIPS } from '../../run/records/record-file.js';
import { createStatusLine } from '../../ui/status-line.js';
import { formatTable } from '../../ui/table.js';
import { jsonText, visible } from '../../ui/visible.js';
import { type Console, type Failure, fail, shownPath } from '../console.js';
import { openProviderOf } from '../service/provider.js';
import { stopOnSignals } from '../signals.js';

export interface PruneFlags {
  readonly yes?: boolean;
  readonly lastCopies?: boolean;
  readonly json?: boolean;
  readonly takeLock?: boolean;
  readonly allowHost?: readonly string[];
}

/** Findings of `prune`, and its removals, as `--json` prints it. */
interface PruneReport {
  readonly clips: readonly {
    /** Relative to the run directory. */
    readonly file: string;
    readonly bytes: number;
    /** UTC, ISO 8601. */
    readonly written: string;
    /** Id of the submission that it was rendered for, and its key. */
    readonly id: string;
    readonly key: string;
    readonly why: string;
    readonly copies: Copies;
    readonly removed: boolean;
  }[];
  readonly leftovers: readonly { readonly file: string; readonly bytes: number; readonly removed: boolean }[];
}

interface Context {
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly flags: PruneFlags;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** `shotlist prune`: lists clips that no manifest uses; with `--yes` removes those that could be fetched again. */
export async function prune(
  run: string,
  { flags, console }: { flags: PruneFlags; console: Console },
): Promise<ExitCode> {
  const directory = resolve(run);
  const now = new Date(effects.now()).toISOString();
  const result = await stopOnSignals((signal) =>
    holdDirectory({ directory, now, takeLock: flags.takeLock }, (held) =>
      pruneHeld(held, { directory, flags, console, signal }),
    ),
  );
  if ('exit' in result) return fail(console, result);
  console.stdout.write(
    flags.json
      ? `${jsonText({ directory, ...result }, 2)}\n`
      : formatPruned(result, { run, now: effects.now() }),
  );
  return Exit.done;
}

async function pruneHeld({ state, lock }: HeldDirectory, context: Context): Promise<PruneReport | Failure> {
  const { directory, flags, signal } = context;
  const { manifests, problems } = await readManifests(directory);
  const [problem] = problems;
  if (problem || manifests.length === 0) return unknownUse(directory, problem?.message ?? null);
  const all = manifests.map(({ manifest }) => manifest);
  const unused = await findUnused(directory, { keyStates: state.keyStates, manifests: all });
  const copies = await copiesOf(unused.clips, { context, service: state.service ?? '' });
  if (!Array.isArray(copies)) return copies as Failure;
  if (signal.aborted) return { exit: Exit.interrupted, message: 'stopped; nothing was removed' };
  const clips = unused.clips.map((one, index) => rowOf(one, { copies: copies[index] ?? 'unsure', flags }));
  const leftovers = unused.leftovers.map(({ file, bytes }) => ({ file, bytes, removed: flags.yes === true }));
  const removed = [...clips, ...leftovers].filter((row) => row.removed).map(({ file }) => file);
  if (removed.length > 0) await lock.assertHeld();
  const stills = removed.flatMap((file) =>
    file.startsWith(`${CLIPS}/`) ? Object.values(stillNames(file)) : [],
  );
  for (const file of [...removed, ...stills]) await rm(join(directory, file), { force: true });
  return { clips, leftovers };
}

/** The failure for a directory whose manifests do not say which clips are used. */
function unknownUse(directory: string, problem: string | null): Failure {
  const hint = 'run the list again, which writes it';
  if (problem !== null) return { exit: Exit.invalid, message: `${problem} Nothing was removed.`, hint };
  return {
    exit: Exit.missing,
    message: `no manifest in ${shownPath(directory)} says which clips are used`,
    hint,
  };
}

/** Asks the service whether it still has each clip. A rehearsal is rendered again free of charge. */
async function copiesOf(
  clips: readonly UnusedClip[],
  { context, service: name }: { readonly context: Context; readonly service: string },
): Promise<readonly Copies[] | Failure> {
  if (name === 'local' || clips.length === 0) return clips.map(() => 'fetchable');
  const { directory, flags, console, signal } = context;
  const { allowHost } = flags;
  const notice = (message: string) => void console.stderr.write(`${visible(message)}\n`);
  const opened = await openProviderOf(name, { directory, env: console.env, allowHost, notice });
  if ('exit' in opened) return opened;
  const line = createStatusLine(console.stderr, effects.now);
  let asked = 0;
  try {
    return await askForCopies(
      clips.map(({ clip }) => clip),
      {
        service: opened.service,
        deps: effects,
        signal,
        onAsked: () => {
          asked += 1;
          line.show(`Asking the service about ${formatCount(clips.length, 'clip')}: ${asked} done`);
        },
      },
    );
  } finally {
    line.clear();
    await opened.close();
  }
}

function rowOf(
  { file, bytes, at, why, clip }: UnusedClip,
  { copies, flags }: { readonly copies: Copies; readonly flags: PruneFlags },
): PruneReport['clips'][number] {
  const removed = flags.yes === true && (copies === 'fetchable' || flags.lastCopies === true);
  return {
    file,
    bytes,
    why,
    copies,
    removed,
    id: clip.id,
    key: clip.key,
    written: new Date(at).toISOString(),
  };
}

const COPIES: Readonly<Record<Copies, string>> = {
  fetchable: 'can be fetched again, today',
  'last-copy': 'the last copy: the service has it no more',
  other: 'perhaps the last copy: what the service has is not certainly this clip',
  unsure: 'perhaps the last copy: the service does not answer',
};

/** The report for people; `run` is the directory as it was typed, `now` in milliseconds. */
function formatPruned(
  { clips, leftovers }: PruneReport,
  { run, now }: { readonly run: string; readonly now: number },
): string {
  const rows = [
    ...clips.map(({ file, bytes, written, id, why, copies }) => [
      file,
      formatBytes(bytes),
      formatAge((now - Date.parse(written)) / 1000),
      `${id}, ${why}`,
      COPIES[copies],
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

function sizeOf(files: readonly { readonly bytes: number }[]): string {
  return `${formatCount(files.length, 'file')}, ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}
