import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorObject } from 'ajv';
import { explainSchemaErrors } from '../../base/schema-problem.js';
import validate from '../../generated/validate-record.js';
import type { NativeInput } from '../../models/native-input.js';
import { pick, RECORDED, type RecordedSubmission } from '../../plan/submission.js';
import { type Attempt, joinRenders, type Render } from './render.js';

/** Folder of the clips and their records inside the run directory. */
export const CLIPS = 'videos';

/** A record as its file has it: each attempt without the input if it is the last one's. */
interface RecordText extends RecordedSubmission {
  readonly record: 1;
  readonly service: string;
  readonly key: string;
  readonly input: NativeInput;
  readonly rerender?: true;
  readonly waived?: true;
  readonly attempts: readonly (Omit<Attempt, 'input'> & { readonly input?: NativeInput })[];
}

/**
 * The text of a record: fields in a fixed order, two spaces, a newline at the end. Links are without their queries, because
 * signatures are in them, and the service gives a fresh link by request id.
 */
export function formatRecord({ service, key, submission, attempts, rerender, waived }: Render): string {
  const input = attempts.at(-1)?.input ?? {};
  const record: RecordText = {
    record: 1,
    service,
    key,
    ...pick(submission, RECORDED),
    input,
    ...(rerender && { rerender }),
    ...(waived && { waived }),
    attempts: attempts.map((attempt) => formatAttempt(attempt, input)),
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

function formatAttempt(attempt: Attempt, input: NativeInput): RecordText['attempts'][number] {
  const { usd, rate, date } = attempt.estimate;
  return {
    sent: attempt.sent,
    state: attempt.state,
    ...(attempt.again && { again: true }),
    ...(attempt.elsewhere && { elsewhere: true }),
    estimate: { usd, rate, date },
    request_id: attempt.request_id,
    ...(attempt.cancelling && { cancelling: true }),
    cost: attempt.cost,
    finished: attempt.finished,
    outputs: attempt.outputs.map(({ url, file, bytes, sha256, media, check }) => ({
      url: url === null ? null : withoutQuery(url),
      file,
      bytes,
      sha256,
      media,
      ...(check && { check }),
    })),
    error: attempt.error,
    ...(!isDeepStrictEqual(attempt.input, input) && { input: attempt.input }),
  };
}

/** A link without query, fragment, user and password: what git, a manifest or a page may show. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}

/** Content of a record file; a string is the problem, without a full stop. */
export type ReadRecord =
  | {
      readonly ok: true;
      readonly render: Render;
      /** True if git left both sides of a merge in it. */
      readonly isConflict: boolean;
    }
  | { readonly ok: false; readonly problem: string };

/** Reads the text of a record of unknown origin. Both sides of a merge conflict are joined. */
export function readRecord(text: string): ReadRecord {
  const sides = sidesOf(text);
  if (sides === null) return { ok: false, problem: 'a mark of a merge conflict in it has no end' };
  const [ours, theirs] = sides.map(parse);
  if (!ours?.ok) return ours ?? { ok: false, problem: 'it is empty' };
  if (!theirs) return { ...ours, isConflict: false };
  if (!theirs.ok) return theirs;
  if (ours.render.key !== theirs.render.key || ours.render.service !== theirs.render.service) {
    return { ok: false, problem: 'the two sides of its merge conflict are of different renders' };
  }
  return { ok: true, render: joinRenders(ours.render, theirs.render), isConflict: true };
}

type Place = 'both' | 'ours' | 'base' | 'theirs';

/** Where a mark of git leads, by the place that it stands in; in the base of a conflict, marks may be of another one. */
const MARKS: Readonly<Record<Place, Readonly<Record<string, Place>>>> = {
  both: { '<': 'ours' },
  ours: { '|': 'base', '=': 'theirs' },
  base: { '=': 'theirs' },
  theirs: { '>': 'both' },
};

/** A line that git writes around the sides of a conflict. */
const MARK = /^(?:<{7,}|\|{7,}|={7,}|>{7,})(?: .*)?\r?$/;

/** The two sides of a file with conflicts, or its text alone; null if a mark is out of place. */
function sidesOf(text: string): readonly string[] | null {
  if (!/^<{7,}(?: |\r?$)/m.test(text)) return [text];
  const ours: string[] = [];
  const theirs: string[] = [];
  let place: Place = 'both';
  for (const line of text.split('\n')) {
    if (MARK.test(line)) {
      const next: Place | undefined = MARKS[place][line.charAt(0)];
      if (next === undefined && place !== 'base') return null;
      place = next ?? place;
      continue;
    }
    if (place === 'both' || place === 'ours') ours.push(line);
    if (place === 'both' || place === 'theirs') theirs.push(line);
  }
  return place === 'both' ? [ours.join('\n'), theirs.join('\n')] : null;
}

function parse(
  text: string,
): { readonly ok: true; readonly render: Render } | { readonly ok: false; readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return { ok: false, problem: text.trim() === '' ? 'it is empty' : 'it is not JSON' };
  }
  const problem = problemOf(value);
  if (problem !== null) return { ok: false, problem };
  const { record: _, service, key, input, rerender, waived, attempts, ...submission } = value as RecordText;
  return {
    ok: true,
    render: {
      service,
      key,
      submission,
      ...(rerender && { rerender }),
      ...(waived && { waived }),
      attempts: attempts.map((attempt) => ({ ...attempt, input: attempt.input ?? input })),
    },
  };
}

/** Problem that the schema of records finds in a value; null for a valid record. */
function problemOf(value: unknown): string | null {
  const version = (value as { record?: unknown } | null)?.record;
  if (typeof version === 'number' && version > 1) {
    return `a newer version of Shotlist wrote it (record ${version}); use that version here`;
  }
  if (validate(value)) return null;
  const [first] = explainSchemaErrors((validate.errors ?? []) as ErrorObject[]);
  const place = first && first.path.length > 0 ? `, at ${first.path.join('.')}` : '';
  return first ? `${first.message.replace(/^the list\b/, 'it')}${place}` : 'it is not a record of a render';
}

/** A render, and the files that have it. */
export interface RenderOnDisk {
  readonly render: Render;
  /** Paths relative to the run directory. A render has one file, unless two branches sent it under two ids. */
  readonly files: readonly [string, ...string[]];
  /** True if the first file must be written to have all of it. */
  readonly isChanged: boolean;
}

export type ReadRecords =
  | {
      readonly kind: 'read';
      /** By key; oldest first. */
      readonly renders: ReadonlyMap<string, RenderOnDisk>;
      /** The renders that were paid twice, because two branches sent them. */
      readonly twice: readonly Render[];
    }
  /** `message` is a sentence that names the file. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string };

/** Largest record that is read, bytes: far above any. */
const LARGEST = 16 * 1024 * 1024;

/**
 * Reads the records of a run directory, whatever their files are called. Throws the file system's own errors, except for a
 * missing folder.
 */
export function readRecords(directory: string): ReadRecords {
  const found: RenderOnDisk[] = [];
  const byKey = new Map<string, number>();
  const twice = new Set<string>();
  for (const name of recordNames(join(directory, CLIPS))) {
    const file = `${CLIPS}/${name}`;
    const path = join(directory, file);
    const read = readRecordAt(path);
    if (!read.ok) return { kind: 'unreadable', file, message: `${path}: ${read.problem}.` };
    const { render, isConflict } = read;
    if (isConflict) twice.add(render.key);
    const index = byKey.get(render.key) ?? found.length;
    const known = found[index];
    byKey.set(render.key, index);
    found[index] = known
      ? joinFiles(known, { render, file })
      : { render, files: [file], isChanged: isConflict };
    if (known && found[index]?.isChanged) twice.add(render.key);
  }
  found.sort((one, other) => (firstSent(one.render) < firstSent(other.render) ? -1 : 1));
  const renders = new Map(found.map((one) => [one.render.key, one]));
  const isTwice = ({ attempts }: Render) =>
    attempts.filter(({ state }) => state === 'done' || state === 'completed').length > 1;
  return {
    kind: 'read',
    renders,
    twice: [...twice].flatMap((key) => renders.get(key)?.render ?? []).filter(isTwice),
  };
}

function recordNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Reads a record file of unknown origin. Never throws: the file system's errors are problems too. */
export function readRecordAt(path: string): ReadRecord {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { ok: false, problem: 'it is no file' };
    if (stats.size > LARGEST) return { ok: false, problem: 'it is too large to be a record' };
    return readRecord(readFileSync(path, 'utf8'));
  } catch (error) {
    return { ok: false, problem: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? error})` };
  }
}

function joinFiles(
  known: RenderOnDisk,
  { render, file }: { readonly render: Render; readonly file: string },
): RenderOnDisk {
  const joined = joinRenders(known.render, render);
  // A mere copy of a record adds nothing, and is left alone.
  if (isDeepStrictEqual(joined, known.render)) return known;
  return { render: joined, files: [...known.files, file], isChanged: true };
}

function firstSent({ attempts, key }: Render): string {
  return `${attempts[0]?.sent} ${key}`;
}
