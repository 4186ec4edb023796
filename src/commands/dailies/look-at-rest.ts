import { dirname } from 'node:path';
import { effects } from '../../base/effects.js';
import { formatCount } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { findFfmpeg } from '../../media/ffmpeg.js';
import { inspectClip } from '../../media/inspect-clip.js';
import { lookAgain } from '../../run/clips/look-again.js';
import { stillsIn, unseenClips } from '../../run/clips/look-at-clip.js';
import { holdDirectory } from '../../run/directory/hold-directory.js';
import { createStatusLine } from '../../ui/status-line.js';
import type { Console } from '../console.js';
import { stopOnSignals } from '../signals.js';
import type { RenderedRun } from './rendered-run.js';

/**
 * Before a report: looks at what no run has looked at yet, such as clips from before there were stills, or fetched where
 * there was no ffmpeg. Leaves a directory alone that a run holds, which looks itself, or that cannot be written. Returns
 * whether there may be news, or that a person has stopped it.
 */
export async function lookAtRest(run: RenderedRun, console: Console): Promise<'news' | 'none' | 'stopped'> {
  const { directory, manifest, list } = run;
  const where = { directory, hasStill: stillsIn(directory) };
  const unseen = manifest.submissions.filter((entry) => unseenClips(entry, where).length > 0);
  if (unseen.length === 0) return 'none';
  const found = await findFfmpeg({ env: console.env });
  if (!found.ok) {
    console.stderr.write(
      `shotlist: ${formatCount(unseen.length, 'clip')} not looked at. ${found.message} ${found.hint}\n`,
    );
    return 'none';
  }
  const line = createStatusLine(console.stderr, effects.now);
  let done = 0;
  const stopped = await stopOnSignals(async (signal) => {
    const now = new Date(effects.now()).toISOString();
    await holdDirectory({ directory, now }, async (held) => {
      await lookAgain({
        directory,
        held,
        signal,
        toolVersion: version,
        now: effects.now,
        keys: new Set(unseen.map(({ key }) => key)),
        folder: dirname(list),
        aspect: manifest.list.aspect ?? null,
        look: (options) => inspectClip(found.ffmpeg.path, options),
        onLooked: () => {
          done += 1;
          line.show(`Looking at ${formatCount(unseen.length, 'clip')}: ${done} done`);
        },
      });
    });
    return signal.aborted;
  }).finally(() => line.clear());
  if (stopped) return 'stopped';
  return done > 0 ? 'news' : 'none';
}
