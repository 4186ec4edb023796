#!/usr/bin/env node
// Draws the boards and the cast of the lists in examples/. The pictures are committed; run this after changing a drawing.
//
//   node scripts/draw-boards.js            all pictures
//   node scripts/draw-boards.js night/     pictures with "night/" in their path

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { hello } from './boards/hello.js';
import { lighthouse } from './boards/lighthouse.js';
import { nightBatch } from './boards/night-batch.js';
import { easel } from './boards/paint.js';
import { png } from './boards/png.js';
import { teaser } from './boards/teaser.js';

const wanted = process.argv[2] ?? '';
const panels = [...hello, ...teaser, ...lighthouse, ...nightBatch].filter(({ name }) =>
  name.includes(wanted),
);

for (const panel of panels) {
  const file = fileURLToPath(new URL(`../examples/${panel.name}`, import.meta.url));
  const bytes = paint(panel);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  console.log(`examples/${panel.name}  ${Math.round(bytes.length / 1024)} KB`);
}

/**
 * Paints one panel as PNG bytes; the same drawing gives the same pixels everywhere.
 * @param {import('./boards/paint.js').Panel} panel
 */
function paint(panel) {
  const paints = easel(panel);
  const svg = paints.finish(panel.draw(paints));
  // Boards have no text. Without fonts, the picture does not depend on this machine.
  const font = { loadSystemFonts: false };
  return png(new Resvg(svg, { font, fitTo: { mode: 'zoom', value: panel.zoom ?? 1 } }).render());
}
