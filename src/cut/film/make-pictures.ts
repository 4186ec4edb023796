import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount } from '../../base/units.js';
import { type AvcConfig, freeId, joinAvcConfigs } from '../../media/avc-config.js';
import { runChild } from '../../media/child.js';
import { readPictures } from '../../media/clip-pictures.js';
import { type FrameRate, rateText } from '../../media/frame-rate.js';
import { joinPictures, type Stretch } from '../../media/join-pictures.js';
import { type FilmClip, filmLength } from './film.js';
import type { FilmJob, Trouble } from './film-job.js';
import type { CardPiece, CopiedPiece, DissolvedPiece, EncodedPiece, Piece } from './pieces.js';
import { configText, type FilmShape, isInTime } from './shape.js';
import { writeCard } from './write-card.js';

/** Makes the film's pictures, an MP4 without sound, and gives its name. Throws the file system's own errors. */
export async function makePictures(job: FilmJob): Promise<{ readonly file: string } | Trouble> {
  const { pieces, shape, folder, onStep } = job;
  const toEncode = pieces.filter(({ kind }) => kind !== 'copy').length;
  const encoded: Encoded[] = [];
  const stretches: Stretch[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'copy') {
      stretches.push({ path: piece.clip.path, start: piece.start, order: piece.order });
      continue;
    }
    onStep('Encoding', encoded.length, toEncode);
    const made = await encode(piece, { job, name: `piece-${encoded.length}.mp4` });
    if ('message' in made) return { message: `${nameOf(piece)}: ${made.message}` };
    encoded.push(made);
    stretches.push(made.stretch);
  }
  const config = oneConfig(job.config, encoded);
  if (!config) return { message: 'what was encoded does not fit together' };
  onStep('Joining', 0, 1);
  const file = 'pictures.mp4';
  const written = await joinPictures(join(folder, file), { track: { ...shape, config }, stretches });
  const wanted = filmLength(job.items);
  if (written !== wanted)
    return { message: `of ${wanted} frames only ${written} can be read; a clip is damaged` };
  for (const { stretch } of encoded) await rm(stretch.path, { force: true });
  return { file };
}

interface Encoded {
  readonly stretch: Stretch;
  readonly config: AvcConfig;
}

type EncodablePiece = Exclude<Piece, CopiedPiece>;

async function encode(
  piece: EncodablePiece,
  { job, name }: { readonly job: FilmJob; readonly name: string },
): Promise<Encoded | Trouble> {
  const { shape, folder, ffmpeg, signal } = job;
  const id = job.config ? freeId(job.config) : 0;
  if (id === null) return { message: 'the clips leave no room for frames that are encoded anew' };
  const args = await argsOf(piece, { job, options: { shape, id, to: name } });
  const child = await runChild(ffmpeg.path, { args, cwd: folder, signal });
  if (!child.ok) return { message: child.message };
  const path = join(folder, name);
  const made = await readPictures(path);
  // An exit code of 0 is no proof: a clip that is damaged ends early.
  const { shownAt = [], avc = null, starts: [start] = [] } = made ?? {};
  if (shownAt.length !== piece.frames || !start) {
    return {
      message: `of ${formatCount(piece.frames, 'frame')} only ${shownAt.length} can be read; the clip may be damaged`,
    };
  }
  if (!avc) return { message: 'ffmpeg wrote another kind of H.264 than it was told' };
  return { stretch: { path, start: start.time, order: shownAt }, config: avc };
}

async function argsOf(
  piece: EncodablePiece,
  { job, options }: { readonly job: FilmJob; readonly options: EncodeOptions },
): Promise<readonly string[]> {
  if (piece.kind === 'dissolve') return dissolveArgs(piece, options);
  if (piece.kind === 'encode') return encodeArgs(piece, options);
  return cardArgs(piece, { ...options, ...(await writeCard(piece.card.card, job)) });
}

function nameOf(piece: EncodablePiece): string {
  return piece.kind === 'card' ? piece.card.name : piece.clip.name;
}

/** What a decoder needs for all of it; null where that is not to be had. */
function oneConfig(copied: AvcConfig | null, encoded: readonly Encoded[]): AvcConfig | null {
  const [first] = encoded;
  if (!first) return copied;
  const isOne = encoded.every(({ config }) => configText(config) === configText(first.config));
  if (!isOne) return null;
  return copied ? joinAvcConfigs(copied, first.config) : first.config;
}

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
