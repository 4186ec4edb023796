import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode, worst } from '../../base/exit.js';
import { isFileTrouble, whyNotWritten } from '../../base/files.js';
import { compareFile, copyClip, writeNew } from '../../cut/delivery/copy-clip.js';
import { removeHalfWritten } from '../../cut/delivery/other-files.js';
import type { NamedClip } from '../../cut/delivery/plan-delivery.js';
import {
  type DeliveredTimeline,
  RECORD_FILE,
  readRecord,
  type TimelineFormat,
  writeRecord,
} from '../../cut/delivery/record.js';
import { nextTimeline } from '../../cut/delivery/timeline-files.js';
import { createStatusLine, type StatusLine } from '../../ui/status-line.js';
import { type Console, type Failure, fail, shownPath } from '../console.js';
import { stopOnSignals } from '../signals.js';
import { type DeliverFlags, type DeliveryOrder, orderDelivery } from './delivery-order.js';
import { type Delivered, deliverySummary } from './delivery-summary.js';
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
  const made = await stopOnSignals((signal) => attempt({ order, directory, formats, line, signal, run }));
  line.clear();
  if ('exit' in made) return fail(console, made);
  console.stdout.write(deliverySummary(order, { ...made, run, isRehearsal: manifest.service === 'local' }));
  return worst([
    ...(made.changed.length > 0 ? [Exit.failed] : []),
    ...(order.missing.length > 0 ? [Exit.unfinished] : []),
  ]);
}

interface Job {
  readonly order: DeliveryOrder;
  readonly directory: string;
  readonly formats: readonly TimelineFormat[];
  readonly line: StatusLine;
  readonly signal: AbortSignal;
  readonly run: string;
}

async function attempt(job: Job): Promise<Delivered | Failure> {
  try {
    return await deliverAll(job);
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    // Names were free when they were chosen.
    if (error.code === 'EEXIST') return madeMeanwhile(job.order.to);
    return {
      exit: Exit.cannotWrite,
      message: `${shownPath(job.order.to)} cannot be written: ${whyNotWritten(error)}`,
      hint: 'what was copied so far stays; the same command goes on from there',
    };
  }
}

/** Copies first, then the timelines that name the copies, then the record of both. */
async function deliverAll(job: Job): Promise<Delivered | Failure> {
  const { to, record, timeline } = job.order;
  const changed = await changedFiles(job);
  if (job.signal.aborted) return stopped();
  const fresh = job.order.clips.filter(({ isNew }) => isNew);
  await mkdir(to, { recursive: true });
  await removeHalfWritten(to, effects.now());
  const failure = await copyAll(fresh, job);
  if (failure) return failure;
  if (!isDeepStrictEqual(await readRecord(join(to, RECORD_FILE), record.list), record))
    return madeMeanwhile(to);
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

/** What was delivered earlier and is not what it was; a person's change is theirs, and only said. */
async function changedFiles({ order: { to, record }, line, signal }: Job): Promise<Delivered['changed']> {
  const files = [...record.clips, ...record.timelines.flatMap((timeline) => timeline.files)];
  const changed: Delivered['changed'][number][] = [];
  for (const [index, one] of files.entries()) {
    if (signal.aborted) break;
    line.show(`Looking at what was delivered: ${index + 1} of ${files.length}`);
    const state = await compareFile(to, one);
    if (state !== 'same') changed.push({ file: one.file, isGone: state === 'none' });
  }
  return changed;
}

async function copyAll(clips: readonly NamedClip[], job: Job): Promise<Failure | null> {
  const { order, directory, line, signal, run } = job;
  // A delivery that was cut off has left copies that no record knows.
  const states = new Map<string, 'same' | 'other' | 'none'>();
  for (const { clip } of clips) states.set(clip.file, await compareFile(order.to, clip));
  const taken = clips.find(({ clip }) => states.get(clip.file) === 'other');
  if (taken) return inTheWay(taken, order.to);
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

function inTheWay({ clip }: NamedClip, to: string): Failure {
  return {
    exit: Exit.cannotWrite,
    message: `there is another file called ${shownPath(join(to, clip.file))}, and nothing is overwritten`,
    hint: 'move it away, or name clips otherwise with --name',
  };
}

/** Two at once would count the same numbers. */
function madeMeanwhile(to: string): Failure {
  return {
    exit: Exit.unfinished,
    message: `something else was delivered to ${shownPath(to)} meanwhile`,
    hint: 'what was copied so far stays; the same command goes on from there',
  };
}

function stopped(): Failure {
  return { exit: Exit.interrupted, message: 'stopped; the same command goes on from here' };
}
