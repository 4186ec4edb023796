import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/run/events.js';
import { createPaint } from '../../src/ui/paint.js';
import { shotRows, totalLine } from '../../src/ui/rows.js';
import { countEvent, createTally } from '../../src/ui/tally.js';
import { cost, download, shot, started } from './events.js';

const plain = { now: 72_000, columns: 74, rows: 20, paint: createPaint(false), free: false };

/** A tally of events that all came at the same time, 0 unless said. */
function tallyOf(events: readonly RunEvent[], now = 0) {
  const tally = createTally();
  for (const event of events) countEvent(tally, event, now);
  return tally;
}

const four: readonly RunEvent[] = [
  started(6, {
    counts: { total: 6, kept: 1, not_here: 0, adopted: 0, to_fetch: 0, to_send: 5, to_retry: 0, held: 0 },
  }),
  shot('cliff', { state: 'queued', queue_position: 3 }),
  shot('beach', { state: 'rendering', expected_seconds: 120 }),
  shot('海岸', { state: 'downloading' }),
  download('海岸', 2_400_000, 12_400_000),
  shot('dune', { state: 'failed', message: 'no' }),
];

describe('the rows of a run', () => {
  it('the rows show each active shot, moving ones first', () => {
    expect(shotRows(tallyOf(four), plain)).toEqual([
      'beach  rendering    1m12 of ~2m00',
      '海岸   downloading  2.4/12.4 MB',
      'cliff  queued       1m12  3 ahead',
    ]);
  });

  it('the rows count the time of a state from its begin, not from each event about it', () => {
    const tally = tallyOf(four);
    countEvent(tally, shot('cliff', { state: 'queued', queue_position: 0 }), 60_000);
    expect(shotRows(tally, plain)[2]).toBe('cliff  queued       1m12  next');
    countEvent(tally, shot('cliff', { state: 'rendering' }), 60_000);
    expect(shotRows(tally, plain)[0]).toBe('cliff  rendering    12s');
  });

  it.each([
    [80, 24],
    [40, 10],
    [20, 3],
    [200, 50],
  ])('the rows fit a screen of %i by %i with four thousand shots', (columns, rows) => {
    const ids = Array.from({ length: 4000 }, (_, index) => `sku-${index}-海岸の長い名前-with-a-variant`);
    const tally = tallyOf([started(4000), ...ids.map((id) => shot(id, { expected_seconds: 70 }))]);
    const lines = [totalLine(tally, { ...plain, columns }), ...shotRows(tally, { ...plain, columns, rows })];
    expect(lines).toHaveLength(rows + 1);
    expect(lines.at(-1)).toBe(`+ ${4000 - rows + 1} more`);
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
  });

  it('the rows show shots that wait for another shot only if there is room', () => {
    const tally = tallyOf([
      ...four,
      shot('foam', { state: 'waiting', waiting_on: 'cliff' }),
      shot('pier', { state: 'waiting', waiting_on: 'foam' }),
      shot('quay', { state: 'blocked', waiting_on: 'dune' }),
    ]);
    const waiting = (rows: number) =>
      shotRows(tally, { ...plain, rows }).filter((row) => row.includes('for '));
    expect(waiting(10)).toEqual(['foam   waiting      for cliff', 'pier   waiting      for foam']);
    expect(
      [4, 3, 2].map((rows) => [waiting(rows).length, shotRows(tally, { ...plain, rows }).length]),
    ).toEqual([
      [1, 4],
      [0, 3],
      [0, 2],
    ]);
    expect(totalLine(tally, { ...plain, columns: 100 })).toContain('1 failed  1 blocked');
    countEvent(tally, shot('foam', { state: 'submitting' }), 0);
    expect(waiting(10)).toHaveLength(1);
  });

  it('the rows make control characters of an id visible', () => {
    expect(shotRows(tallyOf([shot('a\u001bb')]), plain)[0]).toContain('a␛b');
  });
});

describe('the line of totals', () => {
  it('the totals count done, failed, in flight and waiting shots, with cost and time', () => {
    const tally = tallyOf([...four, shot('fog', { state: 'done' }), cost()]);
    expect(totalLine(tally, plain)).toBe(
      '2 of 6 done  1 failed  3 in flight  $0.84 so far  $0.42 to come  1m12',
    );
    countEvent(tally, cost({ usd: 1.26, usd_to_come: 0 }), 0);
    expect(totalLine(tally, plain)).toContain('3 in flight  $1.26 so far  1m12');
    expect(totalLine(tallyOf([started(9), shot('a')]), plain)).toContain('1 in flight  8 waiting');
  });

  it('the totals leave out the least important figures on a narrow screen', () => {
    const tally = tallyOf(four);
    expect(totalLine(tally, { ...plain, columns: 57 })).toBe(
      '1 of 6 done  1 failed  $0.00 so far  $1.26 to come  1m12',
    );
    expect(totalLine(tally, { ...plain, columns: 36 })).toBe('1 of 6 done  1 failed  $0.00 so far');
    expect(totalLine(tally, { ...plain, columns: 12 })).toBe('1 of 6 done');
    expect(totalLine(tally, { ...plain, columns: 8 })).toBe('1 of 6 …');
  });

  it('the totals say if a cost is unknown, and how much of a limit is spent', () => {
    const budget = { limit: 'budget', usd: 25, spent: 13.2, spent_unknown: 0 } as const;
    const tally = tallyOf([started(3), cost({ usd_unknown: 1, limits: [budget] })]);
    expect(totalLine(tally, { ...plain, columns: 120 })).toContain(
      'at least $0.84 so far  $0.42 to come  budget $13.20 of $25.00',
    );
  });

  it('the totals have no cost in a rehearsal', () => {
    expect(totalLine(tallyOf(four), { ...plain, free: true })).not.toContain('$');
  });
});
