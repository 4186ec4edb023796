import { dirname } from 'node:path';
import { effects } from '../../base/effects.js';
import { formatCount } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { findFfmpeg } from '../../media/ffmpeg.js';
import { inspectClip } from '../../media/inspect-clip.js';
import { inspectDirectory, stillsIn, uninspectedClips } from '../../run/clips/inspect-clips.js';
import { holdDirectory } from '../../run/directory/hold-directory.js';
import { createStatusLine } from '../../ui/status-line.js';
import type { Console } from '../console.js';
import { stopOnSignals } from '../signals.js';
import type { RenderedRun } from './rendered-run.js';

/**
 * Inspects, before a report, the clips that no run has inspected, such as clips that were fetched without an ffmpeg.
 * Leaves a directory alone that a run holds or that cannot be written. Returns `changed` if the manifest may have
 * changed.
 */
export async function inspectRest(
  run: RenderedRun,
  console: Console,
): Promise<'changed' | 'same' | 'stopped'> {
  const { directory, manifest, list } = run;
  const where = { directory, hasStill: stillsIn(directory) };
  const rest = manifest.submissions.filter((entry) => uninspectedClips(entry, where).length > 0);
  if (rest.length === 0) return 'same';
  const found = await findFfmpeg({ env: console.env });
  if (!found.ok) {
    console.stderr.write(
      `shotlist: ${formatCount(rest.length, 'clip')} not inspected. ${found.message} ${found.hint}\n`,
    );
    return 'same';
  }
  const line = createStatusLine(console.stderr, effects.now);
  let done = 0;
  const stopped = await stopOnSignals(async (signal) => {
    const now = new Date(effects.now()).toISOString();
    await holdDirectory({ directory, now }, async (held) => {
      await inspectDirectory({
        directory,
        held,
        signal,
        toolVersion: version,
        now: effects.now,
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
  if (stopped) return 'stopped';
  return done > 0 ? 'changed' : 'same';
}
