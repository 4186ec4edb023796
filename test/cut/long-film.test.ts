import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makePageData } from '../../src/dailies/make-page-data.js';
import { pageHtml } from '../../src/dailies/page.js';
import { entry, manifestOf, pageOptions } from '../dailies/world.js';
import { chromiumPath, openPage } from '../e2e/browser.js';

/** Opens a page of so many shots, whose clips are nowhere. */
async function openFilm(shots: number) {
  const entries = Array.from({ length: shots }, (_, index) =>
    entry(`shot-${index + 1}`, {
      scene: String(Math.floor(index / 20)),
      notes: '<img src=x onerror=alert(1)>',
    }),
  );
  const runFile = (path: string) => (path.startsWith('videos/') ? `../${path}` : null);
  const data = makePageData(manifestOf(...entries), { ...pageOptions(), runFile });
  const path = join(await mkdtemp(join(tmpdir(), 'shotlist-page-')), 'index.html');
  await writeFile(path, pageHtml(data, null));
  return openPage(pathToFileURL(path).href);
}

describe.skipIf(!chromiumPath)('a film of five hundred shots', () => {
  it('makes what is near the screen, and loads nothing that is not seen', async () => {
    const { page, abroad } = await openFilm(500);
    const count = (selector: string) => page.locator(selector).count();
    expect(await count('.shot')).toBe(500);
    expect(await count('.shot .cell')).toBeLessThan(40);
    expect(await count('video[src]')).toBeLessThan(20);
    expect(await count('.piece')).toBe(500);
    // The last one, by its place on the timeline.
    await page.locator('.piece').last().focus();
    await page.keyboard.press('Enter');
    expect(await page.getAttribute('.shot[aria-current]', 'id')).toBe('shot-shot-500');
    expect(await page.locator('#shot-shot-500 .cell').first().isVisible()).toBe(true);
    expect(await count('.shot .cell')).toBeLessThan(80);
    // What the list says is text.
    expect(await count('.notes img')).toBe(0);
    expect(abroad).toEqual([]);
  });

  it('opens in time', async () => {
    const { page } = await openFilm(500);
    const times: number[] = [];
    for (let time = 1; time <= 4; time += 1) {
      times.push(await page.evaluate(READY));
      await page.reload();
    }
    // Under half a second on a machine of one's own. Tests share theirs, so the best of several counts, generously.
    expect(Math.min(...times)).toBeLessThan(3000);
  });
});

/** Milliseconds from the request for the page until its code has run. */
const READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd";
