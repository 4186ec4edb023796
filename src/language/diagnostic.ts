/**
 * An error or a warning about a place in a shot list. Diagnostics are plain values without colour codes: the stages collect and
 * sort them, `ui/` prints them.
 */
export interface Diagnostic extends Range {
  /** Stable, such as `SL101`. */
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** One sentence in the reader's words. */
  readonly message: string;
  /** Path of the file as the user named it. */
  readonly file: string;
  /** Advice on how to fix it. */
  readonly hint?: string;
}

/** A stretch of text; lines and columns count from 1, the end is exclusive. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Object keys and list indexes from the top of a document down to a value. */
export type Path = readonly (string | number)[];

/** A diagnostic whose place is not looked up yet; an error unless `severity` says otherwise. */
export interface Finding {
  readonly code: Code;
  readonly severity?: Diagnostic['severity'];
  readonly message: string;
  readonly hint?: string | undefined;
  /** Target of the diagnostic: a value, its key, or the first line of a map that lacks something. */
  readonly about?: 'value' | 'key' | 'missing';
  /** Exact characters of a text to point at, such as `@hreo`. */
  readonly part?: string;
}

/** A finding with its place as offsets into the text. */
export interface SpannedFinding extends Finding {
  readonly from: number;
  readonly to: number;
}

/** A finding as a diagnostic about a stretch of a file. */
export function toDiagnostic(
  { line, column, endLine, endColumn }: Range,
  file: string,
  { code, severity = 'error', message, hint }: Finding,
): Diagnostic {
  const place = { file, line, column, endLine, endColumn };
  return { code, severity, message, ...place, ...(hint !== undefined && { hint }) };
}

/** Result of a check: the value with warnings, or every problem found (errors and warnings). */
export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** Readable rest of the value, for finding more problems in it; never for running. */
      readonly partial?: T;
    };

/** Succeeds with `value` if no diagnostic is an error; otherwise fails with `value` as the partial result. */
export function checked<T>(value: T, diagnostics: readonly Diagnostic[]): Checked<T> {
  const sorted = sortDiagnostics(diagnostics);
  return sorted.some(({ severity }) => severity === 'error')
    ? { ok: false, diagnostics: sorted, partial: value }
    : { ok: true, value, diagnostics: sorted };
}

