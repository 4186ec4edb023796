import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';

/** Paths of Chromium in the packages of Debian and other systems. */
const PLACES = [
  process.env.SHOTLIST_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of the browser; undefined if there is none, so that its tests are skipped. */
export const chromiumPath = PLACES.find((place) => place !== '' && existsSync(place));

if (chromiumPath === undefined) {
  process.stderr.write('No Chromium is installed: the dailies page is not tested in a browser.\n');
}

/** An open page, and what went wrong in it. */
export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, and errors of scripts. */
  readonly errors: readonly string[];
  /** Requests to other machines. */
  readonly abroad: readonly string[];
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'dark' | 'light';
  /** Called before the page loads. */
  readonly before?: (page: Page) => Promise<unknown>;
}

/** Gives a test file its browser, which opens each page in a context of its own. The context is closed after the test. */
export function browserForFile(): (url: string, options?: OpenOptions) => Promise<Opened> {
  let browser: Promise<Browser> | undefined;
  afterAll(async () => (await browser)?.close());
  return async (url, options = {}) => {
    browser ??= chromium.launch({
      executablePath: chromiumPath ?? '',
      // Root in a container cannot use the sandbox.
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
    });
    return openPage(await browser, { url, ...options });
  };
}

async function openPage(browser: Browser, options: OpenOptions & { readonly url: string }): Promise<Opened> {
  const { url, width = 1440, height = 900, scheme = 'dark', before } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  const abroad: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('request', (request) => {
    if (!/^(file|data):|^http:\/\/(127\.0\.0\.1|localhost):/.test(request.url())) abroad.push(request.url());
  });
  await before?.(page);
  await page.goto(url);
  await page.waitForSelector('.shot .cell');
  return { page, errors, abroad };
}
