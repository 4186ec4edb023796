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

/** Time in which the steps of one save follow each other, milliseconds: editors write a file in several. */
const SAVE = 150;

/**
 * `shotlist run --watch`: at every save, checks the list and shows what would change and cost. Renders on the local provider
 * alone, so that a save never spends money.
 */
export async function watchList(file: string, flags: RunFlags, console: Console): Promise<ExitCode> {
  let before: Plan | null = null;
  let exit: ExitCode = Exit.done;
  await stopOnSignals(async (signal) => {
    for await (const _ of saves(dirname(file), signal)) {
      const checked = await checkOnce(file, { flags, console, before });
      if (checked === Exit.missing && before === null) {
        exit = Exit.missing;
        return;
      }
      if (typeof checked === 'object') before = checked;
      if (signal.aborted) break;
      console.stdout.write(`\nWatching ${visible(file)}; Ctrl-C ends it.\n`);
    }
    exit = Exit.interrupted;
  });
  return exit;
}

/** Checks the list, shows what changed, and renders if that is free; returns the plan, or the exit code of a wrong list. */
async function checkOnce(
  file: string,
  { flags, console, before }: { flags: RunFlags; console: Console; before: Plan | null },
): Promise<Plan | ExitCode> {
  const { stdout } = console;
  const opened = await openList(file, { flags, console, stream: stdout });
  if (typeof opened === 'number') return opened;
  const { plan } = opened;
  if (before) stdout.write(difference(before, plan, console));
  // Saves are not posted to a webhook.
  if (flags.provider === 'local') await runChecked(opened, { file, flags, console, hook: null });
  return plan;
}

function difference(before: Plan, after: Plan, console: Console): string {
  const diff = diffPlans({ before: before.submissions, after: after.submissions });
  const title = after.list.title ?? after.list.name;
  const screen = { width: widthOf(console.stdout), color: colorOf(console.stdout, console) };
  if (diff.differences.length === 0) {
    return `${createPaint(screen.color).dim('Saved: the clips stay as they are.')}\n`;
  }
  const ids = after.submissions.flatMap(({ model, cost }) => (cost.usd === null ? [model] : []));
  const unpriced = [...new Set(ids)].map((id) => findModel(id)?.name ?? id);
  return formatDiff({ diff, title, against: 'the last save', unpriced }, screen);
}

/** Yields when all is watched, and after each save of a file under the folder that is not written by runs. */
async function* saves(folder: string, signal: AbortSignal): AsyncGenerator<void> {
  const watcher = watch(folder, {
    ignoreInitial: true,
    ignored: (path) => isWrittenByPrograms(relative(folder, path)),
  });
  let isChanged = false;
  watcher.on('all', () => {
    isChanged = true;
  });
  try {
    await once(watcher, 'ready');
    yield;
    while (!signal.aborted) {
      await effects.sleep(SAVE, signal);
      if (!isChanged || signal.aborted) continue;
      isChanged = false;
      await effects.sleep(SAVE, signal);
      // A change in this time means that the file is still being written.
      if (!isChanged && !signal.aborted) yield;
      else isChanged = true;
    }
  } finally {
    await watcher.close();
  }
}

/** True for clips, records and manifests, and for git's own files, which change without a save. */
function isWrittenByPrograms(path: string): boolean {
  return /^(renders|rehearsals|\.git)$/.test(path.split(sep)[0] ?? '');
}
