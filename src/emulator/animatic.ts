import type { Size } from '../media/ass.js';
import { cameraPath, shotBeats } from './camera-path.js';
import { captionLayout, frameOf } from './caption-layout.js';
import { FADE_OUT } from './caption-times.js';
import { place } from './frame.js';
import { scrims } from './scrim.js';
import type { AnimaticShot, Picture } from './shot.js';
import { SLATE_COLOUR } from './slate.js';
import { soundSource } from './sound.js';
import { dissolveIn, FRAME_RATE, framesIn } from './timing.js';
import { viewFilter } from './view-filter.js';

/** Names relative to the folder ffmpeg runs in: so no path of this machine ever needs escaping in a filter. */
export interface AnimaticFiles {
  /** What is written, as ASS files; null to render without any lettering. */
  readonly lettering: Lettering | null;
  /** Folder that holds the fonts. */
  readonly fonts: string;
  /** The MP4 to write. */
  readonly out: string;
}

/** ASS files: what is drawn over the film, and each picture's card where the picture is a link. */
export interface Lettering {
  readonly captions: string;
  readonly startCard: string | null;
  readonly endCard: string | null;
}

/** Behind a picture that does not fill the frame, or shines through where it is transparent. */
const BACKGROUND = '0x17191d';

/** The ffmpeg command line that renders a shot's animatic: H.264, yuv420p, BT.709, AAC when it has sound. */
export function animaticArgs(shot: AnimaticShot, files: AnimaticFiles): readonly string[] {
  const frame = frameOf(shot);
  const pictures = [shot.start, ...(shot.end ? [shot.end] : [])];
  const inputs = pictures.flatMap((picture) => (picture.kind === 'stored' ? ['-i', picture.file] : []));
  const sound = soundSource(shot);
  const graph = [...pictureGraph(shot, files, frame), ...captionGraph(shot, files, frame)];
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'],
    ...inputs,
    ...['-filter_complex', [...graph, ...(sound ? [`${sound}[a]`] : [])].join(';')],
    ...['-map', '[v]', '-frames:v', String(framesIn(shot.seconds)), '-r', String(FRAME_RATE)],
    // veryfast: half the size of superfast for a tenth more of the time.
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    ...(sound ? ['-map', '[a]', '-c:a', 'aac', '-b:a', '128k', '-t', String(shot.seconds)] : []),
    ...['-map_metadata', '-1', '-movflags', '+faststart', files.out],
  ];
}

/** Filters from `[picture]` to `[v]`: what makes lettering readable, and the lettering. */
function captionGraph(
  shot: AnimaticShot,
  { lettering, fonts }: AnimaticFiles,
  frame: Size,
): readonly string[] {
  if (!lettering) return ['[picture]format=yuv420p[v]'];
  const { top, bottom, ramp } = captionLayout(shot);
  const fade = { from: framesIn(shot.seconds) - 1 - FADE_OUT, frames: FADE_OUT };
  return [
    ...scrims({ frame, top, bottom, ramp, fade }),
    `[picture][scrim_top]overlay=0:0[darkened]`,
    `[darkened][scrim_bottom]overlay=0:${frame.height - bottom}[readable]`,
    `[readable]${written(lettering.captions, fonts)},format=yuv420p[v]`,
  ];
}

function written(file: string, fonts: string): string {
  return `ass=filename=${file}:fontsdir=${fonts}`;
}

/** Filters that end in `[picture]`: the start image as the camera sees it, dissolving into the end image, which is held. */
function pictureGraph(shot: AnimaticShot, files: AnimaticFiles, frame: Size): readonly string[] {
  const { from, to } = dissolveIn(shot.seconds);
  // The move is over when the end image stands: the last frame is the end image itself, exactly.
  const until = shot.end ? to : shot.seconds;
  const path = cameraPath(shotBeats(shot), { aspect: frame.width / frame.height, until });
  const card = (file: string | null | undefined) => (file ? `,${written(file, files.fonts)}` : '');
  const start = {
    picture: shot.start,
    input: 0,
    frame,
    card: card(files.lettering?.startCard),
    move: viewFilter(path) ?? 'null',
  };
  if (!shot.end) return still({ ...start, name: 'picture' });
  // Transparent until the dissolve begins, then opaque at its end. Older than xfade, so every ffmpeg has it.
  const appear = `format=yuva420p,fade=t=in:alpha=1:st=${from}:d=${(to - from).toFixed(3)}`;
  const end = {
    picture: shot.end,
    frame,
    card: card(files.lettering?.endCard),
    move: appear,
    input: shot.start.kind === 'stored' ? 1 : 0,
  };
  return [
    ...still({ ...start, name: 'from' }),
    ...still({ ...end, name: 'to' }),
    `[from][to]overlay=enable='gte(t,${from})'[picture]`,
  ];
}

interface Still {
  readonly picture: Picture;
  /** Which of ffmpeg's inputs it is, when it is stored. */
  readonly input: number;
  readonly frame: Size;
  /** Filters that write on it, once, beginning with a comma. */
  readonly card: string;
  /** Filters that follow, for every frame. */
  readonly move: string;
  /** Label of what comes out. */
  readonly name: string;
}

/** Filters that turn one picture into an endless stream of itself, in the frame's size and video colours. */
function still({ picture, input, frame, card, move, name }: Still): readonly string[] {
  const canvas = (colour: string) =>
    `color=c=${colour}:s=${frame.width}x${frame.height}:r=${FRAME_RATE}:d=1,format=gbrp`;
  // Decoded, scaled and converted once, then repeated: looping the input would decode it for every frame.
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
    `[${input}:v]split[${name}_near][${name}_far]`,
    `[${name}_far]${surround(frame)}[${name}_surround]`,
    `[${name}_near]${fitted}[${name}_board]`,
    `[${name}_back][${name}_surround]overlay=format=gbrp[${name}_behind]`,
    `[${name}_behind][${name}_board]overlay=${x}:${y}:format=gbrp,${repeat}[${name}]`,
  ];
}

/** The picture itself, filling the frame, out of focus and dim: what surrounds a board of another shape. */
function surround({ width, height }: Size): string {
  // Blurred when small, which takes no time, and smooth when it is large again.
  const [w, h] = [Math.ceil(width / 32) * 2, Math.ceil(height / 32) * 2];
  const cover = `scale=${w}:${h}:force_original_aspect_ratio=increase,crop=${w}:${h},format=gbrap`;
  const dim = ['r', 'g', 'b'].map((channel) => `${channel}=val*0.4+8`).join(':');
  return `${cover},gblur=sigma=3,lutrgb=${dim},scale=${width}:${height}:flags=bicubic,format=rgba`;
}
