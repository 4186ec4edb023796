import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode, worstExit } from '../../base/exit.js';
import { isFileError, whyNotWritten } from '../../base/files.js';
import { formatCount } from '../../base/units.js';
import { whyMissing } from '../../cut/cut.js';
import { compareFile, copyClip, removeLeftovers, writeNew } from '../../cut/delivery/folder-files.js';
import type { NamedClip } from '../../cut/delivery/name-clips.js';
import {
  type DeliveredTimeline,
  RECORD_FILE,
  readRecord,
  type TimelineFormat,
  writeRecord,
} from '../../cut/delivery/record.js';
import { nextTimeline } from '../../cut/delivery/timeline-files.js';
import { formatRate } from '../../cut/film/shape.js';
import { perSecond } from '../../media/frame-rate.js';
import { createStatusLine, type StatusLine } from '../../ui/status-line.js';
import { visible } from '../../ui/visible.js';
import { type Console, type Failure, fail, shownPath } from '../console.js';
import { stopOnSignals } from '../signals.js';
import { type DeliverFlags, type DeliveryOrder, orderDelivery } from './delivery-order.js';
import { openRendered } from './rendered-run.js';

/** `shotlist deliver`: adds the chosen clips of a run, and their timeline, to an editor's folder. */
export async function deliver(run: string, flags: DeliverFlags, console: Console): Promise<ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const order = await orderDelivery(opened, { flags, run });
  if ('exit' in order) return fail(console, order);
  const { directory, manifest } = opened;
  const formats: readonly TimelineFormat[] = flags.for === 'premiere' ? ['fcp7'] : ['fcp7', 'otio'];
  const line = createStatusLine(console.stderr, effects.now);
  const made = await stopOnSignals((signal) =>
    writeDelivery({ order, directory, formats, line, signal, run }),
  );
  line.clear();
  if ('exit' in made) return fail(console, made);
  console.stdout.write(deliverySummary(order, { ...made, run, isRehearsal: manifest.service === 'local' }));
  return worstExit([
    ...(made.changed.length > 0 ? [Exit.failed] : []),
    ...(order.missing.length > 0 ? [Exit.unfinished] : []),
  ]);
}

/** A delivery, and the means to write it. */
interface DeliveryJob {
  readonly order: DeliveryOrder;
  readonly directory: string;
  readonly formats: readonly TimelineFormat[];
  readonly line: StatusLine;
  readonly signal: AbortSignal;
  readonly run: string;
}

/** Writes the delivery; errors of the file system become failures. */
async function writeDelivery(job: DeliveryJob): Promise<Delivered | Failure> {
  try {
    return await writeFiles(job);
  } catch (error) {
    if (!isFileError(error)) throw error;
    // The names were free when they were chosen.
    if (error.code === 'EEXIST') return otherDelivery(job.order.to);
    return {
      exit: Exit.cannotWrite,
      message: `${shownPath(job.order.to)} cannot be written: ${whyNotWritten(error)}`,
      hint: CONTINUE_HINT,
    };
  }
}

/** Writes the clips, then the timeline that names them, then the record of both. */
async function writeFiles(job: DeliveryJob): Promise<Delivered | Failure> {
  const { to, record, timeline } = job.order;
  const changed = await changedFiles(job);
  if (job.signal.aborted) return stopped();
  const fresh = job.order.clips.filter(({ isNew }) => isNew);
  await mkdir(to, { recursive: true });
  await removeLeftovers(to, effects.now());
  const failure = await copyAll(fresh, job);
  if (failure) return failure;
  if (!isDeepStrictEqual(await readRecord(join(to, RECORD_FILE), record.list), record))
    return otherDelivery(to);
  const next = await nextTimeline(timeline, { record, folder: to, formats: job.formats });
  for (const { file, text } of next?.texts ?? []) await writeNew(join(to, file), text);
  const timelines: readonly DeliveredTimeline[] = next ? [next.delivered] : [];
  if (fresh.length > 0 || next) {
    await writeRecord(join(to, RECORD_FILE), {
      ...record,
      clips: [...record.clips, ...fresh.map(({ clip }) => clip)],
      timelines: [...record.timelines, ...timelines],
    });
  }
  return { copied: fresh.length, timeline: next?.delivered ?? null, changed };
}

/** Delivered files that were changed or removed since; they are reported and left alone. */
async function changedFiles({
  order: { to, record },
  line,
  signal,
}: DeliveryJob): Promise<Delivered['changed']> {
  const files = [...record.clips, ...record.timelines.flatMap((timeline) => timeline.files)];
  const changed: Delivered['changed'][number][] = [];
  for (const [index, one] of files.entries()) {
    if (signal.aborted) break;
    line.show(`Checking what was delivered: ${index + 1} of ${files.length}`);
    const state = await compareFile(to, one);
    if (state !== 'same') changed.push({ file: one.file, isGone: state === 'none' });
  }
  return changed;
}

