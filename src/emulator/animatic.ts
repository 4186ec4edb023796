import type { Size } from '../media/ass.js';
import { cameraPath, shotBeats, viewFilter } from './camera-path.js';
import { captionLayout, frameOf, place } from './layout.js';
import type { AnimaticShot, Picture } from './shot.js';
import { SLATE_COLOUR } from './slate.js';
import { dissolveIn, FADE_OUT, FRAME_RATE, framesIn, segmentTimes } from './timing.js';

/** Files of a render, relative to the folder that ffmpeg runs in, so that no path needs escaping in a filter. */
export interface AnimaticFiles {
  /** Text over the pictures; null to render without text. */
  readonly lettering: Lettering | null;
  /** Folder of the fonts. */
  readonly fonts: string;
  /** The MP4 to write. */
  readonly out: string;
}

/** ASS files: captions over the whole video, and a card for each picture that is a link. */
export interface Lettering {
  readonly captions: string;
  readonly startCard: string | null;
  readonly endCard: string | null;
}

/** Colour behind a picture that is transparent: that of paper, for drawings. The service may choose another. */
const BACKGROUND = 'white';

/** Arguments of ffmpeg that render the animatic of a shot: H.264, yuv420p, BT.709, and AAC if it has sound. */
export function animaticArgs(shot: AnimaticShot, files: AnimaticFiles): readonly string[] {
  const frame = frameOf(shot);
  const pictures = [shot.start, ...(shot.end ? [shot.end] : [])];
  const inputs = pictures.flatMap((picture) => (picture.kind === 'stored' ? ['-i', picture.file] : []));
  const sound = soundSource(shot);
  const graph = [...pictureGraph(shot, files, frame), ...captionGraph(shot, files, frame)];
  const filters = ['-filter_complex', [...graph, ...(sound ? [`${sound}[a]`] : [])].join(';')];
  const video = ['-map', '[v]', '-frames:v', String(framesIn(shot.seconds)), '-r', String(FRAME_RATE)];
  // veryfast: half the size of superfast in a tenth more time.
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'];
  const colours = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'];
  const audio = sound ? ['-map', '[a]', '-c:a', 'aac', '-b:a', '128k', '-t', String(shot.seconds)] : [];
  const general = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];
  const file = ['-color_range', 'tv', '-map_metadata', '-1', '-movflags', '+faststart', files.out];
  return [...general, ...inputs, ...filters, ...video, ...codec, ...colours, ...audio, ...file];
}

/** Filters from `[picture]` to `[v]`: shades that make the text readable, and the text. */
function captionGraph(
  shot: AnimaticShot,
  { lettering, fonts }: AnimaticFiles,
  frame: Size,
): readonly string[] {
  if (!lettering) return ['[picture]format=yuv420p[v]'];
  const { top, bottom, ramp } = captionLayout(shot);
  const fade = { from: framesIn(shot.seconds) - 1 - FADE_OUT, frames: FADE_OUT };
  return [
    ...scrimFilters({ frame, top, bottom, ramp, fade }),
    `[picture][scrim_top]overlay=0:0[darkened]`,
    `[darkened][scrim_bottom]overlay=0:${frame.height - bottom}[readable]`,
    `[readable]${textFilter(lettering.captions, fonts)},format=yuv420p[v]`,
  ];
}

function textFilter(file: string, fonts: string): string {
  return `ass=filename=${file}:fontsdir=${fonts}`;
}

