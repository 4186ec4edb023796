import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount } from '../../base/units.js';
import { type AvcConfig, freeId, joinAvcConfigs } from '../../media/avc-config.js';
import { runChild } from '../../media/child.js';
import { readPictures } from '../../media/clip-pictures.js';
import { joinPictures, type Stretch } from '../../media/join-pictures.js';
import { cardArgs, dissolveArgs, type EncodeOptions, encodeArgs } from './encode-args.js';
import { filmLength } from './film.js';
import type { FilmJob, Trouble } from './film-job.js';
import type { CopiedPiece, Piece } from './pieces.js';
import { configText } from './shape.js';
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
