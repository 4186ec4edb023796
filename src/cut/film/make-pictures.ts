import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount } from '../../base/units.js';
import { type AvcConfig, freeId, joinAvcConfigs } from '../../media/avc-config.js';
import { runChild } from '../../media/child.js';
import { readPictures } from '../../media/clip-pictures.js';
import { type FrameRate, rateText } from '../../media/frame-rate.js';
import { joinPictures, type Stretch } from '../../media/join-pictures.js';
import { type FilmClip, filmLength } from './film.js';
import { FFMPEG_START, type FilmJob, type FilmProblem } from './film-job.js';
import type { CardPiece, CopiedPiece, DissolvedPiece, EncodedPiece, Piece } from './pieces.js';
import { configText, type FilmShape, hasRate } from './shape.js';
import { writeCard } from './write-card.js';

/** Makes an MP4 of the film's frames, without sound; returns its name. Throws errors of the file system. */
export async function makePictures(job: FilmJob): Promise<{ readonly file: string } | FilmProblem> {
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
    if ('message' in made) return { message: `${pieceName(piece)}: ${made.message}` };
    encoded.push(made);
    stretches.push(made.stretch);
  }
  const config = commonConfig(job.config, encoded);
  if (!config) return { message: 'the encoded pieces do not fit together' };
  onStep('Joining', 0, 1);
  const file = 'pictures.mp4';
  const written = await joinPictures(join(folder, file), { track: { ...shape, config }, stretches });
  const wanted = filmLength(job.items);
  if (written !== wanted)
    return { message: `of ${wanted} frames only ${written} can be read; a clip is damaged` };
  for (const { stretch } of encoded) await rm(stretch.path, { force: true });
  return { file };
}

/** A piece that was encoded. */
interface Encoded {
  readonly stretch: Stretch;
  readonly config: AvcConfig;
}

type EncodablePiece = Exclude<Piece, CopiedPiece>;

async function encode(
  piece: EncodablePiece,
  { job, name }: { readonly job: FilmJob; readonly name: string },
): Promise<Encoded | FilmProblem> {
  const { shape, folder, ffmpeg, signal } = job;
  const id = job.config ? freeId(job.config) : 0;
  if (id === null) return { message: 'the clips leave no id for encoded frames' };
  const args = await encodeArgs(piece, { job, options: { shape, id, to: name } });
  const child = await runChild(ffmpeg.path, { args, cwd: folder, signal });
  if (!child.ok) return { message: child.message };
  const path = join(folder, name);
  const made = await readPictures(path);
  // ffmpeg exits with 0 even if a damaged clip ends early.
  const { shownAt = [], avc = null, starts: [start] = [] } = made ?? {};
  if (shownAt.length !== piece.frames || !start) {
    return {
      message: `of ${formatCount(piece.frames, 'frame')} only ${shownAt.length} can be read; the clip may be damaged`,
    };
  }
  if (!avc) return { message: 'ffmpeg wrote another kind of H.264 than expected' };
  return { stretch: { path, start: start.time, order: shownAt }, config: avc };
}

async function encodeArgs(
  piece: EncodablePiece,
  { job, options }: { readonly job: FilmJob; readonly options: EncodeOptions },
): Promise<readonly string[]> {
  if (piece.kind === 'dissolve') return dissolveArgs(piece, options);
  if (piece.kind === 'encode') return clipArgs(piece, options);
  return cardArgs(piece, { ...options, ...(await writeCard(piece.card.card, job)) });
}

function pieceName(piece: EncodablePiece): string {
  return piece.kind === 'card' ? piece.card.name : piece.clip.name;
}

/** Configuration for copied and encoded pieces together; null if they do not fit together. */
function commonConfig(copied: AvcConfig | null, encoded: readonly Encoded[]): AvcConfig | null {
  const [first] = encoded;
  if (!first) return copied;
  const isSame = encoded.every(({ config }) => configText(config) === configText(first.config));
  if (!isSame) return null;
  return copied ? joinAvcConfigs(copied, first.config) : first.config;
}

interface EncodeOptions {
  readonly shape: FilmShape;
  /** Id of the parameter sets. It differs from those of copied pieces, so that both fit into one track. */
  readonly id: number;
  /** MP4 to write, relative to the working folder. */
  readonly to: string;
}

/** Arguments of ffmpeg to encode a range of a clip. */
function clipArgs({ clip, from, frames }: EncodedPiece, options: EncodeOptions): readonly string[] {
  const graph = `[0:v]${frameFilters(clip, { from, frames, shape: options.shape })},format=yuv420p[v]`;
  return [...FFMPEG_START, '-i', clip.path, ...encoderArgs(graph, { frames, ...options })];
}