/** Sorts by file and place, and drops repetitions: several shots may inherit one mistake. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const distinct = new Map<string, Diagnostic>();
  for (const one of diagnostics) {
    const key = `${one.file}:${one.line}:${one.column}:${one.code}:${one.message}`;
    if (!distinct.has(key)) distinct.set(key, one);
  }
  const files = [...new Set(diagnostics.map(({ file }) => file))];
  const order = (one: Diagnostic) => files.indexOf(one.file);
  return [...distinct.values()].sort((a, b) => order(a) - order(b) || a.line - b.line || a.column - b.column);
}

/** Lines and columns of a text, both counted from 1. */
export class Lines {
  readonly #text: string;
  /** Offset of the first character of each line. */
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
  }

  /** Number of the line that holds an offset. */
  lineOf(offset: number): number {
    let before = 0;
    let after = this.#starts.length;
    while (after - before > 1) {
      const middle = (before + after) >> 1;
      if ((this.#starts[middle] as number) <= offset) before = middle;
      else after = middle;
    }
    return before + 1;
  }

  /** Offset of the first character of a line. */
  startOf(line: number): number {
    return this.#starts[line - 1] as number;
  }

  /** Text of a line, without its break. */
  textOf(line: number): string {
    const start = this.startOf(line);
    const end = this.#text.indexOf('\n', start);
    return this.#text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  }

  /** Range from offset `from` to offset `to`, exclusive; at least one character long. */
  range(from: number, to: number): Range {
    const start = this.#position(from);
    const end = this.#position(Math.max(to, from + 1));
    return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  }

  /** Range from an offset to the end of its line. */
  restOfLine(offset: number): Range {
    const { line, column } = this.#position(offset);
    const endColumn = Math.max(column + 1, this.textOf(line).length + 1);
    return { line, column, endLine: line, endColumn };
  }

  #position(offset: number): { line: number; column: number } {
    const line = this.lineOf(offset);
    return { line, column: offset - this.startOf(line) + 1 };
  }
}

/** Codes of all diagnostics, with their meanings. Codes are never reused: scripts and suppressions name them. */
export const CODES = {
  SL001: 'the file does not exist',
  SL002: 'the file cannot be read',
  SL003: 'the file is too large',
  SL004: 'the file is not UTF-8 text',
  SL005: 'the file is empty',
  SL006: 'the YAML is not well-formed',
  SL007: 'a key appears twice in one map',
  SL008: 'aliases expand to too much, or to themselves',
  SL009: 'the file is nested too deeply',
  SL010: 'a comment right after plain text may have been meant as text',
  SL011: 'a YAML indicator before a text may have been meant as text',
  SL012: 'a character that cannot be seen',
  SL013: 'a `\\n` that is no line break',
  SL101: 'a value of the wrong kind',
  SL102: 'an unknown field',
  SL103: 'a missing field',
  SL104: 'an id that appears twice',
  SL106: 'a variable that nothing fills in',
  SL107: 'shots that wait for each other',
  SL108: 'an unknown shot',
  SL109: 'an unknown scene',
  SL110: 'an unknown profile',
  SL111: 'a take that does not exist',
  SL112: 'a range outside the shot',
  SL113: 'a shot that is not what was approved',
  SL114: 'a shot that becomes too many submissions',
  SL115: 'an id that Windows refuses as a file name',
  SL116: 'an `ignore` that silences nothing',
  SL117: 'an `ignore` of something else than a warning',
  SL201: 'an unknown model',
  SL202: 'an unknown element',
  SL203: 'an element that the shot does not list',
  SL211: 'a missing or unreadable image',
  SL212: 'a path that leads out of the tree',
  SL213: 'a file that is not an image the models take',
  SL214: 'an image that is too large',
  SL215: 'a damaged image',
  SL216: 'a URL that the service could not fetch',
  SL217: 'a local video that cannot be sent',
  SL218: 'an image that a model may refuse',
  SL219: 'boards of different shapes',
  SL221: 'a table that cannot be read',
  SL222: 'an included file that cannot be used',
  SL223: 'an image that is larger than usual',
  SL224: 'an image in the colours of print',
  SL225: 'a transparent image',
  SL226: 'an image that its EXIF data turn',
  SL227: 'a signed link that has run out',
  SL228: 'a signed link that runs out soon',
  SL301: 'a field that the model does not have',
  SL302: 'a value that the model does not take',
  SL303: 'durations that do not add up',
  SL304: 'a text that a model may refuse or cut, because it is long',
  SL305: 'a model input that has a neutral name',
  SL306: 'a request that is too large',
  SL307: 'a prompt beside segments, which may count for nothing',
  SL308: '`intelligent` beside segments',
  SL309: 'an end image beside segments',
  SL310: 'an element that a model may refuse',
  SL401: 'a URL that the service could not fetch, according to its server',
  SL402: 'a remote file that the models do not take, according to its server',
  SL403: 'a remote file that its server does not describe well enough',
  SL411: 'a model file that cannot be used',
} as const;

/** Codes of warnings, which a list may ignore; SL116 is about `ignore` itself. */
export const WARNINGS: ReadonlySet<Code> = new Set<Code>([
  ...(['SL010', 'SL011', 'SL012', 'SL013', 'SL218', 'SL219'] as const),
  ...(['SL223', 'SL224', 'SL225', 'SL226', 'SL228'] as const),
  ...(['SL304', 'SL307', 'SL308', 'SL309', 'SL310', 'SL403', 'SL411'] as const),
]);

/** Code of a diagnostic. */
export type Code = keyof typeof CODES;
