import type { FrameRate } from '../../media/frame-rate.js';
import { channelsOf, type Lanes, onChannel, type TrackClip } from './fcp7-lanes.js';
import { type Timecode, timebase } from './timecode.js';
import type { Laid, TimelineClip, TimelineMedia } from './timeline.js';
import { element, type Xml } from './xml.js';

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