/** Arguments of ffmpeg for a crossfade: the start of a clip fades in over the end of the one before. */
function dissolveArgs(piece: DissolvedPiece, options: EncodeOptions): readonly string[] {
  const { before, clip, frames } = piece;
  const { shape } = options;
  const graph = [
    `[0:v]${frameFilters(before, { from: before.to - frames, frames, shape })},format=yuv420p[from]`,
    // Transparent in its first frame and opaque after its last. Every ffmpeg has `fade`; `xfade` is newer.
    `[1:v]${frameFilters(clip, { from: clip.from, frames, shape })},format=yuva420p,fade=t=in:alpha=1:s=0:n=${frames}[to]`,
    '[from][to]overlay=format=yuv420,format=yuv420p[v]',
  ].join(';');
  return [...FFMPEG_START, '-i', before.path, '-i', clip.path, ...encoderArgs(graph, { frames, ...options })];
}

/** Arguments of ffmpeg for a card: text over a dark ground. Both paths are relative and need no escaping. */
function cardArgs(
  { frames }: CardPiece,
  { ass, fonts, ...options }: EncodeOptions & { readonly ass: string; readonly fonts: string },
): readonly string[] {
  const { width, height, rate } = options.shape;
  const ground = `color=c=${GROUND}:s=${width}x${height}:r=${rateText(rate)}`;
  const graph = `${ground},trim=end_frame=${frames},ass=filename=${ass}:fontsdir=${fonts},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1[v]`;
  return [...FFMPEG_START, ...encoderArgs(graph, { frames, ...options })];
}

const GROUND = '0x101214';

/** Filters of ffmpeg that cards need. */
export const CARD_FILTERS = ['color', 'ass'];

/** Filters of ffmpeg that encoding needs, besides the encoder `libx264`. */
export const ENCODE_FILTERS = ['fps', 'trim', 'setpts', 'settb', 'scale', 'pad', 'setsar', 'fade', 'overlay'];

/** Filters that convert a range of a clip to frames of the film. */
function frameFilters(
  clip: FilmClip,
  { from, frames, shape }: { readonly from: number; readonly frames: number; readonly shape: FilmShape },
): string {
  const { rate } = shape;
  return [
    ...(hasRate(clip.pictures, shape) ? [] : evenRate(rate)),
    `trim=start_frame=${from}:end_frame=${from + frames}`,
    `settb=${rate.den}/${rate.num}`,
    'setpts=N',
    ...fitToShape(clip, shape),
    'setsar=1',
  ].join(',');
}

/** Filters for an even frame rate. The last frame is repeated, so that rounding never leaves a frame too few. */
function evenRate(rate: FrameRate): readonly string[] {
  return ['setpts=PTS-STARTPTS', `fps=${rateText(rate)}`, 'tpad=stop_mode=clone:stop_duration=1'];
}

/** Filters that fit the whole picture into the middle of the film's frame, in BT.709. */
function fitToShape({ pictures }: FilmClip, { width, height }: FilmShape): readonly string[] {
  const scale = Math.min(width / pictures.width, height / pictures.height);
  const [inner, outer] = [even(pictures.width * scale), even(pictures.height * scale)];
  // Players read HD without a colour matrix as BT.709; ffmpeg does not.
  const isHd = Math.min(pictures.width, pictures.height) >= 720;
  const from = pictures.matrix === null && isHd ? ':in_color_matrix=bt709' : '';
  const scaled = `scale=${inner}:${outer}:flags=lanczos${from}:out_color_matrix=bt709:out_range=tv`;
  if (inner === width && outer === height) return [scaled];
  return [scaled, `pad=${width}:${height}:${even((width - inner) / 2)}:${even((height - outer) / 2)}:black`];
}

/** Arguments of ffmpeg that encode the output of a filter graph. */
function encoderArgs(graph: string, { frames, shape, id, to }: EncodeOptions & { readonly frames: number }) {
  const { rate } = shape;
  const picture = ['-filter_complex', graph, '-map', '[v]'];
  const length = ['-frames:v', String(frames), '-r', rateText(rate)];
  // A key frame every two seconds, for scrubbing.
  const keyFrames = ['-g', String(Math.round((2 * rate.num) / rate.den))];
  const parameterSets = ['-x264-params', `sps-id=${id}`];
  const output = ['-map_metadata', '-1', '-f', 'mp4', to];
  return [
    ...picture,
    ...length,
    ...ENCODER,
    ...PIXELS,
    ...COLOURS,
    ...keyFrames,
    ...parameterSets,
    ...output,
  ];
}

/** Encoder: half the quantiser of web video, so that a second encoding stays invisible. */
const ENCODER = ['-c:v', 'libx264', '-preset', 'fast', '-crf', '16', '-profile:v', 'high'] as const;

const PIXELS = ['-pix_fmt', 'yuv420p', '-color_range', 'tv'] as const;
const COLOURS = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'] as const;

function even(length: number): number {
  return Math.round(length / 2) * 2;
}
