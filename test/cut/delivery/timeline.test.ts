import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFcp7 } from '../../../src/cut/delivery/fcp7.js';
import { formatOtio } from '../../../src/cut/delivery/otio.js';
import { readTimecode } from '../../../src/cut/delivery/timecode.js';
import { makeTimeline, type Timeline, type TimelineSource } from '../../../src/cut/delivery/timeline.js';
import { filmItems, filmLength } from '../../../src/cut/film/film.js';
import type { ClipPictures } from '../../../src/media/clip-pictures.js';
import type { FrameRate } from '../../../src/media/frame-rate.js';
import { readFcp7 } from './fcp7-rules.js';
import { readOtio } from './otio-rules.js';
import { all, one, textOf } from './read-xml.js';

const FILM: FrameRate = { num: 24, den: 1 };
const STEREO = { codec: 'aac', channels: 2, sample_rate: 48_000 };

function pictures(frames: number, rate = FILM): ClipPictures {
  return {
    width: 1280,
    height: 720,
    codec: 'avc',
    rate,
    isEven: true,
    seconds: (frames * rate.den) / rate.num,
    soundLead: null,
    matrix: null,
    avc: null,
    starts: [],
    shownAt: Array.from({ length: frames }, (_, place) => place),
  };
}

type ClipSource = Extract<TimelineSource, { kind: 'clip' }>;

function clip(id: string, changes: Partial<ClipSource> = {}): ClipSource {
  return {
    kind: 'clip',
    id,
    file: `SH${id}_v001.mp4`,
    scene: '010',
    take: 1,
    prompt: `About ${id}`,
    notes: null,
    pictures: pictures(120),
    audio: STEREO,
    use: null,
    transition: 0,
    segments: [],
    ...changes,
  };
}

function gap(id: string, seconds: number, transition = 0): TimelineSource {
  return { kind: 'gap', id, why: 'not rendered yet', seconds, transition };
}

function timelineOf(
  sources: readonly TimelineSource[],
  { rate = FILM, timecode = '01:00:00:00' } = {},
): Timeline {
  const start = readTimecode(timecode, rate);
  if (typeof start === 'string') throw new Error(start);
  return makeTimeline(sources, { name: 'film', start, rate, width: 1280, height: 720 });
}

const read = (timeline: Timeline) => ({
  xml: readFcp7(formatFcp7(timeline, 'film_v001')),
  otio: readOtio(formatOtio(timeline, 'film_v001')),
});

