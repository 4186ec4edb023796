import type { Json } from '../../base/json.js';
import { type FrameRate, perSecond } from '../../media/frame-rate.js';
import {
  type PlacedClip,
  placeClips,
  type Timeline,
  type TimelineClip,
  type TimelineGap,
} from './timeline.js';

/**
 * Formats a timeline as OpenTimelineIO (`.otio`), for Resolve: a picture track, and a sound track if a clip has sound. The
 * media are beside the file and have bare names. Source ranges are in frames of the film; available ranges are in frames of
 * the clip. Pure.
 */
export function formatOtio(timeline: Timeline, name: string): string {
  const { rate, start, items } = timeline;
  const sound = placeClips(items, ({ media }) => media.audio !== null);
  const tracks = [
    trackOf('Video', { timeline, placed: placeClips(items, () => true) }),
    ...(sound.length > 0 ? [trackOf('Audio', { timeline, placed: sound })] : []),
  ];
  const document = {
    OTIO_SCHEMA: 'Timeline.1',
    name,
    metadata: {},
    global_start_time: time(start.frame, rate),
    tracks: { ...composition('Stack.1', 'tracks'), children: tracks },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function trackOf(
  kind: 'Video' | 'Audio',
  { timeline, placed }: { readonly timeline: Timeline; readonly placed: readonly PlacedClip[] },
): Json {
  const { rate, length, items } = timeline;
  const gaps = kind === 'Video' ? items.filter((item) => item.kind === 'gap') : [];
  const children: Json[] = [];
  let end = 0;
  const fill = (to: number) => {
    for (const gap of gaps.filter(({ at }) => at >= end && at < to)) {
      children.push(gapOf(gap.length, { rate, gap }));
      end = gap.at + gap.length;
    }
    if (to > end) children.push(gapOf(to - end, { rate }));
    end = to;
  };
  for (const one of placed) {
    const { from, to } = cutRange(one);
    fill(from);
    if (one.fadeIn > 0) children.push(dissolve(one.fadeIn, rate));
    children.push(clipOf(one, { rate, kind, group: items.indexOf(one.clip) + 1 }));
    end = to;
  }
  fill(length);
  return { ...composition('Track.1', kind === 'Video' ? 'V1' : 'A1'), kind, children };
}

/** Frames of a crossfade before its cut. OTIO divides a crossfade at the cut; the part after it may be a frame longer. */
function beforeCut(fade: number): number {
  return Math.floor(fade / 2);
}

/** Range of a clip from cut to cut. In OTIO, clips end in the middle of a crossfade. */
function cutRange({ clip, fadeIn, fadeOut }: PlacedClip): { readonly from: number; readonly to: number } {
  const to = clip.at + clip.length - (fadeOut - beforeCut(fadeOut));
  return { from: clip.at + beforeCut(fadeIn), to };
}

function clipOf(
  placed: PlacedClip,
  {
    rate,
    kind,
    group,
  }: { readonly rate: FrameRate; readonly kind: 'Video' | 'Audio'; readonly group: number },
): Json {
  const { clip } = placed;
  const { media, id, scene, take, prompt, notes } = clip;
  const { from, to } = cutRange(placed);
  return {
    ...composition('Clip.2', media.file.replace(/\.[^.]*$/, '')),
    metadata: {
      shotlist: { id, scene, take, prompt, notes },
      // Resolve moves clips with the same id together.
      Resolve_OTIO: { 'Link Group ID': group },
    },
    source_range: range(clip.from + from - clip.at, { length: to - from, rate }),
    markers: kind === 'Video' ? markersOf(clip) : [],
    media_references: {
      DEFAULT_MEDIA: {
        OTIO_SCHEMA: 'ExternalReference.1',
        name: media.file,
        metadata: {},
        target_url: media.file,
        available_range: range(0, { length: media.frames, rate: media.rate }),
        available_image_bounds: null,
      },
    },
    active_media_reference_key: 'DEFAULT_MEDIA',
  };
}

function markersOf({ markers, media }: TimelineClip): Json {
  return markers.map(({ kind, name, text, frame }) =>
    marker(name, {
      text,
      color: kind === 'note' ? 'YELLOW' : 'BLUE',
      range: range(frame, { length: 1, rate: media.rate }),
    }),
  );
}

function gapOf(
  length: number,
  { rate, gap }: { readonly rate: FrameRate; readonly gap?: TimelineGap },
): Json {
  const marked = range(0, { length, rate });
  const name = gap ? `Not rendered: ${gap.id}` : '';
  return {
    ...composition('Gap.1', name),
    source_range: marked,
    markers: gap ? [marker(name, { text: gap.why, color: 'RED', range: marked })] : [],
  };
}

function dissolve(fade: number, rate: FrameRate): Json {
  return {
    OTIO_SCHEMA: 'Transition.1',
    name: 'Cross Dissolve',
    metadata: {},
    transition_type: 'SMPTE_Dissolve',
    in_offset: time(beforeCut(fade), rate),
    out_offset: time(fade - beforeCut(fade), rate),
  };
}

function marker(
  name: string,
  { text, color, range }: { readonly text: string; readonly color: string; readonly range: Json },
): Json {
  return { OTIO_SCHEMA: 'Marker.2', name, metadata: {}, comment: text, color, marked_range: range };
}

function composition(schema: string, name: string): { readonly [name: string]: Json } {
  return {
    OTIO_SCHEMA: schema,
    name,
    metadata: {},
    source_range: null,
    effects: [],
    markers: [],
    enabled: true,
  };
}

function range(from: number, { length, rate }: { readonly length: number; readonly rate: FrameRate }): Json {
  return { OTIO_SCHEMA: 'TimeRange.1', start_time: time(from, rate), duration: time(length, rate) };
}

function time(frame: number, rate: FrameRate): Json {
  return { OTIO_SCHEMA: 'RationalTime.1', value: frame, rate: perSecond(rate) };
}
