import { clipItem } from './fcp7-clip.js';
import { channelsOf, type Lanes, onChannel, type TrackClip } from './fcp7-lanes.js';
import { element, type Xml } from './xml.js';

/** Hertz of the sequence where no clip says. */
const SAMPLE_RATE = 48_000;

/** What `<audio>` of a sequence holds: its format and outputs, then a track for each channel; one pair for stereo. */
export function audioTracks(lanes: Lanes): readonly Xml[] {
  const { sound } = lanes;
  const channels = Math.max(0, ...sound.map(channelsOf));
  return [
    element('numOutputChannels', 2),
    element('format', [
      element('samplecharacteristics', [
        element('depth', 16),
        element('samplerate', sound[0]?.clip.media.audio?.sample_rate ?? SAMPLE_RATE),
      ]),
    ]),
    element('outputs', [
      element('group', [
        element('index', 1),
        element('numchannels', 2),
        element('downmix', 0),
        ...[1, 2].map((channel) => element('channel', [element('index', channel)])),
      ]),
    ]),
    ...Array.from({ length: channels }, (_, index) => track(index + 1, lanes)),
  ];
}

function track(channel: number, lanes: Lanes): Xml {
  const clips = onChannel(lanes.sound, channel).map((laid): TrackClip => ({ laid, kind: 'audio', channel }));
  return element('track', [
    ...clips.flatMap((clip) => clipItem(clip, lanes)),
    element('enabled', true),
    element('locked', false),
    element('outputchannelindex', channel),
  ]);
}
