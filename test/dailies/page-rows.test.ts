import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { SHEET, sheetPages } from '../../src/dailies/contact-sheet.js';
import { makePageData } from '../../src/dailies/make-page-data.js';
import { pageCsv } from '../../src/dailies/page-csv.js';
import { pageMarkdown } from '../../src/dailies/page-markdown.js';
import { pageRows, paidFor } from '../../src/dailies/page-rows.js';
import type { ManifestEntry } from '../../src/manifest/manifest.js';
import { entry, manifestOf, NOT_HERE, pageOptions } from './world.js';

const pageOf = (...entries: readonly ManifestEntry[]) =>
  makePageData(manifestOf(...entries), { ...pageOptions(), runFile: (path) => path });

function flagged(id: string, message: string): ManifestEntry {
  const one = entry(id);
  const check = { pictures: true, flags: [{ code: 'length' as const, message }] };
  return { ...one, outputs: one.outputs.map((output) => ({ ...output, check })) };
}

const rowsOf = (text: string): Record<string, string>[] =>
  parse(text, { columns: true, record_delimiter: '\r\n' });

describe('what was paid', () => {
  const paid = (...entries: readonly ManifestEntry[]) =>
    paidFor(pageRows(pageOf(...entries)).map(({ submission }) => submission));
  const told = { estimate: 0.5, actual: 0.4 };
  const untold = { estimate: 0.5, actual: null };

  it('the total cost uses reported costs, else estimates, and counts the clips of unknown cost', () => {
    expect(paid(entry('a', { cost: told }))).toEqual({ usd: 0.4, isEstimated: false, unknown: 0 });
    expect(paid(entry('a', { cost: told }), entry('b', { cost: untold }))).toEqual({
      usd: 0.9,
      isEstimated: true,
      unknown: 0,
    });
    expect(paid(entry('a', { cost: { estimate: null, actual: null } }))).toMatchObject({ unknown: 1 });
  });

  it('the total cost includes a submission that may have been billed', () => {
    const unknown = entry('a', { ...NOT_HERE, state: 'unknown', request_id: null, cost: untold });
    expect(paid(unknown)).toMatchObject({ usd: 0.5, isEstimated: true });
  });

  it('the total cost leaves out submissions that were never sent, and counts a shared clip once', () => {
    const shared = entry('b', { cost: told, same_as: 'a' });
    const planned = entry('c', { ...NOT_HERE, request_id: null, cost: untold });
    expect(paid(entry('a', { cost: told }), shared, planned).usd).toBe(0.4);
  });
});

