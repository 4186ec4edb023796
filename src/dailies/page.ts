import { createHash } from 'node:crypto';
import { script, style } from '../generated/page.js';
import { visible } from '../ui/visible.js';
import type { PageData, PageServer } from './page-data.js';

/**
 * The dailies page as HTML: styles, code and data in one file, which asks nothing of any network. What it may load is
 * said in its own Content-Security-Policy: pictures and videos from where it lies itself, and no script but its own.
 */
export function pageHtml(data: PageData, server: PageServer | null): string {
  const title = escaped(visible(`${data.title} – dailies`));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(server !== null)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript. It is all in this file and asks nothing of the network.</noscript>
<script type="application/json" id="data">${pageJson(data)}</script>
<script type="application/json" id="server">${inScript(JSON.stringify(server))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** The page's data as JSON that may stand in HTML; control characters and the like are made visible in every text. */
export function pageJson(data: PageData): string {
  return inScript(
    JSON.stringify(data, (_name, value) => (typeof value === 'string' ? legible(value) : value)),
  );
}

/** Line breaks of a prompt are meant; what else a screen would obey is not. */
function legible(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line))
    .join('\n');
}

/** No `<` at all: nothing in it can end the script element, or begin another. */
function inScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What a page may load, as its Content-Security-Policy says it. */
export function contentPolicy(served: boolean): string {
  // What is opened from disk has no origin that 'self' could stand for in every browser.
  const own = served ? "'self'" : "'self' file:";
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'font-src data:',
    `img-src ${own} data:`,
    `media-src ${own}`,
    `connect-src ${served ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
