import type { FrameRate } from '../../media/frame-rate.js';
import { type Timecode, timebase } from './timecode.js';
import {
  type PlacedClip,
  placeClips,
  type Timeline,
  type TimelineClip,
  type TimelineMedia,
} from './timeline.js';

/** Sample rate of a sequence without sound, hertz. */
const SAMPLE_RATE = 48_000;

/** A clip on one track of the sequence. */
interface TrackClip {
  readonly placed: PlacedClip;
  readonly kind: 'video' | 'audio';
  /** Channel of the sound, from 1; 1 for pictures. */
  readonly channel: number;
}

/** Clips of the sequence, by kind of track. */
interface Tracks {
  readonly video: readonly PlacedClip[];
  readonly sound: readonly PlacedClip[];
  readonly rate: FrameRate;
}

/**
 * Formats a timeline as Final Cut Pro 7 XML (xmeml version 5), for Premiere and Resolve. The media are beside the file and
 * have bare names, which Resolve needs to find them. `name` is the name of the sequence. Pure.
 */
export function formatFcp7(timeline: Timeline, name: string): string {
  const video = placeClips(timeline.items, () => true);
  const sound = placeClips(timeline.items, ({ media }) => media.audio !== null);
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
  video: readonly PlacedClip[],
  { sound, rate }: { readonly sound: readonly PlacedClip[]; readonly rate: FrameRate },
): Xml {
  const clips: TrackClip[] = video.map((placed) => ({ placed, kind: 'video', channel: 1 }));
  return element('track', [
    ...clips.flatMap((clip) => clipItem(clip, { video, sound, rate })),
    element('enabled', true),
    element('locked', false),
  ]);
}

/** Format of the pictures; Resolve rejects a sequence without it. */
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

/** Markers at the gaps. */
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

/** Frame rate in FCP 7: 23.976 is 24 with NTSC. */
function rateOf(rate: FrameRate): Xml {
  return element('rate', [element('timebase', timebase(rate)), element('ntsc', rate.den !== 1)]);
}

function timecodeOf({ text, frame, isDropFrame }: Timecode, rate: FrameRate): Xml {
  return element('timecode', [
    rateOf(rate),
    element('string', text),
    element('frame', frame),
    element('displayformat', isDropFrame ? 'DF' : 'NDF'),
  ]);
}

/**
 * A clip on a track, after the crossfade at its start. An end covered by a transition is -1. `start` and `end` are frames of
 * the sequence; `in` and `out` are frames of the clip and include transitions.
 */
function clipItem(one: TrackClip, tracks: Tracks): readonly Xml[] {
  const { placed, kind } = one;
  const { clip, fadeIn, fadeOut } = placed;
  const { media, own } = clip;
  const item: Xml = [
    'clipitem',
    { id: itemId(one) },
    [
      element('masterclipid', `masterclip-${positionOf(placed, tracks) + 1}`),
      element('name', media.file),
      element('enabled', true),
      element('duration', media.frames),
      rateOf(media.rate),
      element('start', fadeIn > 0 ? -1 : clip.at),
      element('end', fadeOut > 0 ? -1 : clip.at + clip.length),
      element('in', own[0]),
      element('out', own[1]),
      fileOf(one, tracks),
      ...(kind === 'audio'
        ? [element('sourcetrack', [element('mediatype', 'audio'), element('trackindex', one.channel)])]
        : [...clipMarkers(clip), logging(clip)]),
      ...links(one, tracks),
    ],
  ];
  return fadeIn > 0 ? [transition(one, tracks), item] : [item];
}

function itemId({ placed, kind, channel }: Pick<TrackClip, 'placed' | 'kind' | 'channel'>): string {
  return `${kind}-${channel}-${placed.clip.id}`;
}

/** Position of a clip on the picture track, from 0. */
function positionOf({ clip }: PlacedClip, { video }: Tracks): number {
  return video.findIndex((placed) => placed.clip === clip);
}

