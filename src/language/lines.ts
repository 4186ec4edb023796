import type { Range } from './diagnostic.js';

/** Lines and columns of a text, both from 1; counted when first asked for, as a sound list never asks. */
export class Lines {
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The line that an offset is in. */
  lineOf(offset: number): number {
    const starts = this.#lineStarts();
    let before = 0;
    let after = starts.length;
    while (after - before > 1) {
      const middle = (before + after) >> 1;
      if ((starts[middle] as number) <= offset) before = middle;
      else after = middle;
    }
    return before + 1;
  }

  /** Offset at which a line begins. */
  startOf(line: number): number {
    return this.#lineStarts()[line - 1] as number;
  }

  /** The text of a line, without its break. */
  textOf(line: number): string {
    const start = this.startOf(line);
    const end = this.#text.indexOf('\n', start);
    return this.#text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  }

  /** Offsets into the text, the second exclusive, as a range of at least one character. */
  range(from: number, to: number): Range {
    const start = this.#place(from);
    const end = this.#place(Math.max(to, from + 1));
    return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  }

  /** From an offset to the end of its line. */
  restOfLine(offset: number): Range {
    const { line, column } = this.#place(offset);
    const endColumn = Math.max(column + 1, this.textOf(line).length + 1);
    return { line, column, endLine: line, endColumn };
  }

  #place(offset: number): { line: number; column: number } {
    const line = this.lineOf(offset);
    return { line, column: offset - this.startOf(line) + 1 };
  }

  #lineStarts(): readonly number[] {
    if (this.#starts) return this.#starts;
    const starts = [0];
    for (let at = this.#text.indexOf('\n'); at >= 0; at = this.#text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#starts = starts;
    return starts;
  }
}
