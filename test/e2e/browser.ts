import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** Where Debian's, and other systems', packages put a Chromium. */
const PLACES = [
  process.env.SHOTLIST_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser that tests use; undefined where there is none, and they are skipped. */
export const chromiumPath = PLACES.find((place) => place !== '' && existsSync(place));

if (chromiumPath === undefined) {
  process.stderr.write('No Chromium is installed: the dailies page is not tested in a browser.\n');
}

/** A page that was opened, and what a person would be told had gone wrong. */
export interface Opened {
  readonly page: Page;
  /** Errors of the console and of scripts. */
  readonly errors: readonly string[];
  /** What was asked of anything but this machine. */
  readonly abroad: readonly string[];
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'dark' | 'light';
  /** Is given the page before it is opened. */
  readonly before?: (page: Page) => Promise<unknown>;
}

/** Opens a page in a browser of its own, which is closed when the test is over. */
export async function openPage(url: string, options: OpenOptions = {}): Promise<Opened> {
  const { width = 1440, height = 900, scheme = 'dark', before } = options;
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    // A container's root has no sandbox to begin.
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
  });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
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
