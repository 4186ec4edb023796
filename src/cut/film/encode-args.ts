import { type FrameRate, rateText } from '../../media/frame-rate.js';
import type { FilmClip } from './film.js';
import type { CardPiece, DissolvedPiece, EncodedPiece } from './pieces.js';
import { type FilmShape, isInTime } from './shape.js';

export interface EncodeOptions {
  readonly shape: FilmShape;
  /** The id of the parameter sets: another than those of what is copied, so that both can stand in one track. */
  readonly id: number;
  /** The MP4 to write, relative to the folder ffmpeg runs in. */
  readonly to: string;
}

/** The ffmpeg command line that encodes part of a clip. */
export function encodeArgs({ clip, from, frames }: EncodedPiece, options: EncodeOptions): readonly string[] {
  const graph = `[0:v]${pictures(clip, { from, frames, shape: options.shape })},format=yuv420p[v]`;
  return [...START, '-i', clip.path, ...encoding(graph, { frames, ...options })];
}

/** The ffmpeg command line of a crossfade: the end of one clip, over which the beginning of the next appears. */
export function dissolveArgs(piece: DissolvedPiece, options: EncodeOptions): readonly string[] {
  const { before, clip, frames } = piece;
  const { shape } = options;
  const graph = [
    `[0:v]${pictures(before, { from: before.to - frames, frames, shape })},format=yuv420p[from]`,
    // Transparent at its first picture and opaque right after its last. Older than xfade, so every ffmpeg has it.
    `[1:v]${pictures(clip, { from: clip.from, frames, shape })},format=yuva420p,fade=t=in:alpha=1:s=0:n=${frames}[to]`,
    '[from][to]overlay=format=yuv420,format=yuv420p[v]',
  ].join(';');
  return [...START, '-i', before.path, '-i', clip.path, ...encoding(graph, { frames, ...options })];
}

/** The ffmpeg command line of a card: an ASS file over a dark ground. Both paths are relative, and need no escaping. */
export function cardArgs(
  { frames }: CardPiece,
  { ass, fonts, ...options }: EncodeOptions & { readonly ass: string; readonly fonts: string },
): readonly string[] {
  const { width, height, rate } = options.shape;
  const ground = `color=c=${GROUND}:s=${width}x${height}:r=${rateText(rate)}`;
  const graph = `${ground},trim=end_frame=${frames},ass=filename=${ass}:fontsdir=${fonts},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1[v]`;
  return [...START, ...encoding(graph, { frames, ...options })];
}

const GROUND = '0x101214';

/** What ffmpeg has to have for cards. */
export const CARD_FILTERS = ['color', 'ass'];

const START = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'] as const;

/** What ffmpeg has to have for this, besides `libx264`. */
export const ENCODE_FILTERS = ['fps', 'trim', 'setpts', 'settb', 'scale', 'pad', 'setsar', 'fade', 'overlay'];

/** Filters that make part of a clip pictures of the film, each at its place in the film's own count. */
function pictures(
  clip: FilmClip,
  { from, frames, shape }: { readonly from: number; readonly frames: number; readonly shape: FilmShape },
): string {
  const { rate } = shape;
  return [
    ...(isInTime(clip.pictures, shape) ? [] : steady(rate)),
    `trim=start_frame=${from}:end_frame=${from + frames}`,
    `settb=${rate.den}/${rate.num}`,
    'setpts=N',
    ...fitted(clip, shape),
    'setsar=1',
  ].join(',');
}

/** At an even rate; the last picture is held, so that rounding never leaves one too few. */
function steady(rate: FrameRate): readonly string[] {
  return ['setpts=PTS-STARTPTS', `fps=${rateText(rate)}`, 'tpad=stop_mode=clone:stop_duration=1'];
}

/** The whole picture, as large as the film's frame allows, in its middle, in the colours of HD. */
function fitted({ pictures }: FilmClip, { width, height }: FilmShape): readonly string[] {
  const scale = Math.min(width / pictures.width, height / pictures.height);
  const [inner, outer] = [even(pictures.width * scale), even(pictures.height * scale)];
  // Players read HD that does not say as BT.709; ffmpeg would not.
  const isHd = Math.min(pictures.width, pictures.height) >= 720;
  const from = pictures.matrix === null && isHd ? ':in_color_matrix=bt709' : '';
  const scaled = `scale=${inner}:${outer}:flags=lanczos${from}:out_color_matrix=bt709:out_range=tv`;
  if (inner === width && outer === height) return [scaled];
  return [scaled, `pad=${width}:${height}:${even((width - inner) / 2)}:${even((height - outer) / 2)}:black`];
}

function encoding(graph: string, { frames, shape, id, to }: EncodeOptions & { readonly frames: number }) {
  const { rate } = shape;
  return [
    ...['-filter_complex', graph, '-map', '[v]', '-frames:v', String(frames), '-r', rateText(rate)],
    // Half the quantiser of a web video: what is encoded a second time should not be seen to be.
    ...['-c:v', 'libx264', '-preset', 'fast', '-crf', '16', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
    // A key picture every other second, for those who scrub.
    ...['-g', String(Math.round((2 * rate.num) / rate.den)), '-x264-params', `sps-id=${id}`],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    ...['-map_metadata', '-1', '-f', 'mp4', to],
  ];
}

function even(length: number): number {
  return Math.round(length / 2) * 2;
}
