import { once } from 'node:events';
import { dirname, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { findModel } from '../../models/catalog.js';
import { diffPlans } from '../../plan/diff.js';
import type { Plan } from '../../plan/plan.js';
import { formatDiff } from '../../ui/diff.js';
import { createPaint } from '../../ui/paint.js';
import { visible } from '../../ui/visible.js';
import { type Console, colorOf, widthOf } from '../console.js';
import { openList } from '../plan/check-list.js';
import { stopOnSignals } from '../signals.js';
import { type RunFlags, runChecked } from './run.js';

/** Editors write a file in several steps; what follows within this time belongs to the same save, milliseconds. */
const SAVE = 150;

/**
 * `shotlist run --watch`: at every save, checks the list and says what would change and cost. Renders on the local
 * provider alone: nothing is spent because somebody pressed save.
 */
export async function watchList(file: string, flags: RunFlags, console: Console): Promise<ExitCode> {
  let before: Plan | null = null;
  let exit: ExitCode = Exit.done;
  await stopOnSignals(async (signal) => {
    for await (const _ of saves(dirname(file), signal)) {
      const seen = await look(file, { flags, console, before });
      if (seen === Exit.missing && before === null) {
        exit = Exit.missing;
        return;
      }
      if (typeof seen === 'object') before = seen;
      if (signal.aborted) break;
      console.stdout.write(`\nWatching ${visible(file)}; Ctrl-C ends it.\n`);
    }
    exit = Exit.interrupted;
  });
  return exit;
}

/** Checks the list once and shows what it came to: its plan, or the exit code where it is wrong. */
async function look(
  file: string,
  { flags, console, before }: { flags: RunFlags; console: Console; before: Plan | null },
): Promise<Plan | ExitCode> {
  const { stdout } = console;
  const opened = await openList(file, { flags, console, stream: stdout });
  if (typeof opened === 'number') return opened;
  const { plan, chosen, catalog } = opened;
  if (before) stdout.write(difference(before, plan, console));
  // A chat need not hear of every save.
  if (flags.provider === 'local')
    await runChecked(plan, { file, chosen, catalog, flags, console, hook: null });
  return plan;
}

function difference(before: Plan, after: Plan, console: Console): string {
  const diff = diffPlans({ before: before.submissions, after: after.submissions });
  const title = after.list.title ?? after.list.name;
  if (diff.differences.length === 0) {
    return `${createPaint(colorOf(console.stdout, console)).dim('Saved: the clips stay as they are.')}\n`;
  }
  const ids = after.submissions.flatMap(({ model, cost }) => (cost.usd === null ? [model] : []));
  const unpriced = [...new Set(ids)].map((id) => findModel(id)?.name ?? id);
  const screen = { width: widthOf(console.stdout), color: colorOf(console.stdout, console) };
  return formatDiff({ diff, title, against: 'the last save', unpriced }, screen);
}

/** One item for each save of anything under the folder but what runs write there; the first when all is watched. */
async function* saves(folder: string, signal: AbortSignal): AsyncGenerator<void> {
  const watcher = watch(folder, {
    ignoreInitial: true,
    ignored: (path) => isOurs(relative(folder, path)),
  });
  let heard = false;
  watcher.on('all', () => {
    heard = true;
  });
  try {
    await once(watcher, 'ready');
    yield;
    while (!signal.aborted) {
      await effects.sleep(SAVE, signal);
      if (!heard || signal.aborted) continue;
      heard = false;
      await effects.sleep(SAVE, signal);
      // Still being written: the next time round.
      if (!heard && !signal.aborted) yield;
      else heard = true;
    }
  } finally {
    await watcher.close();
  }
}

/** Clips, journals and manifests, and git's own files, change while nobody saves anything. */
function isOurs(filename: string): boolean {
  return /^(renders|rehearsals|\.git)$/.test(filename.split(sep)[0] ?? '');
}
