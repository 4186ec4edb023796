import { pictureCount } from '../../media/clip-pictures.js';
import type { AudioFacts } from '../../media/facts.js';
import { type FrameRate, frameAt, secondsAt } from '../../media/frame-rate.js';
import { takeFrames, type WantedCard, type WantedClip } from '../film/film.js';
import type { FilmShape } from '../film/shape.js';
import type { Timecode } from './timecode.js';

/** A film as editing programs take it. Frames are the film's, unless they are called a clip's own. */
export interface Timeline extends FilmShape {
  /** Without its version. */
  readonly name: string;
  readonly start: Timecode;
  /** In the order of the film. */
  readonly items: readonly TimelineItem[];
  /** Frames in all. */
  readonly length: number;
}

export type TimelineItem = TimelineClip | TimelineGap;

interface Placed {
  /** The submission's id. */
  readonly id: string;
  /** The frame of the film that it begins with. */
  readonly at: number;
  /** Frames, what overlaps its neighbours included. */
  readonly length: number;
  /** How long it crossfades from the item before. */
  readonly fade: number;
}

/** What stands for a clip that is not here, so that those after it keep their time. */
export interface TimelineGap extends Placed {
  readonly kind: 'gap';
  /** In words: `not rendered yet`. */
  readonly why: string;
}

export interface TimelineClip extends Placed {
  readonly kind: 'clip';
  readonly media: TimelineMedia;
  /** First frame that is used, at the film's rate from the clip's beginning. */
  readonly from: number;
  /** What is used in the clip's own frames: the first, and the one after the last. */
  readonly own: readonly [number, number];
  readonly markers: readonly ClipMarker[];
  readonly scene: string | null;
  readonly take: number;
  readonly prompt: string;
  readonly notes: string | null;
}

/** A delivered file. */
export interface TimelineMedia {
  /** Beside the timeline. */
  readonly file: string;
  readonly rate: FrameRate;
  /** All of its frames. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly audio: AudioFacts | null;
}

export interface ClipMarker {
  readonly kind: 'segment' | 'note';
  readonly name: string;
  readonly text: string;
  /** A frame of the clip's own. */
  readonly frame: number;
}

/** What a timeline is made of. */
export type TimelineSource =
  | (WantedCard & { readonly kind: 'gap'; readonly id: string; readonly why: string })
  | (WantedClip &
      Pick<TimelineClip, 'id' | 'scene' | 'take' | 'prompt' | 'notes'> & {
        readonly file: string;
        readonly audio: AudioFacts | null;
        readonly segments: readonly { readonly prompt: string; readonly seconds: number }[];
      });

/** Places what follows each other as `assemble` does, to the frame; a gap gives up what would fade from or to it. Pure. */
export function makeTimeline(
  sources: readonly TimelineSource[],
  { name, start, ...shape }: Pick<Timeline, 'name' | 'start'> & FilmShape,
): Timeline {
  const taken = takeFrames(sources, shape);
  let end = 0;
  const items = sources.flatMap((source, index): readonly TimelineItem[] => {
    const frames = taken[index];
    if (!frames) return [];
    const at = end - frames.fade;
    end = at + frames.to - frames.from;
    if (source.kind === 'clip') return [clipOf(source, { at, shape, ...frames })];
    const { id, why } = source;
    return [{ kind: 'gap', id, why, at, length: end - at, fade: 0 }];
  });
  return { name, start, ...shape, items, length: end };
}

function clipOf(
  source: Extract<TimelineSource, { kind: 'clip' }>,
  place: {
    readonly at: number;
    readonly from: number;
    readonly to: number;
    readonly fade: number;
    readonly shape: FilmShape;
  },
): TimelineClip {
  const { id, scene, take, prompt, notes, file, pictures, audio } = source;
  const { at, from, to, fade, shape } = place;
  const { rate, width, height } = pictures;
  const frames = pictures.isEven ? pictureCount(pictures) : Math.max(1, frameAt(pictures.seconds, rate));
  const inOwn = (frame: number) => Math.min(frames, frameAt(secondsAt(frame, shape.rate), rate));
  const first = Math.min(inOwn(from), frames - 1);
  return {
    kind: 'clip',
    id,
    scene,
    take,
    prompt,
    notes,
    at,
    from,
    fade,
    length: to - from,
    own: [first, Math.max(first + 1, inOwn(to))],
    media: { file, rate, frames, width, height, audio },
    markers: markersOf(source, { first, frames }),
  };
}

/** A marker where each segment begins, and one for the notes where the clip's use does. */
function markersOf(
  { notes, segments, pictures }: Extract<TimelineSource, { kind: 'clip' }>,
  { first, frames }: { readonly first: number; readonly frames: number },
): readonly ClipMarker[] {
  const markers: ClipMarker[] = [];
  let seconds = 0;
  for (const [index, segment] of segments.entries()) {
    const frame = frameAt(seconds, pictures.rate);
    seconds += segment.seconds;
    if (frame < frames)
      markers.push({ kind: 'segment', name: `Segment ${index + 1}`, text: segment.prompt, frame });
  }
  if (notes !== null) markers.push({ kind: 'note', name: 'Note', text: notes, frame: first });
  return markers;
}

/** A clip on a track, and whether it fades from and to its neighbours there; 0 for a cut. */
export interface Laid {
  readonly clip: TimelineClip;
  readonly fadeIn: number;
  readonly fadeOut: number;
}

/** The clips of one track. A crossfade needs both its clips there. Pure. */
export function lay(
  items: readonly TimelineItem[],
  isThere: (clip: TimelineClip) => boolean,
): readonly Laid[] {
  const onTrack = (item: TimelineItem | undefined) => item?.kind === 'clip' && isThere(item);
  return items.flatMap((item, index) => {
    if (item.kind === 'gap' || !isThere(item)) return [];
    const after = items[index + 1];
    const fadeIn = onTrack(items[index - 1]) ? item.fade : 0;
    return [{ clip: item, fadeIn, fadeOut: after && onTrack(after) ? after.fade : 0 }];
  });
}
