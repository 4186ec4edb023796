import type { FrameRate } from '../../media/frame-rate.js';
import { audioTracks } from './fcp7-audio.js';
import { clipItem, rateOf, timecodeOf } from './fcp7-clip.js';
import type { TrackClip } from './fcp7-lanes.js';
import { type Laid, lay, type Timeline } from './timeline.js';
import { element, formatXml, type Xml } from './xml.js';

/**
 * A timeline as Final Cut Pro 7 XML (xmeml version 5), for Premiere and Resolve: media beside it by their bare names,
 * by which Resolve finds them. `name` is what the sequence is called. Pure.
 */
export function formatFcp7(timeline: Timeline, name: string): string {
  const video = lay(timeline.items, () => true);
  const sound = lay(timeline.items, ({ media }) => media.audio !== null);
  const { rate, start, length } = timeline;
  const sequence: Xml = [
    'sequence',
    { id: 'sequence-1' },
    [
      element('name', name),
      element('duration', length),
      rateOf(rate),
      timecodeOf(start, rate),
      ...gapMarkers(timeline),
      element('media', [
        element('video', [element('format', [pictureFormat(timeline)]), videoTrack(video, { sound, rate })]),
        element('audio', audioTracks({ video, sound, rate })),
      ]),
    ],
  ];
  return formatXml(['xmeml', { version: '5' }, [sequence]], 'xmeml');
}

function videoTrack(
  video: readonly Laid[],
  { sound, rate }: { readonly sound: readonly Laid[]; readonly rate: FrameRate },
): Xml {
  const clips: TrackClip[] = video.map((laid) => ({ laid, kind: 'video', channel: 1 }));
  return element('track', [
    ...clips.flatMap((clip) => clipItem(clip, { video, sound, rate })),
    element('enabled', true),
    element('locked', false),
  ]);
}

/** Resolve takes no sequence that lacks this. */
function pictureFormat({ rate, width, height }: Timeline): Xml {
  return element('samplecharacteristics', [
    rateOf(rate),
    element('width', width),
    element('height', height),
    element('anamorphic', false),
    element('pixelaspectratio', 'square'),
    element('fielddominance', 'none'),
  ]);
}

/** What is not rendered, where it would stand. */
function gapMarkers({ items }: Timeline): readonly Xml[] {
  return items.flatMap((item) =>
    item.kind === 'clip'
      ? []
      : [
          element('marker', [
            element('name', `Not rendered: ${item.id}`),
            element('comment', item.why),
            element('in', item.at),
            element('out', item.at + item.length),
          ]),
        ],
  );
}