/** Filters that end in `[picture]`: the start image as the camera sees it, which dissolves into the end image. */
function pictureGraph(shot: AnimaticShot, files: AnimaticFiles, frame: Size): readonly string[] {
  const { from, to } = dissolveIn(shot.seconds);
  // The move ends when the end image is opaque: the last frame is exactly the end image.
  const until = shot.end ? to : shot.seconds;
  const path = cameraPath(shotBeats(shot), { aspect: frame.width / frame.height, until });
  const card = (file: string | null | undefined) => (file ? `,${textFilter(file, files.fonts)}` : '');
  const start = {
    picture: shot.start,
    input: 0,
    frame,
    card: card(files.lettering?.startCard),
    move: viewFilter(path) ?? 'null',
  };
  if (!shot.end) return stillFilters({ ...start, name: 'picture' });
  // Transparent before the dissolve, opaque after it. Older than xfade, so that every ffmpeg has it.
  const appear = `format=yuva420p,fade=t=in:alpha=1:st=${from}:d=${(to - from).toFixed(3)}`;
  const end = {
    picture: shot.end,
    frame,
    card: card(files.lettering?.endCard),
    move: appear,
    input: shot.start.kind === 'stored' ? 1 : 0,
  };
  return [
    ...stillFilters({ ...start, name: 'from' }),
    ...stillFilters({ ...end, name: 'to' }),
    `[from][to]overlay=enable='gte(t,${from})'[picture]`,
  ];
}

/** A picture and the filters for it. */
interface Still {
  readonly picture: Picture;
  /** Index of the ffmpeg input, for a stored picture. */
  readonly input: number;
  readonly frame: Size;
  /** Filters that write text on it once; they begin with a comma. */
  readonly card: string;
  /** Filters for every frame. */
  readonly move: string;
  /** Label of the output. */
  readonly name: string;
}

/** Filters that repeat a picture endlessly, in the size of the frame and in video colours. */
function stillFilters({ picture, input, frame, card, move, name }: Still): readonly string[] {
  const canvas = (colour: string, size = frame) =>
    `color=c=${colour}:s=${size.width}x${size.height}:r=${FRAME_RATE}:d=1,format=gbrp`;
  // The picture is decoded, scaled and converted once; a looped input would be decoded for every frame.
  const repeat =
    `trim=end_frame=1,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1${card},` +
    `loop=loop=-1:size=1:start=0,setpts=N/${FRAME_RATE}/TB,${move}`;
  if (picture.kind === 'remote') return [`${canvas(SLATE_COLOUR)},${repeat}[${name}]`];
  const { width, height, x, y } = place(picture, frame);
  const fitted = `scale=${width}:${height}:flags=lanczos,format=rgba`;
  if (width === frame.width && height === frame.height) {
    return [
      `${canvas(BACKGROUND)}[${name}_back]`,
      `[${input}:v]${fitted}[${name}_board]`,
      `[${name}_back][${name}_board]overlay=format=gbrp,${repeat}[${name}]`,
    ];
  }
  return [
    `${canvas(BACKGROUND)}[${name}_back]`,
    `${canvas(BACKGROUND, { width, height })}[${name}_paper]`,
    `[${input}:v]split[${name}_near][${name}_far]`,
    `[${name}_far]${surround(frame)}[${name}_surround]`,
    `[${name}_near]${fitted}[${name}_drawing]`,
    `[${name}_paper][${name}_drawing]overlay=format=gbrp[${name}_board]`,
    `[${name}_back][${name}_surround]overlay=format=gbrp[${name}_behind]`,
    `[${name}_behind][${name}_board]overlay=${x}:${y}:format=gbrp,${repeat}[${name}]`,
  ];
}

/** Filters for the surroundings of a board of another shape: the picture itself, filling the frame, blurred and dim. */
function surround({ width, height }: Size): string {
  // A small picture is quick to blur, and smooth after scaling up.
  const [w, h] = [Math.ceil(width / 32) * 2, Math.ceil(height / 32) * 2];
  const cover = `scale=${w}:${h}:force_original_aspect_ratio=increase,crop=${w}:${h},format=gbrap`;
  const dim = ['r', 'g', 'b'].map((channel) => `${channel}=val*0.4+8`).join(':');
  return `${cover},gblur=sigma=3,lutrgb=${dim},scale=${width}:${height}:flags=bicubic,format=rgba`;
}

/** Colour of the shades behind captions: nearly black, a little blue. */
const SHADE_COLOUR = '0x0a0c10';
/** Opacity behind text: white text has a contrast of 7 to 1 even on a white board. */
const DARKEST = 0.72;