async function copyAll(clips: readonly NamedClip[], job: DeliveryJob): Promise<Failure | null> {
  const { order, directory, line, signal, run } = job;
  // An interrupted delivery leaves copies that are not in the record.
  const states = new Map<string, 'same' | 'other' | 'none'>();
  for (const { clip } of clips) states.set(clip.file, await compareFile(order.to, clip));
  const taken = clips.find(({ clip }) => states.get(clip.file) === 'other');
  if (taken) return nameTaken(taken, order.to);
  for (const [index, { piece, clip }] of clips.entries()) {
    if (signal.aborted) return stopped();
    if (states.get(clip.file) === 'same') continue;
    line.show(`Copying the clips: ${index + 1} of ${clips.length}`);
    if (!(await copyClip(join(directory, piece.clip.file), order.to, clip))) {
      return {
        exit: Exit.failed,
        message: `the clip of ${piece.entry.id} is not what was fetched: ${piece.clip.file}`,
        hint: `to see what is wrong: shotlist verify ${run}`,
      };
    }
  }
  return null;
}

function nameTaken({ clip }: NamedClip, to: string): Failure {
  return {
    exit: Exit.cannotWrite,
    message: `there is another file called ${shownPath(join(to, clip.file))}, and nothing is overwritten`,
    hint: 'move it away, or name the clips in another way with --name',
  };
}

const CONTINUE_HINT = 'what was copied so far stays; the same command continues from there';

/** Failure for two deliveries to a folder at the same time, which would give the same version numbers. */
function otherDelivery(to: string): Failure {
  return {
    exit: Exit.unfinished,
    message: `something else was delivered to ${shownPath(to)} meanwhile`,
    hint: CONTINUE_HINT,
  };
}

function stopped(): Failure {
  return { exit: Exit.interrupted, message: 'stopped; the same command continues from here' };
}

/** Result of a delivery. */
interface Delivered {
  /** Number of new clips in the folder. */
  readonly copied: number;
  /** New timeline; null if the last one is still the same. */
  readonly timeline: DeliveredTimeline | null;
  /** Files that were delivered earlier and then changed or removed. */
  readonly changed: readonly { readonly file: string; readonly isGone: boolean }[];
}

/** Maximum of files or clips that are named. */
const NAMED = 20;

/** Summary of a delivery: new clips, the timeline, missing clips and changed files. */
function deliverySummary(
  order: DeliveryOrder,
  delivered: Delivered & { readonly run: string; readonly isRehearsal: boolean },
): string {
  const { to, missing, timeline } = order;
  const { changed, isRehearsal, run } = delivered;
  const { rate, width, height, length, start } = timeline;
  const size = `${width}×${height} at ${formatRate(rate)}`;
  const lines = [
    ...headLines(order, delivered),
    `${(length / perSecond(rate)).toFixed(3)} s (${formatCount(length, 'frame')}), ${size}, from ${start.text}.`,
    ...(isRehearsal ? ['These clips are animatics of a rehearsal, not renders.'] : []),
    ...section(
      `${formatCount(missing.length, 'clip')} not here; the timeline has a gap of ${missing.length === 1 ? 'its' : 'their'} length:`,
      missing.map((entry) => `${entry.id}  ${whyMissing(entry)}`),
    ),
    ...section(
      `Not as delivered, and left alone in ${shownPath(to)}:`,
      changed.map(({ file, isGone }) => `${file}  ${isGone ? 'gone' : 'changed'}`),
    ),
    ...(changed.some(({ isGone }) => isGone)
      ? [`hint: to get the missing files again: shotlist deliver ${run} --to <another folder>`]
      : []),
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}

function headLines({ to, clips }: DeliveryOrder, { copied, timeline }: Delivered): readonly string[] {
  if (copied === 0 && !timeline) return [`Nothing new for ${shownPath(to)}.`];
  const there = clips.length - copied;
  const already = there > 0 ? `, ${formatCount(there, 'clip')} there already` : '';
  return [
    `Delivered to ${shownPath(to)}: ${formatCount(copied, 'new clip')}${already}.`,
    timeline
      ? `The timeline: ${timeline.files.map(({ file }) => file).join(', ')}`
      : 'The timeline is as it was.',
  ];
}

function section(title: string, rows: readonly string[]): readonly string[] {
  if (rows.length === 0) return [];
  const more = rows.length > NAMED ? [`  and ${formatCount(rows.length - NAMED, 'other')}`] : [];
  return ['', title, ...rows.slice(0, NAMED).map((row) => `  ${row}`), ...more];
}