/** File of a clip: in full for the picture, and by its id for the sound. */
function fileOf({ placed, kind }: TrackClip, tracks: Tracks): Xml {
  const id = { id: `file-${positionOf(placed, tracks) + 1}` };
  return kind === 'audio' ? ['file', id, []] : ['file', id, fileFacts(placed.clip.media)];
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

/** Markers of a clip, in frames of the clip; each is a point in time. */
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

/** Links that keep picture and sound of a clip together. */
function links({ placed }: TrackClip, { video, sound }: Tracks): readonly Xml[] {
  const channels = channelsOf(placed);
  if (channels === 0) return [];
  const link = (one: Pick<TrackClip, 'placed' | 'kind' | 'channel'>, track: readonly PlacedClip[]) =>
    element('link', [
      element('linkclipref', itemId(one)),
      element('mediatype', one.kind),
      element('trackindex', one.channel),
      element('clipindex', track.findIndex(({ clip }) => clip === placed.clip) + 1),
      ...(one.kind === 'audio' ? [element('groupindex', 1)] : []),
    ]);
  return [
    link({ placed, kind: 'video', channel: 1 }, video),
    ...Array.from({ length: channels }, (_, index) => {
      const channel = index + 1;
      return link({ placed, kind: 'audio', channel }, onChannel(sound, channel));
    }),
  ];
}

/** Crossfade at the start of a clip. */
function transition({ placed: { clip, fadeIn }, kind }: TrackClip, { rate }: Tracks): Xml {
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

/** Content of `<audio>`: format and outputs, then a track for each channel. */
function audioTracks(tracks: Tracks): readonly Xml[] {
  const { sound } = tracks;
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
    ...Array.from({ length: channels }, (_, index) => audioTrack(index + 1, tracks)),
  ];
}

function audioTrack(channel: number, tracks: Tracks): Xml {
  const clips = onChannel(tracks.sound, channel).map(
    (placed): TrackClip => ({ placed, kind: 'audio', channel }),
  );
  return element('track', [
    ...clips.flatMap((clip) => clipItem(clip, tracks)),
    element('enabled', true),
    element('locked', false),
    element('outputchannelindex', channel),
  ]);
}

/** Number of channels that are used of a clip, at most two. A sound track of FCP 7 holds one channel. */
function channelsOf({ clip }: PlacedClip): number {
  return Math.min(2, clip.media.audio?.channels ?? 0);
}

/** Clips that have a channel. A crossfade with a clip without the channel becomes a cut. */
function onChannel(sound: readonly PlacedClip[], channel: number): readonly PlacedClip[] {
  const has = (placed: PlacedClip | undefined) => placed !== undefined && channelsOf(placed) >= channel;
  return sound.flatMap((placed, index) => {
    if (!has(placed)) return [];
    const fadeIn = has(sound[index - 1]) ? placed.fadeIn : 0;
    return [{ ...placed, fadeIn, fadeOut: has(sound[index + 1]) ? placed.fadeOut : 0 }];
  });
}

/** An XML element: its name, its attributes and its content. */
type Xml = readonly [
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly Xml[] | string,
];

/** Makes an element without attributes. */
function element(name: string, content: readonly Xml[] | string | number | boolean): Xml {
  // FCP 7 writes booleans in capitals.
  if (typeof content === 'boolean') return [name, {}, content ? 'TRUE' : 'FALSE'];
  return [name, {}, typeof content === 'number' ? String(content) : content];
}

/** Formats an XML document, indented. Texts are escaped. */
function formatXml(root: Xml, doctype: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ${doctype}>\n${formatElement(root, '')}`;
}

function formatElement([name, attributes, content]: Xml, indent: string): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const open = `${indent}<${name}${words.join('')}`;
  if (content.length === 0) return `${open}/>\n`;
  if (typeof content === 'string') return `${open}>${escapeXml(content)}</${name}>\n`;
  return `${open}>\n${content.map((child) => formatElement(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

/** Characters that XML 1.0 cannot represent. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for control characters
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

function escapeXml(text: string): string {
  return text
    .replace(UNWRITABLE, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