describe('the dailies as CSV', () => {
  it('the CSV has a row per clip with what was asked for, what came and what it cost', () => {
    const [first, second] = rowsOf(
      pageCsv(
        pageOf(entry('a', { scene: '010', use: [1, 4] }), entry('b', { ...NOT_HERE, notes: 'at dusk' })),
      ),
    );
    expect(first).toMatchObject({ scene: '010', 'scene title': 'The cliff', shot: 'a', state: 'done' });
    expect(first).toMatchObject({ 'seconds asked': '5', 'seconds got': '5', 'use from': '1', 'use to': '4' });
    expect(first).toMatchObject({
      usd: '0.42',
      'usd is': 'reported',
      clip: 'videos/a.mp4',
      size: '1280x720',
    });
    expect(second).toMatchObject({ state: 'planned', 'seconds got': '', clip: '', notes: 'at dusk' });
  });

  it('the CSV says how a clip differs from what was asked for', () => {
    const [row] = rowsOf(pageCsv(pageOf(flagged('a', 'it lasts 3 s instead of 5 s'))));
    expect(row?.flags).toBe('It lasts 3 s instead of 5 s.');
  });

  it('the CSV turns neither formulas nor line breaks of the list into cells or rows', () => {
    const prompt = '=HYPERLINK("http://x")\n@SUM(1), "quoted"';
    const [row, ...more] = rowsOf(pageCsv(pageOf(entry('a', { prompt, notes: '+1' }))));
    expect(more).toEqual([]);
    expect(row?.prompt).toMatch(/^'=HYPERLINK/);
    expect(row?.notes).toBe("'+1");
  });

  it('the CSV counts the cost of a shared clip once', () => {
    const rows = rowsOf(pageCsv(pageOf(entry('a'), entry('b', { same_as: 'a' }))));
    expect(rows.map(({ usd }) => usd)).toEqual(['0.42', '0']);
  });
});

describe('the dailies as Markdown', () => {
  it('the Markdown gives the length of the film with its crossfades, as the timeline does', () => {
    const text = pageMarkdown(pageOf(entry('a'), entry('b', { transition: 2 })));
    expect(text).toContain('10 s of video; the film as chosen lasts 8 s.');
  });

  it('the Markdown says what is rendered, what it cost and what is wrong, and shows each chosen take', () => {
    const text = pageMarkdown(
      pageOf(
        flagged('a', 'it is black all through'),
        entry('b.take1', { shot: 'b', take: 1, selected: false }),
        entry('b.take2', { shot: 'b', take: 2 }),
        entry('c', { ...NOT_HERE, state: 'failed', error: { code: null, message: 'The service says no.' } }),
      ),
    );
    expect(text).toContain('## `film`: dailies\n');
    expect(text).toContain('**3 of 4 clips** here');
    expect(text).toContain('**1 clip flagged.**');
    expect(text).toContain('Cost so far: $1.26.');
    expect(text).toContain('- `a`, done: `It is black all through.`');
    expect(text).toContain('- `c`, failed: `The service says no.`');
    expect(text).toContain('<img src="stills/a.middle.jpg" width="240" alt="">');
    expect(text).toContain('take 2 of 2');
    expect(text).not.toContain('`b.take1`');
  });

  it('the Markdown escapes everything that comes from the list', () => {
    const scene = '`</td>|<script>';
    const text = pageMarkdown(pageOf(entry('a', { scene, prompt: '<img onerror=x>' })));
    const [heading] = text.split('\n').filter((line) => line.startsWith('### '));
    expect(heading).toBe('### Scene `` `</td>|<script> ``');
    const address = pageOptions();
    const nasty = makePageData(manifestOf(entry('a')), { ...address, runFile: () => 'a"onerror="x|y.jpg' });
    expect(pageMarkdown(nasty)).toContain('<img src="a%22onerror=%22x%7Cy.jpg"');
  });

  it('the Markdown of a film of 500 shots fits into a comment on GitHub', () => {
    const shots = Array.from({ length: 500 }, (_, index) =>
      flagged(`shot${index}`, 'it is frozen '.repeat(9)),
    );
    const text = pageMarkdown(pageOf(...shots));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\d+ more shots not shown here\.\n$/);
  });
});

describe('a contact sheet', () => {
  it('a contact sheet shows every chosen take once, in order, without overlaps', () => {
    const shots = Array.from({ length: 50 }, (_, index) => entry(`shot${index}`));
    const pages = sheetPages(
      pageOf(...shots, entry('shot9.take2', { shot: 'shot9', take: 2, selected: false })),
    );
    expect(pages.map(({ cells }) => cells.length)).toEqual([24, 24, 2]);
    expect(pages.flatMap(({ cells }) => cells.map(({ row }) => row.submission.id))).toEqual(
      shots.map(({ id }) => id),
    );
    for (const { cells, width, height } of pages) {
      const boxes = cells.flatMap(({ board, frame }) => [board, frame]);
      expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(boxes.length);
      for (const box of boxes) {
        expect(box.x + box.width).toBeLessThanOrEqual(width - SHEET.margin);
        expect(box.y + box.height + SHEET.text).toBeLessThanOrEqual(height);
      }
    }
  });

  it('a contact sheet has boxes in the aspect ratio of the clips', () => {
    const [page] = sheetPages(pageOf(entry('a')));
    const [cell] = page?.cells ?? [];
    expect((cell?.frame.width ?? 0) / (cell?.frame.height ?? 1)).toBeCloseTo(16 / 9, 1);
    expect(sheetPages(pageOf()).map(({ cells }) => cells.length)).toEqual([0]);
  });
});
