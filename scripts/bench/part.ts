/** One thing that is measured. */
export interface Part {
  readonly title: string;
  /** Measures, and answers in Markdown. */
  readonly run: () => Promise<string>;
}
