import { dirname } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { formatCount } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { findFfmpeg } from '../../media/ffmpeg.js';
import { inspectClip } from '../../media/inspect-clip.js';
import { inspectDirectory, stillsIn, uninspectedClips } from '../../run/clips/inspect-clips.js';
import { holdDirectory } from '../../run/directory/hold-directory.js';
import { createStatusLine } from '../../ui/status-line.js';
import { type Console, fail } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { stopOnSignals } from '../signals.js';
import { openRendered, type RenderedRun, readRendered } from './rendered-run.js';

/** Opens a run and inspects clips that no run has inspected, if possible. Prints a failure and returns its exit code. */
export async function openInspected(
  run: string,
  { flags, console }: { readonly flags: ListFlags; readonly console: Console },
): Promise<RenderedRun | ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const result = await inspectRest(opened, console);
  if (result === 'unchanged') return opened;
  if (result === 'stopped') {
    return fail(console, { exit: Exit.interrupted, message: 'stopped before all clips were inspected' });
  }
  const inspected = await readRendered(run, flags);
  return 'exit' in inspected ? fail(console, inspected) : inspected;
}

/**
 * Inspects clips that no run has inspected, such as clips without stills, or fetched on a machine without ffmpeg. Does
 * nothing in a directory that a run holds, because that run inspects its clips itself, or that cannot be written.
 */
async function inspectRest(
  { directory, manifest, list }: RenderedRun,
  console: Console,
): Promise<'changed' | 'unchanged' | 'stopped'> {
  const where = { directory, hasStill: stillsIn(directory) };
  const rest = manifest.submissions.filter((entry) => uninspectedClips(entry, where).length > 0);
  if (rest.length === 0) return 'unchanged';
  const found = await findFfmpeg({ env: console.env });
  if (!found.ok) {
    console.stderr.write(
      `shotlist: ${formatCount(rest.length, 'clip')} not inspected. ${found.message} ${found.hint}\n`,
    );
    return 'unchanged';
  }
  const line = createStatusLine(console.stderr, effects.now);
  let done = 0;
  const isStopped = await stopOnSignals(async (signal) => {
    const now = new Date(effects.now()).toISOString();
    await holdDirectory({ directory, now }, async (held) => {
      await inspectDirectory({
        directory,
        held,
        signal,
        toolVersion: version,
        keys: new Set(rest.map(({ key }) => key)),
        folder: dirname(list),
        aspect: manifest.list.aspect ?? null,
        inspect: (options) => inspectClip(found.ffmpeg.path, options),
        onInspected: () => {
          done += 1;
          line.show(`Inspecting ${formatCount(rest.length, 'clip')}: ${done} done`);
        },
      });
    });
    return signal.aborted;
  }).finally(() => line.clear());
  if (isStopped) return 'stopped';
  return done > 0 ? 'changed' : 'unchanged';
}
