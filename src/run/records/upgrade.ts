import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestEntry } from '../../manifest/manifest.js';
import { pick, RECORDED, type RecordedSubmission } from '../../plan/plan.js';
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

/** A line of the journal, as version 0.1 wrote it. The whole is checked when it is a record. */
type JournalLine = { readonly at: string; readonly key: string } & (
  | { readonly type: 'open'; readonly service: string }
  | {
      readonly type: 'submitting';
      readonly submission: RecordedSubmission &
        Pick<Attempt, 'input'> & { readonly cost: Attempt['estimate'] };
      readonly again?: true;
    }
  | { readonly type: 'completed'; readonly outputs: readonly string[]; readonly cost: number | null }
  | (Omit<StepOf<'downloaded'>, 'index'> & { readonly url: string })
  | (Omit<StepOf<'inspected'>, 'index' | 'type'> & { readonly type: 'looked'; readonly url?: string })
  | (Omit<StepOf<'failed'>, 'cost'> & { readonly cost?: number | null })
  | StepOf<'refused' | 'submitted' | 'cancelling' | 'cancelled' | 'lost'>
  | {
      readonly type: 'resolved';
      readonly as: 'accepted' | 'resubmit' | 'given-up';
      readonly request_id?: string;
    }
  | { readonly type: 'spent' }
);

type StepOf<Type extends Step['type']> = Extract<Step, { readonly type: Type }>;

function fromJournal(text: string): ReadonlyMap<string, RenderOnDisk> {
  const renders = new Map<string, Render | null>();
  let service = '';
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const record = JSON.parse(line) as JournalLine;
    if (record.type === 'open') service = record.service;
    const before = renders.get(record.key) ?? null;
    const step = stepOf(record, before);
    if (step) renders.set(record.key, withStep(before, step, { service, key: record.key }));
  }
  return onDisk([...renders.values()].filter((render) => render !== null));
}

/** The step in a line of the journal; null for a line that is no step any more. */
function stepOf(line: JournalLine, before: Render | null): Step | null {
  switch (line.type) {
    case 'submitting': {
      const { input, cost: estimate } = line.submission;
      const { again = false } = line;
      return {
        type: 'submitting',
        sent: line.at,
        submission: pick(line.submission, RECORDED),
        input,
        estimate,
        again,
      };
    }
    case 'completed':
      // It followed a fetched clip whose link was dead. A dead link takes nothing back any more.
      if (before?.attempts.at(-1)?.state === 'done') return null;
      return { type: 'completed', outputs: line.outputs, cost: line.cost, finished: null };
    case 'downloaded': {
      const { file, bytes, sha256, media } = line;
      return { type: 'downloaded', index: indexOf(line, before), file, bytes, sha256, media };
    }
    case 'looked': {
      const { sha256, pictures, flags } = line;
      return { type: 'inspected', index: indexOf(line, before), sha256, pictures, flags };
    }
    case 'failed':
      return { type: 'failed', code: line.code, message: line.message, cost: line.cost ?? null };
    case 'resolved':
      if (line.as === 'accepted') return { type: 'accepted', request_id: line.request_id ?? '' };
      return { type: line.as === 'resubmit' ? 'released' : 'given-up' };
    case 'open':
    case 'spent':
      return null;
    default:
      return line;
  }
}

/** Place of a clip among the outputs of its request, by its link or its hash. */
function indexOf(
  { url, sha256 }: { readonly url?: string; readonly sha256: string | null },
  before: Render | null,
): number {
  const outputs = before?.attempts.flatMap((attempt) => attempt.outputs) ?? [];
  const isMeant = (output: Attempt['outputs'][number]) =>
    url === undefined ? output.sha256 === sha256 : output.url === url;
  return Math.max(0, outputs.findIndex(isMeant));
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