/** Sizes of the shades behind the captions. */
interface Scrims {
  readonly frame: Size;
  /** Heights in pixels, from the edges of the frame. */
  readonly top: number;
  readonly bottom: number;
  /** Pixels in which a shade changes from clear to dark. */
  readonly ramp: number;
  /** Number of frames in which the shades fade out, and the first of these frames. */
  readonly fade: { readonly from: number; readonly frames: number };
}

/**
 * Filters that make `[scrim_top]` and `[scrim_bottom]`: endless strips as wide as the frame, dark at the edge and clear
 * at the other end. `overlay` takes a tenth of the time that libass takes for a blurred box.
 */
function scrimFilters({ frame, top, bottom, ramp, fade }: Scrims): readonly string[] {
  const gone = `fade=t=out:alpha=1:s=${fade.from}:n=${fade.frames}`;
  const strip = (height: number, fromEdge: string) => {
    // A smooth curve from 1 at the edge of the frame to 0.
    const depth = `st(0,clip((H-0.5-(${fromEdge}))/${ramp},0,1))*0+ld(0)*ld(0)*(3-2*ld(0))`;
    const alpha = `${Math.round(255 * DARKEST)}*(${depth})`;
    return (
      `color=c=${SHADE_COLOUR}:s=8x${height}:r=${FRAME_RATE}:d=1,format=yuva420p,trim=end_frame=1,` +
      `geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='${alpha}',scale=${frame.width}:${height}:flags=neighbor,` +
      `loop=loop=-1:size=1:start=0,setpts=N/${FRAME_RATE}/TB,${gone}`
    );
  };
  return [`${strip(top, 'Y')}[scrim_top]`, `${strip(bottom, 'H-1-Y')}[scrim_bottom]`];
}

/** Sample rate of the sound, hertz: the usual one of video. */
const SAMPLE_RATE = 48_000;
/** Sample rate at which the formula is computed, hertz: it has no frequencies above 6 kHz. */
const COMPUTED_RATE = 16_000;

/**
 * Filters that make the sound of a shot, without an output label; null for a silent shot. A quiet chord that swells, a
 * little noise, and a soft tick where a segment begins, so that an edit can be timed by ear.
 */
function soundSource(shot: AnimaticShot): string | null {
  if (!shot.audio) return null;
  const starts = segmentTimes(shot.segments).map(({ from }) => from);
  // The chord of the right channel is a little higher, which makes it sound wide.
  const channels = [0, 0.4].map((detune) => `${chord(detune)}+${ticks(starts)}`);
  const source = `aevalsrc=exprs='${channels.join('|')}':c=stereo:s=${COMPUTED_RATE}:d=${shot.seconds}`;
  const fades = `afade=t=in:d=0.15,afade=t=out:st=${shot.seconds - 0.4}:d=0.4`;
  // Before ffmpeg 7, the encoder of AAC took no frames of more than 1,024 samples; resampling makes frames of 3,072.
  return `${source},${fades},aresample=${SAMPLE_RATE},asetnsamples=n=1024:p=0`;
}

/** An open fifth and its octave around A2; each voice swells at its own pace. Peaks near -26 dBFS. */
function chord(detune: number): string {
  const voices = [
    { hertz: 110, level: 0.022, swell: 0.11 },
    { hertz: 164.81, level: 0.016, swell: 0.17 },
    { hertz: 220, level: 0.008, swell: 0.23 },
  ];
  const tones = voices.map(
    ({ hertz, level, swell }) =>
      `${level}*(0.7+0.3*sin(2*PI*${swell}*t))*sin(2*PI*${(hertz + detune).toFixed(2)}*t)`,
  );
  return [...tones, '0.003*(random(0)-0.5)'].join('+');
}

/** A short tick at each start except the first: 880 Hz, a twentieth of a second. */
function ticks(starts: readonly number[]): string {
  const later = starts.slice(1).map((start) => `between(t,${start},${start + 0.2})*exp(-60*(t-${start}))`);
  return later.length === 0 ? '0' : `0.09*sin(2*PI*880*t)*(${later.join('+')})`;
}