describe('a timeline', () => {
  it('a timeline has the used range of each clip, its unused ends, and crossfades over both clips', () => {
    const { xml, otio } = read(timelineOf([clip('a'), clip('b', { use: [1, 4], transition: 0.625 })]));
    expect(xml.video).toEqual([
      { name: 'SHa_v001.mp4', start: 0, end: 120, in: 0, out: 120 },
      { name: 'SHb_v001.mp4', start: 105, end: 177, in: 24, out: 96 },
    ]);
    expect(xml.audio).toEqual([xml.video, xml.video]);
    expect(otio.tracks.map(({ kind, length }) => [kind, length])).toEqual([
      ['Video', 177],
      ['Audio', 177],
    ]);
    expect(otio.tracks[0]?.children.map(({ range, available }) => [range, available])).toEqual([
      [
        [0, 112],
        [0, 120, 24],
      ],
      [[7, 8], null],
      [
        [31, 65],
        [0, 120, 24],
      ],
    ]);
  });

  it('the sound is cut at a crossfade if only one of the two clips has sound', () => {
    const { xml, otio } = read(
      timelineOf([clip('a'), clip('b', { audio: null, transition: 1 }), clip('c', { transition: 1 })]),
    );
    expect(xml.audio[0]?.map(({ start, end }) => [start, end])).toEqual([
      [0, 120],
      [192, 312],
    ]);
    expect(otio.tracks[1]?.children.map(({ schema }) => schema)).toEqual(['Clip.2', 'Gap.1', 'Clip.2']);
  });

  it('a missing clip leaves a marked gap, so that later clips keep their time', () => {
    const { xml, otio } = read(
      timelineOf([clip('a'), gap('b', 3, 0.5), clip('c', { transition: 1 }), gap('d', 2)]),
    );
    expect(xml.video.map(({ start, end }) => [start, end])).toEqual([
      [0, 120],
      [156, 276],
    ]);
    expect(xml.length).toBe(120 + 72 - 12 - 24 + 120 + 48);
    expect(all(xml.element, 'marker').map((marker) => textOf(marker, 'name'))).toEqual([
      'Not rendered: b',
      'Not rendered: d',
    ]);
    expect(otio.tracks[0]?.length).toBe(xml.length);
    expect(otio.tracks[0]?.children[1]).toMatchObject({
      name: 'Not rendered: b',
      markers: [['Not rendered: b', 0]],
    });
  });

  it('a timeline marks segments and notes in frames of the clip', () => {
    const segments = [2, 2, 9].map((seconds, index) => ({ prompt: `${index} & "<more>"\u0007`, seconds }));
    const { xml, otio } = read(timelineOf([clip('a', { segments, notes: 'Too slow', use: [1, 4] })]));
    const [, , ...more] = otio.tracks[0]?.children[0]?.markers ?? [];
    expect(more).toEqual([
      ['Segment 3', 96],
      ['Note', 24],
    ]);
    const [track] = all(one(xml.element, 'media', 'video'), 'track');
    const markers = track ? all(one(track, 'clipitem'), 'marker') : [];
    expect(markers.map((each) => [textOf(each, 'comment'), textOf(each, 'in')])).toEqual([
      ['0 & "<more>"\ufffd', '0'],
      ['1 & "<more>"\ufffd', '48'],
      ['2 & "<more>"\ufffd', '96'],
      ['Too slow', '24'],
    ]);
  });

  it.each([
    [{ num: 24_000, den: 1001 }, '01:00:00:00', '24 ntsc', 86_400, 'NDF'],
    [{ num: 30_000, den: 1001 }, '01:00:00;00', '30 ntsc', 107_892, 'DF'],
    [{ num: 25, den: 1 }, '10:00:00:12', '25', 900_012, 'NDF'],
    [{ num: 60, den: 1 }, '00:00:00:00', '60', 0, 'NDF'],
  ])('a timeline at %o starts at the timecode %s', (rate, timecode, said, frame, format) => {
    const { xml, otio } = read(
      timelineOf([clip('a', { pictures: pictures(100, rate) })], { rate, timecode }),
    );
    expect([xml.rate, xml.timecode, xml.length]).toEqual([said, [timecode, frame, format], 100]);
    expect(otio.start).toEqual([frame, rate.num / rate.den]);
  });

  it('the range of a clip with another rate is counted in frames of the clip', () => {
    const own = { num: 30, den: 1 };
    const { xml } = read(timelineOf([clip('a'), clip('b', { pictures: pictures(150, own), use: [1, 3] })]));
    expect(xml.video[1]).toEqual({ name: 'SHb_v001.mp4', start: 120, end: 168, in: 30, out: 90 });
  });

  it('every timeline has exactly as many frames as the assembled film', () => {
    const source = fc.record({
      frames: fc.integer({ min: 2, max: 90 }),
      rate: fc.constantFrom(FILM, { num: 30_000, den: 1001 }),
      use: fc.option(
        fc.tuple(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 2.1, max: 9, noNaN: true })),
      ),
      transition: fc.double({ min: 0, max: 2, noNaN: true }),
      channels: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(source, { minLength: 1, maxLength: 6 }), (sources) => {
        const clips = sources.map(({ frames, rate, channels, ...rest }, index) =>
          clip(`s${index}`, {
            ...rest,
            pictures: pictures(frames, rate),
            audio: channels > 0 ? { ...STEREO, channels } : null,
          }),
        );
        const shape = { rate: FILM, width: 1280, height: 720 };
        const { xml, otio } = read(timelineOf(clips));
        const film = filmLength(
          filmItems(
            clips.map((each) => ({ ...each, name: each.id, path: each.file })),
            shape,
          ),
        );
        expect([xml.length, ...otio.tracks.map(({ length }) => length)]).toEqual(
          [xml, ...otio.tracks].map(() => film),
        );
      }),
    );
  });
});

describe('a timecode', () => {
  it.each(['1:00:00:00', '24:00:00:00', '01:00:00:24', '01:00:00;00', '01:60:00:00'])(
    '%s is not a timecode at 24 frames a second',
    (text) => {
      expect(readTimecode(text, FILM)).toContain(text);
    },
  );

  it('a timecode cannot be a number that drop-frame skips', () => {
    const rate = { num: 30_000, den: 1001 };
    expect(readTimecode('00:01:00;01', rate)).toContain('dropped');
    expect(readTimecode('00:01:00;02', rate)).toMatchObject({ frame: 1800 });
    expect(readTimecode('00:10:00;00', rate)).toMatchObject({ frame: 17_982 });
  });
});
