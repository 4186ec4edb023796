import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Exit } from '../../base/exit.js';
import { isFileError } from '../../base/files.js';
import { type Cut, cutOf, whyMissing } from '../../cut/cut.js';
import { type OtherFiles, otherFiles } from '../../cut/delivery/folder-files.js';
import { type NamedClip, nameClips, patternProblem, safeName } from '../../cut/delivery/name-clips.js';
import { type DeliveryRecord, RECORD_FILE, readRecord } from '../../cut/delivery/record.js';
import { readTimecode } from '../../cut/delivery/timecode.js';
import { makeTimeline, type Timeline, type TimelineSource } from '../../cut/delivery/timeline.js';
import { shapeOf } from '../../cut/film/shape.js';
import { storyOf } from '../../dailies/story.js';
import type { ManifestEntry } from '../../manifest/manifest.js';
import { type ClipPictures, readPictures } from '../../media/clip-pictures.js';
import { type Failure, shownPath } from '../console.js';
import { type ChoiceFlags, type ListFlags, namedBy } from '../list-flags.js';
import { type RenderedRun, runName, unreadableClip, withClipsHere } from './rendered-run.js';

/** Flags of `shotlist deliver`. */
export interface DeliverFlags extends ListFlags, Pick<ChoiceFlags, 'only' | 'except'> {
  /** Folder to deliver to. */
  readonly to: string;
  /** `premiere` writes FCP 7 XML only; `resolve` writes FCP 7 XML and OTIO, like no flag at all. */
  readonly for?: 'premiere' | 'resolve';
  /** Pattern for the names of clips, with placeholders. */
  readonly name: string;
  /** Timecode of the first frame of the timeline. */
  readonly startTimecode: string;
}

/** Everything that is decided about a delivery before a file is written. */
export interface DeliveryOrder {
  /** Absolute path of the folder to deliver to. */
  readonly to: string;
  readonly record: DeliveryRecord;
  readonly clips: readonly NamedClip[];
  readonly missing: readonly ManifestEntry[];
  readonly timeline: Timeline;
}

/** Decides which clips a run delivers and under which names; refuses what cannot be delivered. Writes nothing. */
export async function orderDelivery(
  opened: RenderedRun,
  { flags, run }: { readonly flags: DeliverFlags; readonly run: string },
): Promise<DeliveryOrder | Failure> {
  const { directory, list, profile } = opened;
  const manifest = withClipsHere(opened);
  const problem = patternProblem(flags.name);
  if (problem !== null) return { exit: Exit.usage, message: `--name ${flags.name}: ${problem}` };
  const named = namedBy(manifest.submissions, flags);
  if ('exit' in named) return named;
  const cut = cutOf(manifest, ({ id }) => named.has(id));
  if (cut.pieces.length === 0) return nothingToDeliver(cut, run);
  const to = resolve(flags.to);
  const record = await recordFor(to, { directory, list });
  if ('exit' in record) return record;
  const { title } = storyOf(manifest);
  const others = await othersIn(to, { record, clips: cut.pieces.map(({ clip }) => clip) });
  if ('exit' in others) return others;
  const clips = nameClips(cut.pieces, { record, others, pattern: flags.name, profile, title });
  if (!clips.ok) return nameClash(clips.clash, flags);
  const pictures = await readClips(clips.clips, directory);
  if ('piece' in pictures) {
    const { entry, clip } = pictures.piece;
    return unreadableClip({ id: entry.id, file: clip.file }, run);
  }
  const shape = shapeOf([...pictures.values()]);
  if (!shape) throw new Error('clips have no shape');
  const start = readTimecode(flags.startTimecode, shape.rate);
  if (typeof start === 'string') return { exit: Exit.usage, message: `--start-timecode: ${start}` };
  const sources = timelineSources(cut, { clips: clips.clips, pictures });
  const timeline = makeTimeline(sources, { name: safeName(runName(opened)), start, ...shape });
  return { to, record, clips: clips.clips, missing: cut.missing, timeline };
}

