import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorObject } from 'ajv';
import { type Json, repeatedName } from '../../base/json.js';
import { explainSchemaErrors } from '../../base/schema-problem.js';
import { withoutQuery } from '../../base/text.js';
import validate from '../../generated/validate-record.js';
import type { NativeInput } from '../../models/native-input.js';
import { pick, RECORDED, type RecordedSubmission } from '../../plan/plan.js';
import { type Attempt, joinRenders, KEY_START, type KeyState, type Render, stateOf } from './render.js';

/** Folder of the clips and their records inside the run directory. */
export const CLIPS = 'videos';

/**
 * Usual path of a record and of its clips, relative to the run directory, without the ending. More digits of the key make it
 * another path if two renders would have the same.
 */
export function usualPath(id: string, key: string, digits = KEY_START): string {
  return `${CLIPS}/${id}.${key.slice(0, digits)}`;
}

/** A record as its file has it: each attempt without the input if it is the last one's. */
interface RecordText extends RecordedSubmission {
  readonly record: 1;
  readonly service: string;
  readonly key: string;
  readonly input: NativeInput;
  readonly rerender?: true;
  readonly accepted_missing?: true;
  readonly attempts: readonly (Omit<Attempt, 'input'> & { readonly input?: NativeInput })[];
}

/**
 * The text of a record: fields in a fixed order, two spaces, a newline at the end. Links are without their queries, because
 * signatures are in them, and the service gives a fresh link by request id.
 */
