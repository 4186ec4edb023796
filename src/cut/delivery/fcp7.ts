import type { FrameRate } from '../../media/frame-rate.js';
import { type Timecode, timebase } from './timecode.js';
import { type Laid, lay, type Timeline, type TimelineClip, type TimelineMedia } from './timeline.js';
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

/** A rate as FCP 7 says it: 23.976 is 24 in NTSC. */
export function rateOf(rate: FrameRate): Xml {
  return element('rate', [element('timebase', timebase(rate)), element('ntsc', rate.den !== 1)]);
}

export function timecodeOf({ text, frame, isDropFrame }: Timecode, rate: FrameRate): Xml {
  return element('timecode', [
    rateOf(rate),
    element('string', text),
    element('frame', frame),
    element('displayformat', isDropFrame ? 'DF' : 'NDF'),
  ]);
}

/**
 * A clip on a track, after the crossfade that it begins with. FCP 7 says -1 for an end that a transition covers; `start` and
 * `end` are frames of the sequence, `in` and `out` of the clip's own, transitions included.
 */
export function clipItem(one: TrackClip, lanes: Lanes): readonly Xml[] {
  const { laid, kind } = one;
  const { clip, fadeIn, fadeOut } = laid;
  const { media, own } = clip;
  const item: Xml = [
    'clipitem',
    { id: itemId(one) },
    [
      element('masterclipid', `masterclip-${placeOf(laid, lanes) + 1}`),
      element('name', media.file),
      element('enabled', true),
      element('duration', media.frames),
      rateOf(media.rate),
      element('start', fadeIn > 0 ? -1 : clip.at),
      element('end', fadeOut > 0 ? -1 : clip.at + clip.length),
      element('in', own[0]),
      element('out', own[1]),
      fileOf(one, lanes),
      ...(kind === 'audio'
        ? [element('sourcetrack', [element('mediatype', 'audio'), element('trackindex', one.channel)])]
        : [...clipMarkers(clip), logging(clip)]),
      ...links(one, lanes),
    ],
  ];
  return fadeIn > 0 ? [transition(one, lanes), item] : [item];
}

function itemId({ laid, kind, channel }: Pick<TrackClip, 'laid' | 'kind' | 'channel'>): string {
  return `${kind}-${channel}-${laid.clip.id}`;
}

/** A clip's place on the picture track, from 0. */
function placeOf({ clip }: Laid, { video }: Lanes): number {
  return video.findIndex((laid) => laid.clip === clip);
}

/** Said in full by the clip's picture, and by its id wherever it is meant again. */
function fileOf({ laid, kind }: TrackClip, lanes: Lanes): Xml {
  const id = { id: `file-${placeOf(laid, lanes) + 1}` };
  return kind === 'audio' ? ['file', id, []] : ['file', id, fileFacts(laid.clip.media)];
}

function fileFacts({ file, rate, frames, width, height, audio }: TimelineMedia): readonly Xml[] {
  const pictures = [rateOf(rate), element('width', width), element('height', height)];
  const sound = audio && [
    element('samplecharacteristics', [element('depth', 16), element('samplerate', audio.sample_rate)]),
    element('channelcount', audio.channels),
  ];
  return [
    element('name', file),
    element('pathurl', file),
    rateOf(rate),
    element('duration', frames),
    timecodeOf({ text: '00:00:00:00', frame: 0, isDropFrame: false }, rate),
    element('media', [
      element('video', [
        element('samplecharacteristics', [...pictures, element('pixelaspectratio', 'square')]),
      ]),
      ...(sound ? [element('audio', sound)] : []),
    ]),
  ];
}

/** Where segments begin, and the notes: frames of the clip's own, each a point in time. */
function clipMarkers({ markers }: TimelineClip): readonly Xml[] {
  return markers.map(({ name, text, frame }) =>
    element('marker', [
      element('name', name),
      element('comment', text),
      element('in', frame),
      element('out', -1),
    ]),
  );
}

function logging({ id, scene, take, prompt, notes }: TimelineClip): Xml {
  return element('logginginfo', [
    element('description', prompt),
    element('scene', scene ?? ''),
    element('shottake', `${id}, take ${take}`),
    element('lognote', notes ?? ''),
  ]);
}

/** Picture and sound of a clip move together. */
function links({ laid }: TrackClip, { video, sound }: Lanes): readonly Xml[] {
  const channels = channelsOf(laid);
  if (channels === 0) return [];
  const link = (one: Pick<TrackClip, 'laid' | 'kind' | 'channel'>, track: readonly Laid[]) =>
    element('link', [
      element('linkclipref', itemId(one)),
      element('mediatype', one.kind),
      element('trackindex', one.channel),
      element('clipindex', track.findIndex(({ clip }) => clip === laid.clip) + 1),
      ...(one.kind === 'audio' ? [element('groupindex', 1)] : []),
    ]);
  return [
    link({ laid, kind: 'video', channel: 1 }, video),
    ...Array.from({ length: channels }, (_, index) => {
      const channel = index + 1;
      return link({ laid, kind: 'audio', channel }, onChannel(sound, channel));
    }),
  ];
}

/** The crossfade that a clip begins with. */
function transition({ laid: { clip, fadeIn }, kind }: TrackClip, { rate }: Lanes): Xml {
  const [name, id] =
    kind === 'video'
      ? ['Cross Dissolve', 'Cross Dissolve']
      : ['Cross Fade (+3dB)', 'KGAudioTransCrossFade3dB'];
  return element('transitionitem', [
    rateOf(rate),
    element('start', clip.at),
    element('end', clip.at + fadeIn),
    element('alignment', 'center'),
    element('effect', [
      element('name', name),
      element('effectid', id),
      ...(kind === 'video' ? [element('effectcategory', 'Dissolve')] : []),
      element('effecttype', 'transition'),
      element('mediatype', kind),
      ...(kind === 'video'
        ? [
            element('wipecode', 0),
            element('wipeaccuracy', 100),
            element('startratio', 0),
            element('endratio', 1),
            element('reverse', false),
          ]
        : []),
    ]),
  ]);
}

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

/** A clip as it stands on one track of a sequence. */
export interface TrackClip {
  readonly laid: Laid;
  readonly kind: 'video' | 'audio';
  /** Of the sound, from 1; 1 for pictures. */
  readonly channel: number;
}

/** The clips of a sequence by its kinds of track. */
export interface Lanes {
  readonly video: readonly Laid[];
  readonly sound: readonly Laid[];
  readonly rate: FrameRate;
}

/** Tracks of sound in FCP 7 hold one channel each; a clip of more than two gives its first two. */
export function channelsOf({ clip }: Laid): number {
  return Math.min(2, clip.media.audio?.channels ?? 0);
}

/** The clips that have a channel; a fade to one that lacks it is a cut on its track. */
export function onChannel(sound: readonly Laid[], channel: number): readonly Laid[] {
  const has = (laid: Laid | undefined) => laid !== undefined && channelsOf(laid) >= channel;
  return sound.flatMap((laid, index) => {
    if (!has(laid)) return [];
    const fadeIn = has(sound[index - 1]) ? laid.fadeIn : 0;
    return [{ ...laid, fadeIn, fadeOut: has(sound[index + 1]) ? laid.fadeOut : 0 }];
  });
}
