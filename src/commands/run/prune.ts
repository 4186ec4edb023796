import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { formatCount } from '../../base/units.js';
import { stillNames } from '../../media/still-names.js';
import { askForCopies, type Copies } from '../../run/clips/last-copy.js';
import { CLIPS } from '../../run/clips/recorded-clips.js';
import { type HeldDirectory, holdDirectory } from '../../run/directory/hold-directory.js';
import { readManifests } from '../../run/directory/manifests.js';
import { findUnused, type Unused, type UnusedClip } from '../../run/directory/sweep.js';
import { createStatusLine } from '../../ui/status-line.js';
import { jsonText, visible } from '../../ui/visible.js';
import { type Console, type Failure, fail } from '../console.js';
import { shownPath } from '../shown-path.js';
import { stopOnSignals } from '../signals.js';
import { openServiceOf } from './directory-service.js';
import { formatPruned, type PruneReport } from './prune-report.js';

export interface PruneFlags {
  readonly yes?: boolean;
  readonly lastCopies?: boolean;
  readonly json?: boolean;
  readonly takeLock?: boolean;
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
  if (problem || manifests.length === 0) return unsaid(directory, problem?.message ?? null);
  const all = manifests.map(({ manifest }) => manifest);
  const unused = await findUnused(directory, { fold: state.fold, manifests: all });
  const copies = await copiesOf(unused.clips, { context, service: state.service ?? '' });
  if (!Array.isArray(copies)) return copies as Failure;
  if (signal.aborted) return { exit: Exit.interrupted, message: 'stopped; nothing was removed' };
  const rows = unused.clips.map((one, index) => rowOf(one, { copies: copies[index] ?? 'unsure', flags }));
  const removed = [
    ...rows.filter((row) => row.removed).map(({ file }) => file),
    ...leftoversOf(unused, flags),
  ];
  if (removed.length > 0) await lock.assertHeld();
  const stills = removed.flatMap((file) =>
    file.startsWith(`${CLIPS}/`) ? Object.values(stillNames(file)) : [],
  );
  for (const file of [...removed, ...stills]) await rm(join(directory, file), { force: true });
  return {
    clips: rows,
    leftovers: unused.leftovers.map(({ file, bytes }) => ({ file, bytes, removed: flags.yes === true })),
  };
}

function unsaid(directory: string, problem: string | null): Failure {
  const hint = 'run the list again, which writes it';
  if (problem !== null) return { exit: Exit.invalid, message: `${problem} Nothing was removed.`, hint };
  return {
    exit: Exit.missing,
    message: `no manifest in ${shownPath(directory)} says which clips are used`,
    hint,
  };
}

/** Of a rehearsal nothing is ever lost: it is rendered again free of charge. */
async function copiesOf(
  clips: readonly UnusedClip[],
  { context, service: name }: { readonly context: Context; readonly service: string },
): Promise<readonly Copies[] | Failure> {
  if (name === 'local' || clips.length === 0) return clips.map(() => 'fetchable');
  const { directory, console, signal } = context;
  const notice = (message: string) => void console.stderr.write(`${visible(message)}\n`);
  const opened = await openServiceOf(name, { directory, env: console.env, notice });
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

function leftoversOf({ leftovers }: Unused, { yes }: PruneFlags): readonly string[] {
  return yes ? leftovers.map(({ file }) => file) : [];
}
