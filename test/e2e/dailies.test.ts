import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { pathToFileURL } from 'node:url';
import { imageSize } from 'image-size';
import { describe, expect, it } from 'vitest';
import { browserForFile, chromiumPath } from './browser.js';
import { rehearsalOf } from './rehearsal.js';
import { Project } from './rig.js';

const LIST = `version: 1
title: Coast
defaults: { model: kling-3.0/standard, audio: true, start_image: boards/board.png, duration: 3 }
scenes: { "010": { title: The cliff } }
shots:
  # opens the film
  - id: cliff
    scene: "010"
    prompt: At the edge
    takes: 2
    use: [0.5, 2.5]

  - { id: beach, prompt: Down to the water }   # flow
`;

const DAWN = '  - { id: dawn, scene: "010", prompt: The light comes }\n';

/** Moves the mouse onto a clip and immediately away, as when a user scrolls past it. */
const PASS_BY = `for (const type of ['pointerenter', 'pointerleave']) {
  const event = new PointerEvent(type, { pointerType: 'mouse' });
  document.querySelector('#shot-beach .take .frame').dispatchEvent(event);
}`;

const openPage = browserForFile();

const PAGE = ['rehearsals', 'film', 'report', 'index.html'] as const;

/** A rehearsed film of three clips. */
const withDailies = rehearsalOf(LIST);

/** Serves the page; returns its address. */
async function serve(project: Project): Promise<string> {
  const { says } = project.start(['report', 'rehearsals/film', '--serve']);
  const [, url = ''] = await says(/The dailies: (http:\S+)\n/);
  return url;
}