/** Record of a folder, if this list may be delivered there. */
async function recordFor(
  to: string,
  { directory, list }: Pick<RenderedRun, 'directory' | 'list'>,
): Promise<DeliveryRecord | Failure> {
  const found = await stat(to).catch(() => null);
  if (found && !found.isDirectory()) return { exit: Exit.usage, message: `${shownPath(to)} is not a folder` };
  const real = await realpath(to).catch(() => to);
  const own = await Promise.all(
    [directory, join(directory, 'videos')].map((path) => realpath(path).catch(() => path)),
  );
  if (own.includes(real)) {
    return {
      exit: Exit.usage,
      message: `${shownPath(to)} is where the run keeps its own files`,
      hint: 'deliver to another folder',
    };
  }
  const record = await readRecord(join(to, RECORD_FILE), basename(list));
  if (typeof record === 'string') {
    const message = `${shownPath(join(to, RECORD_FILE))}: ${record}`;
    return {
      exit: Exit.invalid,
      message,
      hint: 'put back the one that was there, or deliver to another folder',
    };
  }
  if (record.list === basename(list)) return record;
  const message = `${shownPath(to)} holds what ${record.list} delivered, and this is ${basename(list)}`;
  return { exit: Exit.usage, message, hint: 'deliver each list to a folder of its own' };
}

async function othersIn(
  to: string,
  options: Parameters<typeof otherFiles>[1],
): Promise<OtherFiles | Failure> {
  try {
    return await otherFiles(to, options);
  } catch (error) {
    if (!isFileError(error)) throw error;
    return { exit: Exit.cannotWrite, message: `${shownPath(to)} cannot be read: ${error.message}` };
  }
}

/** Reads the index of each clip, by its name in the folder; returns the first clip that cannot be read. */
async function readClips(
  clips: readonly NamedClip[],
  directory: string,
): Promise<ReadonlyMap<string, ClipPictures> | NamedClip> {
  const all = new Map<string, ClipPictures>();
  for (const one of clips) {
    const pictures = await readPictures(join(directory, one.piece.clip.file));
    if (!pictures) return one;
    all.set(one.clip.file, pictures);
  }
  return all;
}

function timelineSources(
  { all }: Cut,
  {
    clips,
    pictures,
  }: Pick<DeliveryOrder, 'clips'> & { readonly pictures: ReadonlyMap<string, ClipPictures> },
): readonly TimelineSource[] {
  const files = new Map(clips.map(({ piece, clip }) => [piece.entry.id, clip.file]));
  return all.map((one): TimelineSource => {
    const { id, use, transition, scene, take, prompt, notes, segments } = one.entry;
    const file = files.get(id);
    const found = file === undefined ? undefined : pictures.get(file);
    if (!one.clip || file === undefined || !found) {
      return { kind: 'gap', id, why: whyMissing(one.entry), seconds: one.to - one.from, transition };
    }
    const facts = { id, scene, take, prompt, notes, segments };
    return { kind: 'clip', ...facts, file, pictures: found, audio: one.clip.media.audio, use, transition };
  });
}

function nothingToDeliver({ missing }: Cut, run: string): Failure {
  const message = missing.length > 0 ? 'none of the chosen clips is here' : 'no shot is chosen';
  return {
    exit: Exit.failed,
    message: `there is nothing to deliver: ${message}`,
    hint: `see shotlist status ${run}`,
  };
}

function nameClash(
  { file, between: [one, other] }: { readonly file: string; readonly between: readonly [string, string] },
  { name }: DeliverFlags,
): Failure {
  const message =
    one === file
      ? `${other} would be called ${file}, which was delivered already`
      : `${one} and ${other} would both be called ${file}`;
  const lacks = ['{version}', '{scene}', '{take}'].find((word) => !name.includes(word));
  return {
    exit: Exit.usage,
    message,
    hint: `give --name more to tell them apart by${lacks ? `, such as ${lacks}` : ''}`,
  };
}
