import { createHash } from 'node:crypto';
import { script, style } from '../generated/page.js';
import { visible } from '../ui/visible.js';
import type { PageData, PageServer } from './page-data.js';

/**
 * Formats the dailies page as HTML: styles, code and data in one file that makes no request to the network. Its
 * Content-Security-Policy allows pictures and videos from its own origin, and only its own script. `server` is null for a
 * page that is opened from disk.
 */
export function pageHtml(data: PageData, server: PageServer | null): string {
  const title = escapeHtml(visible(`${data.title} – dailies`));
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
<noscript>This page needs JavaScript. All of it is in this file, which loads nothing from the network.</noscript>
<script type="application/json" id="data">${pageJson(data)}</script>
<script type="application/json" id="server">${escapeScript(JSON.stringify(server))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Formats the data as JSON that is safe in HTML. Control characters in texts are made visible. */
export function pageJson(data: PageData): string {
  return escapeScript(
    JSON.stringify(data, (_name, value) => (typeof value === 'string' ? visibleLines(value) : value)),
  );
}

/** Makes control characters visible, except line breaks. */
function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line))
    .join('\n');
}

/** Escapes every `<`, so that the JSON can neither end its script element nor start another. */
function escapeScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Content-Security-Policy of the page. */
export function contentPolicy(served: boolean): string {
  // A page opened from disk has no origin that matches 'self' in every browser.
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
