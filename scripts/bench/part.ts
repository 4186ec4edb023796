/** One measurement of the bench. */
export interface Part {
  readonly title: string;
  /** Measures; resolves with a table in Markdown. */
  readonly run: () => Promise<string>;
}