/** Sends a request that no browser would send. */
function ask(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<{
  readonly status: number | undefined;
  readonly length: number;
  readonly range: string | undefined;
}> {
  const { method = 'GET', headers = {}, body = '' } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      const range = response.headers['content-range'];
      response.on('end', () => resolve({ status: response.statusCode, length, range }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

// The first test renders the film, which takes longer on a busy machine.
describe('shotlist report', { timeout: 180_000 }, () => {
  it('report names a run directory that does not exist', async () => {
    const project = await Project.make();
    expect(await project.run(['report', 'renders/film'])).toEqual({
      code: 66,
      stdout: '',
      stderr: expect.stringMatching(/^shotlist: there is no .*renders.film\nhint: name a run directory/),
    });
  });

  it.skipIf(!chromiumPath)('the page opens from disk and works with keys, filters and choices', async () => {
    const project = await withDailies();
    expect(await project.run(['report', 'rehearsals/film'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('rehearsals/film/report/index.html\n'),
      stderr: '',
    });
    const { page, errors, abroad } = await openPage(pathToFileURL(project.path(...PAGE)).href);
    const current = () => page.getAttribute('.shot[aria-current]', 'id');
    expect(await page.textContent('h1')).toBe('Coast');
    expect(await page.textContent('.scene-head')).toContain('The cliff');
    expect(await current()).toBe('shot-cliff');

    // Keys: to the next shot and back, a take, an approval.
    await page.keyboard.press('j');
    expect(await current()).toBe('shot-beach');
    await page.keyboard.press('k');
    await page.keyboard.press('2');
    expect(await page.textContent('[role=status]')).toBe('cliff: take 2');
    await page.keyboard.press('a');
    expect(await page.textContent('.tray pre')).toBe(
      'shotlist select film.yaml cliff=2\nshotlist approve film.yaml cliff',
    );
    // Choosing what the list already says removes the choice.
    await page.keyboard.press('1');
    expect(await page.textContent('.tray pre')).toBe('shotlist approve film.yaml cliff');

    // A clip plays while the mouse rests on it; a clip that the mouse only passes is not loaded.
    await page.evaluate(PASS_BY);
    await page.hover('#shot-cliff .take .frame');
    await page.waitForSelector('#shot-cliff .take .playing');
    expect(await page.locator('#shot-beach video[src]').count()).toBe(0);
    await page.hover('h1');

    // All takes play together.
    await page.keyboard.press('Space');
    await page.waitForFunction(
      "[...document.querySelectorAll('#shot-cliff video')].every((one) => !one.paused)",
    );
    await page.keyboard.press('Space');

    // A click plays with sound, and leaves the page where it is.
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const before = await page.evaluate('scrollY');
    await page.click('#shot-beach .play', { position: { x: 5, y: 5 } });
    await page.waitForSelector('#shot-beach .loud');
    expect(await page.evaluate('scrollY')).toBe(before);
    await page.keyboard.press('k');
    await page.waitForSelector('.loud', { state: 'detached' });

    // Filter and search.
    await page.click('[data-show=approved]');
    expect(await page.locator('.shot:visible').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('water');
    expect(await page.locator('.shot:visible h3').allTextContents()).toEqual(['beach']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await page.isVisible('.help-dialog')).toBe(true);
    await page.keyboard.press('Escape');

    // Paper is light and shows every take without scrolling.
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 794, height: 1123 });
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toMatch(
      /rgb\(2/,
    );
    const edges =
      '[...document.querySelectorAll("#shot-cliff .cell")].map((cell) => cell.getBoundingClientRect().right)';
    expect(Math.max(...(await page.evaluate<number[]>(edges)))).toBeLessThan(794);
    await page.emulateMedia({ media: 'screen' });

    // Choices outlive the page.
    await page.reload();
    expect(await page.textContent('.tray pre')).toBe('shotlist approve film.yaml cliff');
    expect(errors).toEqual([]);
    expect(abroad).toEqual([]);
  });

  it('the commands on the page name a run directory that is not the default one', async () => {
    const project = await withDailies();
    await project.write('film.yaml', `${LIST}  - { id: dusk, prompt: The light goes }\n`);
    const runIn = async (directory: string) => {
      await project.run(['report', directory]);
      const page = await project.read(directory, 'report', 'index.html');
      return /"command":"(shotlist run [^"]*)"/.exec(page)?.[1];
    };
    expect(await runIn('rehearsals/film')).toBe('shotlist run film.yaml --provider local');
    await rename(project.path('rehearsals/film'), project.path('rehearsals/old cut'));
    expect(await runIn('rehearsals/old cut')).toBe(
      "shotlist run film.yaml --provider local --out 'rehearsals/old cut'",
    );
    const { stdout } = await project.run(['report', 'rehearsals/old cut', '--csv']);
    expect(stdout).toContain(',rehearsals/old cut/videos/cliff.');
  });

  it.skipIf(!chromiumPath)('the page plays the film with its used ranges and crossfades', async () => {
    const project = await withDailies();
    const short = LIST.replace('[0.5, 2.5]', '[0.5, 1.7]');
    await project.write('film.yaml', short.replace('id: beach', 'id: beach, use: [0, 1.2], transition: 0.5'));
    await project.run(['report', 'rehearsals/film']);
    const { page, errors } = await openPage(pathToFileURL(project.path(...PAGE)).href);
    // Slowly: on a loaded machine, a browser may not show a frame for half a second.
    await page.evaluate(
      'for (const video of document.querySelectorAll(".screening video")) video.defaultPlaybackRate = 0.25',
    );
    await page.click('.screen');
    await page.waitForSelector('.screening-name:text-is("cliff")');
    // Both clips are visible during the crossfade.
    await page.waitForSelector('.screening .coming[style*="opacity: 0."]');
    await page.waitForSelector('.screening-name:text-is("beach")');
    await page.waitForSelector('.screening', { state: 'hidden' });
    expect(errors).toEqual([]);
  });
});

describe('shotlist report --serve', { timeout: 180_000 }, () => {
  it.skipIf(!chromiumPath)(
    'report --serve writes choices into the list, but never over changes of another program',
    async () => {
      const project = await withDailies();
      const { page, errors, abroad } = await openPage(await serve(project));
      const says = (text: string) => page.waitForSelector(`[role=status]:has-text("${text}")`);
      await page.keyboard.press('2');
      await says('cliff: take 2');
      const chosen = LIST.replace('takes: 2\n', 'takes: 2\n    select: 2\n');
      expect(await project.read('film.yaml')).toBe(chosen);
      await page.keyboard.press('a');
      await says('cliff: approved as');
      expect(await project.read('film.yaml')).toMatch(/select: 2\n {4}approved: "?[0-9a-f]{8}"?\n/);
      expect(await page.textContent('#shot-cliff .approve')).toBe('Approved');

      // Keys can be pressed faster than the server answers.
      for (const key of ['a', '1', '2', 'a', '1']) await page.keyboard.press(key);
      await expect
        .poll(() => project.read('film.yaml'), { timeout: 30_000 })
        .toMatch(/select: 1\n {4}approved: /);

      // Another program saves the list just before a choice: its text stays.
      const theirs = `${chosen}# theirs\n`;
      await page.route('**/data', (route) => route.abort());
      await project.write('film.yaml', theirs);
      await page.keyboard.press('1');
      await says('the list has changed since it was read');
      expect(await project.read('film.yaml')).toBe(theirs);
      // The page has read the list again, so the next choice is written.
      await page.keyboard.press('1');
      await says('cliff: take 1');
      expect(await project.read('film.yaml')).toBe(theirs.replace('select: 2', 'select: 1'));
      expect(errors.filter((error) => !error.includes('ERR_FAILED'))).toEqual([]);
      expect(abroad).toEqual([]);
    },
  );

  it.skipIf(!chromiumPath)('report --serve shows new shots and clips while a run renders them', async () => {
    const project = await withDailies();
    const { page, errors } = await openPage(await serve(project));
    await project.write('film.yaml', `${LIST}  - { id: dusk, prompt: The light goes }\n`);
    await page.waitForSelector('#shot-dusk .state-planned');
    // A shot inserted before the current one does not move the focus.
    await page.focus('#shot-beach .ruler');
    await project.write(
      'film.yaml',
      (await project.read('film.yaml')).replace('  # opens', `${DAWN}  # opens`),
    );
    await page.waitForSelector('#shot-dawn');
    expect(await page.evaluate('document.activeElement.closest(".shot").id')).toBe('shot-beach');
    await project.run(['run', 'film.yaml', '--provider', 'local', '--only', 'dusk']);
    await page.waitForSelector('#shot-dusk .state-done');
    expect(errors).toEqual([]);
  });

  it.skipIf(!chromiumPath)(
    'report --serve shows changes made before the first poll of the page',
    async () => {
      const project = await withDailies();
      const url = await serve(project);
      // The first answer is late, as in a tab in the background.
      const { page } = await openPage(url, {
        before: (opening) =>
          opening.route(
            '**/data',
            async (route) => {
              await project.write('film.yaml', LIST.replace('title: Coast', 'title: Ocean'));
              await route.continue();
            },
            { times: 1 },
          ),
      });
      await page.waitForSelector('h1:text-is("Ocean")');
    },
  );

  it('report --serve makes missing stills', async () => {
    const project = await withDailies();
    await rm(project.path('rehearsals/film/stills'), { recursive: true });
    await serve(project);
    expect(await project.files('rehearsals/film/stills')).toHaveLength(9);
  });

  it('report --serve answers only its own page', async () => {
    const project = await withDailies();
    const url = await serve(project);
    const { origin, host } = new URL(url);
    const json = { origin, 'content-type': 'application/json' };
    const choice = '{"take":{"line":"cliff","take":2},"revision":"x"}';
    const choices = { method: 'POST', body: choice };
    const statusOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).status;
    expect(await statusOf(url, {})).toBe(200);
    expect(await statusOf(`${origin}/`, {})).toBe(404);
    expect(await statusOf(`${origin}/${'0'.repeat(32)}/`, {})).toBe(404);
    // Another host name, another page, a form.
    expect(await statusOf(url, { headers: { host: 'evil.example' } })).toBe(403);
    expect(await statusOf(url, { headers: { origin: 'http://evil.example' } })).toBe(403);
    expect(await statusOf(url, { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403);
    expect(
      await statusOf(`${url}choices`, { ...choices, headers: { ...json, origin: `http://${host}0` } }),
    ).toBe(403);
    expect(
      await statusOf(`${url}choices`, { ...choices, headers: { 'content-type': 'application/json' } }),
    ).toBe(403);
    expect(
      await statusOf(`${url}choices`, { ...choices, headers: { origin, 'content-type': 'text/plain' } }),
    ).toBe(403);
    expect(await statusOf(`${url}choices`, { ...choices, headers: json })).toBe(200);
    expect(await statusOf(`${url}choices`, { ...choices, headers: json, body: '{' })).toBe(400);
    // Files that are not in the manifest.
    for (const path of [
      '../film.yaml',
      'media/../../film.yaml',
      '%2e%2e/film.yaml',
      'film.yaml',
      'videos/hut.json',
    ]) {
      expect(await statusOf(`${url}${path}`, {})).toBe(404);
    }
    expect(await project.read('film.yaml')).toBe(LIST);
  });

  it('report --serve sends the requested range of a clip', async () => {
    const project = await withDailies();
    const url = await serve(project);
    const data = (await (await fetch(`${url}data`)).json()) as { scenes: unknown };
    const [, clip = ''] = /"src":"(media\/\w+\.mp4)"/.exec(JSON.stringify(data.scenes)) ?? [];
    const part = (range: string) => ask(`${url}${clip}`, { headers: { range } });
    const { length } = await ask(`${url}${clip}`, {});
    expect(await part('bytes=0-99')).toEqual({ status: 206, length: 100, range: `bytes 0-99/${length}` });
    expect(await part('bytes=-10')).toMatchObject({ status: 206, length: 10 });
    expect(await part(`bytes=${length - 5}-`)).toMatchObject({ status: 206, length: 5 });
    expect(await part(`bytes=${length}-`)).toMatchObject({ status: 416, range: `bytes */${length}` });
    expect(await part('bytes=0-1,5-6')).toMatchObject({ status: 200, length });
  });
});

describe('the dailies without a page', () => {
  it('report --contact-sheet draws the shots, and removes only its own old pages', async () => {
    const project = await withDailies();
    const args = ['report', 'rehearsals/film', '--contact-sheet'];
    // The second page of an earlier, longer film.
    await mkdir(project.path('rehearsals', 'film', 'report'));
    await writeFile(project.path('rehearsals', 'film', 'report', 'contact-sheet-2.png'), 'old');
    const { code, stdout } = await project.run(args);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'The contact sheet: rehearsals/film/report/contact-sheet.png\n',
    });
    const sheet = project.path('rehearsals', 'film', 'report', 'contact-sheet.png');
    expect(imageSize(await readFile(sheet))).toMatchObject({ type: 'png', width: 2400 });
    expect(await project.files('rehearsals', 'film', 'report')).toHaveLength(1);
    // A file with such a name in another folder stays.
    await mkdir(project.path('out'));
    await project.write('out/sheet-2.png', 'mine');
    expect(await project.run([...args, 'out/sheet.png'])).toMatchObject({ code: 0 });
    expect(await project.read('out/sheet-2.png')).toBe('mine');
    expect(await project.bytesOf([project.path('out', 'sheet.png')])).toEqual(await project.bytesOf([sheet]));
  });

  it('report prints Markdown with existing stills, and CSV with a row per clip', async () => {
    const project = await withDailies();
    const markdown = await project.run(['report', 'rehearsals/film', '--markdown']);
    const addresses = [...markdown.stdout.matchAll(/<img src="([^"]+)"/g)].map(([, address = '']) => address);
    expect(addresses).toHaveLength(4);
    for (const address of addresses)
      expect(imageSize(await readFile(project.path(address))).width).toBeGreaterThan(0);
    const csv = await project.run(['report', 'rehearsals/film', '--csv']);
    expect(csv.stdout.startsWith('\ufeffscene,')).toBe(true);
    expect(csv.stdout.trim().split('\r\n')).toHaveLength(4);
  });
});
