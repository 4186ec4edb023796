/** One figure of the bench, in words. */
export interface Row {
  readonly figure: string;
  /** The least that could be reached, which it is compared with. */
  readonly floor: string;
  readonly measured: string;
  readonly target: string;
}

/** Figures as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  return [
    '| figure | floor | measured | target |',
    '|---|---|---|---|',
    ...rows.map(
      ({ figure, floor, measured, target }) => `| ${figure} | ${floor} | ${measured} | ${target} |`,
    ),
  ].join('\n');
}
