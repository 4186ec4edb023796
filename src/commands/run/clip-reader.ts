import { Exit } from '../../base/exit.js';
import type { MediaFacts } from '../../media/facts.js';
import { ffmpegWhenNeeded } from '../../media/ffmpeg.js';
import type { InspectOptions } from '../../media/inspect-clip.js';
import type { LastFrame, LastFrameOptions } from '../../media/last-frame.js';
import type { InspectClip } from '../../run/deps.js';
import type { Failure } from '../console.js';

/**
 * Probes clips, takes their last frames, and looks at them, with the ffmpeg of this machine, which is looked for only when
 * it is needed. What reads videos is loaded when it is needed too: it is more code than all else, and a run with nothing to
 * do goes without.
 */
export function clipReader(env: NodeJS.ProcessEnv) {
  const ffmpeg = ffmpegWhenNeeded({ env });
  return {
    /** Loads what reads videos before the first is here. */
    async load(): Promise<void> {
      await import('../../media/probe.js');
    },
    /** Why no frame can be taken, if so. */
    async obstacle(): Promise<Failure | null> {
      const found = await ffmpeg();
      if (found.ok) return null;
      const message = `the list has chained shots, which need an ffmpeg. ${found.message} Nothing was submitted.`;
      return { exit: Exit.usage, message, hint: found.hint };
    },
    async probeVideo(path: string): Promise<MediaFacts | null> {
      return (await import('../../media/probe.js')).probeVideo(path);
    },
    async lastFrame(options: LastFrameOptions): Promise<LastFrame> {
      const found = await ffmpeg();
      if (!found.ok) return { ok: false, message: found.message };
      return (await import('../../media/last-frame.js')).lastFrame(found.ffmpeg.path, options);
    },
    async look(options: InspectOptions): ReturnType<InspectClip> {
      const found = await ffmpeg();
      if (!found.ok) return { none: `${found.message} ${found.hint}` };
      return (await import('../../media/inspect-clip.js')).inspectClip(found.ffmpeg.path, options);
    },
  };
}
