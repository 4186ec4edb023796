import { pictureCount } from '../../media/clip-pictures.js';
import type { AudioFacts } from '../../media/facts.js';
import { type FrameRate, frameAt, secondsAt } from '../../media/frame-rate.js';
import { roundToFrames, type WantedCard, type WantedClip } from '../film/film.js';
import type { FilmShape } from '../film/shape.js';
import type { Timecode } from './timecode.js';

/** A film for editing programs. Frames are counted at the film's rate, unless they are frames of a clip. */
export interface Timeline extends FilmShape {
  /** Name without the version. */
  readonly name: string;
  readonly start: Timecode;
  /** Clips and gaps in the order of the film. */
  readonly items: readonly TimelineItem[];
  /** Frames of the whole film. */
  readonly length: number;
}

/** A clip or a gap. */
export type TimelineItem = TimelineClip | TimelineGap;

interface PlacedItem {
  /** Id of the submission. */
  readonly id: string;
  /** First frame in the film. */
  readonly at: number;
  /** Frames, including crossfades. */
  readonly length: number;
  /** Length of the crossfade from the item before, frames. */
  readonly fade: number;
}

/** Place of a missing clip, so that later clips keep their time. */
export interface TimelineGap extends PlacedItem {
  readonly kind: 'gap';
  /** Reason, for example `not rendered yet`. */
  readonly why: string;
}

/** A clip on the timeline. */
export interface TimelineClip extends PlacedItem {
  readonly kind: 'clip';
  readonly media: TimelineMedia;
  /** First used frame, counted from the start of the clip at the film's rate. */
  readonly from: number;
  /** Used range in frames of the clip: the first, and the one after the last. */
  readonly own: readonly [number, number];
  readonly markers: readonly ClipMarker[];
  readonly scene: string | null;
  readonly take: number;
  readonly prompt: string;
  readonly notes: string | null;
}

/** A delivered file. */
export interface TimelineMedia {
  /** Name of the file, which is in the same folder as the timeline. */
  readonly file: string;
  readonly rate: FrameRate;
  /** Frames of the whole clip. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly audio: AudioFacts | null;
}

/** A marker on a clip. */
export interface ClipMarker {
  readonly kind: 'segment' | 'note';
  readonly name: string;
  readonly text: string;
  /** Frame of the clip. */
  readonly frame: number;
}

/** Source of a timeline item. */
export type TimelineSource =
  | (WantedCard & { readonly kind: 'gap'; readonly id: string; readonly why: string })
  | (WantedClip &
      Pick<TimelineClip, 'id' | 'scene' | 'take' | 'prompt' | 'notes'> & {
        readonly file: string;
        readonly audio: AudioFacts | null;
        readonly segments: readonly { readonly prompt: string; readonly seconds: number }[];
      });

/** Places clips and gaps exactly as `assemble` does. A gap is shortened by the crossfades beside it. Pure. */
export function makeTimeline(
  sources: readonly TimelineSource[],
  { name, start, ...shape }: Pick<Timeline, 'name' | 'start'> & FilmShape,
): Timeline {
  const rounded = roundToFrames(sources, shape);
  let end = 0;
  const items = sources.flatMap((source, index): readonly TimelineItem[] => {
    const frames = rounded[index];
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

/** Markers at the start of each segment, and one for the notes at the first used frame. */
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

/** A clip on one track, with the length of its crossfades there; 0 for a cut. */
export interface PlacedClip {
  readonly clip: TimelineClip;
  readonly fadeIn: number;
  readonly fadeOut: number;
}

/** Clips of one track. A crossfade needs both of its clips on the track. Pure. */
export function placeClips(
  items: readonly TimelineItem[],
  isOnTrack: (clip: TimelineClip) => boolean,
): readonly PlacedClip[] {
  const hasClip = (item: TimelineItem | undefined) => item?.kind === 'clip' && isOnTrack(item);
  return items.flatMap((item, index) => {
    if (item.kind === 'gap' || !isOnTrack(item)) return [];
    const after = items[index + 1];
    const fadeIn = hasClip(items[index - 1]) ? item.fade : 0;
    return [{ clip: item, fadeIn, fadeOut: after && hasClip(after) ? after.fade : 0 }];
  });
}
