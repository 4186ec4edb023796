import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestEntry } from '../../manifest/manifest.js';
import { pick, RECORDED } from '../../plan/plan.js';
import { formatRecord, type RenderOnDisk, readRecord, renderOnDisk, usualPath } from './record-file.js';
import type { Attempt, Render } from './render.js';
import { type Step, withStep } from './steps.js';

/** Files in which version 0.1 kept what it had sent. */
const JOURNAL = 'journal.ndjson';
const MANIFEST = 'manifest.json';

/** Renders of a run directory of version 0.1; `message` is a sentence. */
export type OldRun =
  | { readonly kind: 'read'; readonly renders: ReadonlyMap<string, RenderOnDisk> }
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string };

/**
 * Reads a run directory that has no records: the journal that version 0.1 kept, or else the manifest, from which it began
 * in a fresh clone. The next run writes the records. Empty for a new directory.
 */
export async function readOldRun(directory: string): Promise<OldRun> {
  for (const [file, read] of [
    [JOURNAL, fromJournal],
    [MANIFEST, fromManifest],
  ] as const) {
    const path = join(directory, file);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) continue;
    try {
      return { kind: 'read', renders: read(text) };
    } catch (error) {
      const why = `${(error as Error).message}. Version 0.1 of Shotlist wrote it, and it says what was paid for.`;
      return { kind: 'unreadable', file, message: `${path}: ${why} Nothing was sent.` };
    }
  }
  return { kind: 'read', renders: new Map() };
}

/** A record of the journal; its fields depend on the type. */
interface JournalLine {
  readonly type: string;
  readonly at: string;
  readonly key: string;
  // biome-ignore lint/suspicious/noExplicitAny: checked as a record when it is written
  readonly [field: string]: any;
}

function fromJournal(text: string): ReadonlyMap<string, RenderOnDisk> {
  const renders = new Map<string, Render | null>();
  let service = '';
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const record = JSON.parse(line) as JournalLine;
    if (record.type === 'open') service = record.service;
    const before = renders.get(record.key) ?? null;
    const step = record.type === 'open' ? null : stepOf(record, before);
    if (step) renders.set(record.key, withStep(before, step, { service, key: record.key }));
  }
  return onDisk([...renders.values()].filter((render) => render !== null));
}

/** The step in a line of the journal; null for a step that no longer exists. */
function stepOf({ type, at, key: _, attempt: __, ...rest }: JournalLine, before: Render | null): Step | null {
  switch (type) {
    case 'submitting': {
      const { submission, again } = rest;
      const { input, cost } = submission;
      return { type, sent: at, submission: pick(submission, RECORDED), input, estimate: cost, again };
    }
    case 'completed':
      // It followed a fetched clip whose link was dead. A dead link takes nothing back any more.
      if (before?.attempts.at(-1)?.state === 'done') return null;
      return { type, outputs: rest.outputs, cost: rest.cost, finished: null };
    case 'downloaded':
    case 'looked': {
      const outputs = before?.attempts.flatMap((attempt) => attempt.outputs) ?? [];
      const { url, ...facts } = rest;
      const isMeant = (output: Attempt['outputs'][number]) =>
        url === undefined ? output.sha256 === rest.sha256 : output.url === url;
      const index = Math.max(0, outputs.findIndex(isMeant));
      return { type: type === 'looked' ? 'inspected' : type, index, ...facts } as Step;
    }
    case 'resolved':
      if (rest.as === 'accepted') return { type: 'accepted', request_id: rest.request_id };
      return { type: rest.as === 'resubmit' ? 'released' : 'given-up' };
    case 'spent':
      return null;
    default:
      return { cost: null, ...rest, type } as Step;
  }
}

function fromManifest(text: string): ReadonlyMap<string, RenderOnDisk> {
  // Only a manifest of version 0.1 has times of downloads. A later one decides nothing.
  if (!text.includes('"downloaded":')) return new Map();
  const { service, submissions, unlisted } = JSON.parse(text);
  const entries: readonly ManifestEntry[] = [...submissions, ...unlisted];
  return onDisk(entries.filter(wasSent).map((entry) => renderOf(entry, service)));
}

function wasSent({ state }: ManifestEntry): boolean {
  return state !== 'planned' && state !== 'refused';
}

function renderOf(entry: ManifestEntry, service: string): Render {
  const { key, state, cost, times, input, request_id, outputs, error, cancelling } = entry;
  const attempt = {
    sent: times.submitted ?? new Date(0).toISOString(),
    state: state as Attempt['state'],
    estimate: { usd: cost.estimate, rate: null, date: null },
    request_id,
    ...(cancelling && { cancelling }),
    cost: cost.actual,
    finished: null,
    outputs,
    error,
    input,
  };
  return { service, key, submission: pick(entry, RECORDED), attempts: [attempt] };
}

/** Throws if a render cannot be recorded as it is. */
function onDisk(renders: readonly Render[]): ReadonlyMap<string, RenderOnDisk> {
  return new Map(
    renders.map((render) => {
      const read = readRecord(formatRecord(render));
      if (!read.ok)
        throw new Error(`what it says of ${render.submission.id} cannot be used: ${read.problem}`);
      const { key, submission } = render;
      const files = [`${usualPath(submission.id, key)}.json`] as const;
      return [key, renderOnDisk(render, { files, isChanged: true })] as const;
    }),
  );
}
