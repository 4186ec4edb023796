import { frameOf } from './captions.js';
import { PUSH, place, type Size } from './frame.js';
import type { AnimaticShot, Picture } from './shot.js';
import { SLATE_COLOUR } from './slate.js';
import { soundSource } from './sound.js';
import { dissolveIn, FRAME_RATE, framesIn } from './timing.js';

/** Names relative to the folder ffmpeg runs in: so no path of this machine ever needs escaping in a filter. */
export interface AnimaticFiles {
  /** The ASS file; null to render without captions. */
  readonly captions: string | null;
  /** Folder that holds the fonts. */
  readonly fonts: string;
  /** The MP4 to write. */
  readonly out: string;
}

/** Behind a picture that does not fill the frame, or shines through where it is transparent. */
const BACKGROUND = '0x17191d';

/** The ffmpeg command line that renders a shot's animatic: H.264, yuv420p, BT.709, AAC when it has sound. */
export function animaticArgs(shot: AnimaticShot, files: AnimaticFiles): readonly string[] {
  const frame = frameOf(shot);
  const pictures = [shot.start, ...(shot.end ? [shot.end] : [])];
  const inputs = pictures.flatMap((picture) => (picture.kind === 'stored' ? ['-i', picture.file] : []));
  const sound = soundSource(shot);
  const graph = [...pictureGraph(shot, frame), `[picture]${captionFilter(files)},format=yuv420p[v]`];
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'],
    ...inputs,
    ...['-filter_complex', [...graph, ...(sound ? [`${sound}[a]`] : [])].join(';')],
    ...['-map', '[v]', '-frames:v', String(framesIn(shot.seconds)), '-r', String(FRAME_RATE)],
    // veryfast: 5 s of 720p in about 1.3 s on two cores, a tenth of ultrafast's size.
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    ...(sound ? ['-map', '[a]', '-c:a', 'aac', '-b:a', '128k', '-t', String(shot.seconds)] : []),
    ...['-map_metadata', '-1', '-movflags', '+faststart', files.out],
  ];
}

function captionFilter({ captions, fonts }: AnimaticFiles): string {
  return captions === null ? 'null' : `ass=filename=${captions}:fontsdir=${fonts}`;
}

/** Filters that end in `[picture]`: the start image pushed in, dissolving into the end image, which is held. */
function pictureGraph(shot: AnimaticShot, frame: Size): readonly string[] {
  if (!shot.end)
    return still({
      picture: shot.start,
      input: 0,
      frame,
      move: pushIn(shot.start, shot.seconds),
      name: 'picture',
    });
  const { from, to } = dissolveIn(shot.seconds);
  // Transparent until the dissolve begins, then opaque at its end. Older than xfade, so every ffmpeg has it.
  const appear = `format=yuva420p,fade=t=in:alpha=1:st=${from}:d=${(to - from).toFixed(3)}`;
  return [
    // The push is over when the end image stands: the last frame is the end image itself, exactly.
    ...still({ picture: shot.start, input: 0, frame, move: pushIn(shot.start, to), name: 'from' }),
    ...still({
      picture: shot.end,
      input: shot.start.kind === 'stored' ? 1 : 0,
      frame,
      move: appear,
      name: 'to',
    }),
    `[from][to]overlay=enable='gte(t,${from})'[picture]`,
  ];
}

interface Still {
  readonly picture: Picture;
  /** Which of ffmpeg's inputs it is, when it is stored. */
  readonly input: number;
  readonly frame: Size;
  /** Filters that follow. */
  readonly move: string;
  /** Label of what comes out. */
  readonly name: string;
}

/** Filters that turn one picture into an endless stream of itself, in the frame's size and video colours. */
function still({ picture, input, frame, move, name }: Still): readonly string[] {
  const canvas = (colour: string) =>
    `color=c=${colour}:s=${frame.width}x${frame.height}:r=${FRAME_RATE}:d=1,format=gbrp`;
  // Decoded, scaled and converted once, then repeated: looping the input would decode it for every frame.
  const repeat =
    'trim=end_frame=1,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1,' +
    `loop=loop=-1:size=1:start=0,setpts=N/${FRAME_RATE}/TB,${move}`;
  if (picture.kind === 'remote') return [`${canvas(SLATE_COLOUR)},${repeat}[${name}]`];
  const { width, height, x, y } = place(picture, frame);
  return [
    `${canvas(BACKGROUND)}[${name}_back]`,
    `[${input}:v]scale=${width}:${height}:flags=lanczos,format=rgba[${name}_board]`,
    `[${name}_back][${name}_board]overlay=${x}:${y}:format=gbrp,${repeat}[${name}]`,
  ];
}

/**
 * A slow push by `PUSH` over so many seconds. zoompan moves in whole pixels, which trembles at this speed;
 * perspective places the corners to a fraction of one.
 */
function pushIn(picture: Picture, seconds: number): string {
  // A plain card looks the same from nearer; its lettering moves by itself.
  if (picture.kind === 'remote') return 'null';
  const inset = `${(PUSH / 2 / framesIn(seconds)).toFixed(8)}*min(on,${Math.round(framesIn(seconds))})`;
  const left = `W*${inset}`;
  const right = `W-W*${inset}`;
  const top = `H*${inset}`;
  const bottom = `H-H*${inset}`;
  const corners = [left, top, right, top, left, bottom, right, bottom];
  const named = corners.map(
    (value, index) => `${index % 2 === 0 ? 'x' : 'y'}${Math.floor(index / 2)}='${value}'`,
  );
  return `perspective=${named.join(':')}:eval=frame`;
}
