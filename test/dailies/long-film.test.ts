import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makePageData } from '../../src/dailies/make-page-data.js';
import { pageHtml } from '../../src/dailies/page.js';
import { browserForFile, chromiumPath } from '../e2e/browser.js';
import { entry, manifestOf, pageOptions } from './world.js';

const openPage = browserForFile();

/** Opens a page with this number of shots, whose clips do not exist. */
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

/** Elements that opening a page of one more shot may add: its empty article, and its block on the timeline. */
const ELEMENTS_PER_SHOT = 10;

describe.skipIf(!chromiumPath)('a film of five hundred shots', () => {
  it('the page of 500 shots makes only content near the screen, and loads only clips that are seen', async () => {
    const { page, abroad } = await openFilm(500);
    const count = (selector: string) => page.locator(selector).count();
    expect(await count('.shot')).toBe(500);
    expect(await count('.shot .cell')).toBeLessThan(40);
    expect(await count('video[src]')).toBeLessThan(20);
    expect(await count('.piece')).toBe(500);
    // Go to the last shot with its block on the timeline.
    await page.locator('.piece').last().focus();
    await page.keyboard.press('Enter');
    expect(await page.getAttribute('.shot[aria-current]', 'id')).toBe('shot-shot-500');
    expect(await page.locator('#shot-shot-500 .cell').first().isVisible()).toBe(true);
    expect(await count('.shot .cell')).toBeLessThan(80);
    // Texts from the list are no HTML.
    expect(await count('.notes img')).toBe(0);
    expect(abroad).toEqual([]);
  });

  it('opening the page costs a few elements for each further shot, and no further content', async () => {
    const sizeOf = async (shots: number) => {
      const { page } = await openFilm(shots);
      const count = (selector: string) => page.locator(selector).count();
      return {
        elements: await count('body *'),
        cells: await count('.cell'),
        videos: await count('video[src]'),
      };
    };
    const [short, long] = [await sizeOf(100), await sizeOf(300)];
    expect((long.elements - short.elements) / 200).toBeLessThan(ELEMENTS_PER_SHOT);
    for (const { cells, videos } of [short, long]) {
      expect(cells).toBeLessThan(40);
      expect(videos).toBeLessThan(20);
    }
  });
});