export function formatRecord({
  service,
  key,
  submission,
  attempts,
  rerender,
  accepted_missing,
}: Render): string {
  const input = attempts.at(-1)?.input ?? {};
  const record: RecordText = {
    record: 1,
    service,
    key,
    ...pick(submission, RECORDED),
    input,
    ...(rerender && { rerender }),
    ...(accepted_missing && { accepted_missing }),
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
    ...(attempt.paid_elsewhere && { paid_elsewhere: true }),
    estimate: { usd, rate, date },
    request_id: attempt.request_id,
    ...(attempt.cancelling && { cancelling: true }),
    cost: attempt.cost,
    finished: attempt.finished,
    outputs: attempt.outputs.map(({ url, file, bytes, sha256, media, check }) => ({
      url: url === null ? null : withoutSecrets(url),
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
export function withoutSecrets(url: string): string {
  return withoutQuery(url).replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}

/** Content of a record file; a string is the problem, without a full stop. */
export type ReadRecord =
  | {
      readonly ok: true;
      readonly render: Render;
      /** True if git left both sides of a merge in it. */
      readonly isConflict: boolean;
      /** True if both sides rendered it. */
      readonly isTwice: boolean;
    }
  | { readonly ok: false; readonly problem: string };

/** Reads the text of a record of unknown origin. Both sides of a merge conflict are joined. */
export function readRecord(text: string): ReadRecord {
  const sides = sidesOf(text);
  if (sides === null) return { ok: false, problem: 'a mark of a merge conflict in it has no end' };
  const [ours, theirs] = sides.map(parse);
  if (!ours?.ok) return ours ?? { ok: false, problem: 'it is empty' };
  if (!theirs) return { ...ours, isConflict: false, isTwice: false };
  if (!theirs.ok) return theirs;
  if (ours.render.key !== theirs.render.key || ours.render.service !== theirs.render.service) {
    return { ok: false, problem: 'the two sides of its merge conflict are of different renders' };
  }
  const isTwice = areBothRendered(ours.render, theirs.render);
  return { ok: true, render: joinRenders(ours.render, theirs.render), isConflict: true, isTwice };
}

type Place = 'both' | 'ours' | 'base' | 'theirs';

/** Place after a mark of git, by the place before it and the first character of the mark. */
const MARKS: Readonly<Record<Place, Readonly<Record<string, Place>>>> = {
  both: { '<': 'ours' },
  ours: { '|': 'base', '=': 'theirs' },
  base: { '=': 'theirs' },
  theirs: { '>': 'both' },
};

/** A line that git writes around the sides of a conflict. In a base that was merged itself, git writes longer ones. */
const MARK = /^(<{7,}|\|{7,}|={7,}|>{7,})(?: .*)?\r?$/;

/** The two sides of a file with conflicts, or its text alone; null if a mark is out of place. */
function sidesOf(text: string): readonly string[] | null {
  const length = /^(<{7,})(?: |\r?$)/m.exec(text)?.[1]?.length;
  if (length === undefined) return [text];
  const ours: string[] = [];
  const theirs: string[] = [];
  let place: Place = 'both';
  for (const line of text.split('\n')) {
    if (MARK.exec(line)?.[1]?.length === length) {
      const next: Place | undefined = MARKS[place][line.charAt(0)];
      if (next === undefined) return null;
      place = next;
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
  const twice = repeatedName(text, value as Json);
  if (twice !== null) {
    return {
      ok: false,
      problem: `it has \`${twice}\` twice in one place, as if two versions of it were merged by lines`,
    };
  }
  const {
    record: _,
    service,
    key,
    input,
    rerender,
    accepted_missing,
    attempts,
    ...submission
  } = value as RecordText;
  return {
    ok: true,
    render: {
      service,
      key,
      submission,
      ...(rerender && { rerender }),
      ...(accepted_missing && { accepted_missing }),
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
  /** State of its key. */
  readonly state: KeyState;
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

/** A render of some files, with the state of its key. The clips are named like the first file. */
export function renderOnDisk(
  render: Render,
  { files, isChanged }: Pick<RenderOnDisk, 'files' | 'isChanged'>,
): RenderOnDisk {
  return { render, files, isChanged, state: stateOf(render, pathStartOf(render, files[0])) };
}

/** Largest record that is read, bytes: far above any. */
const LARGEST = 16 * 1024 * 1024;

/** A record file that was read. */
interface ReadFile {
  readonly file: string;
  readonly render: Render;
  readonly isConflict: boolean;
  readonly isTwice: boolean;
}

/**
 * Reads the records of a run directory, whatever their files are called. Throws the file system's own errors, except for a
 * missing folder.
 */
export function readRecords(directory: string): ReadRecords {
  const byKey = new Map<string, [ReadFile, ...ReadFile[]]>();
  for (const name of recordNames(join(directory, CLIPS))) {
    const file = `${CLIPS}/${name}`;
    const path = join(directory, file);
    const read = readRecordAt(path);
    if (!read.ok) return { kind: 'unreadable', file, message: `${path}: ${read.problem}.` };
    const { render, isConflict, isTwice } = read;
    const one = { file, render, isConflict, isTwice };
    const same = byKey.get(read.render.key);
    if (!same) byKey.set(read.render.key, [one]);
    else if (same[0].render.service === read.render.service) same.push(one);
    else {
      const problem = `it is of the same render as ${same[0].file}, but of another service`;
      return { kind: 'unreadable', file, message: `${path}: ${problem}.` };
    }
  }
  const all = [...byKey.values()].map(joinFiles);
  all.sort((one, other) => (isOlder(one.onDisk.render, other.onDisk.render) ? -1 : 1));
  return {
    kind: 'read',
    renders: new Map(all.map(({ onDisk }) => [onDisk.render.key, onDisk])),
    twice: all.filter(({ isTwice }) => isTwice).map(({ onDisk }) => onDisk.render),
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
    const bytes = readFileSync(path);
    return isUtf8(bytes) ? readRecord(bytes.toString()) : { ok: false, problem: 'it is not UTF-8' };
  } catch (error) {
    return { ok: false, problem: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? error})` };
  }
}

/** Joins the files of one render. A file that is only a copy of another adds nothing, and is left alone. */
function joinFiles(files: readonly [ReadFile, ...ReadFile[]]): {
  readonly onDisk: RenderOnDisk;
  readonly isTwice: boolean;
} {
  const [only] = files;
  if (files.length === 1) {
    const { render, file, isConflict, isTwice } = only;
    return { onDisk: renderOnDisk(render, { files: [file], isChanged: isConflict }), isTwice };
  }
  const render = files.map((one) => one.render).reduce(joinRenders);
  const usual = `${pathStartOf(render, null)}.json`;
  const first = files.find(({ file }) => file === usual) ?? only;
  const isChanged = first.isConflict || !isDeepStrictEqual(render, first.render);
  const others = files.filter((one) => one !== first);
  const isTwice =
    files.some((one) => one.isTwice) ||
    (isChanged && others.some((one) => areBothRendered(first.render, one.render)));
  const more = isChanged ? others.map(({ file }) => file) : [];
  return { onDisk: renderOnDisk(render, { files: [first.file, ...more], isChanged }), isTwice };
}

/**
 * Path of the clips of a render without the ending, relative to the run directory. It is that of the record, unless a
 * person gave the record another name; `file` is null for a render without a file.
 */
function pathStartOf({ key, submission }: Render, file: string | null): string {
  const start = `${CLIPS}/${submission.id}.`;
  const pathStart = file?.replace(/\.json$/, '') ?? '';
  const digits = pathStart.startsWith(start) ? pathStart.slice(start.length) : '';
  return digits.length >= KEY_START && key.startsWith(digits) ? pathStart : usualPath(submission.id, key);
}

/** True if each of two records has a request with a clip, or with one to come, that the other does not have. */
function areBothRendered(one: Render, other: Render): boolean {
  const sentBy = ({ attempts }: Render) =>
    attempts.filter(({ state }) => RENDERED.has(state)).map(({ request_id, sent }) => request_id ?? sent);
  const [here, there] = [sentBy(one), sentBy(other)];
  return here.some((id) => !there.includes(id)) && there.some((id) => !here.includes(id));
}

/** States of an attempt with a clip, or with one to come. */
const RENDERED: ReadonlySet<Attempt['state']> = new Set(['submitted', 'completed', 'done']);

function isOlder(one: Render, other: Render): boolean {
  const [sent = '', otherSent = ''] = [one.attempts[0]?.sent, other.attempts[0]?.sent];
  return sent === otherSent ? one.key < other.key : sent < otherSent;
}
