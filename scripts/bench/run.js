#!/usr/bin/env node
// Measures Shotlist at the sizes of real films, one part after another, and prints a Markdown table for each.
//
//   npm run bench                 all parts, which takes about forty minutes on two quiet cores
//   npm run bench -- animatic     one part; parts are the files of scripts/bench/parts/
//
// The tables are also written to scripts/bench/results/<part>.md, which is not in git, because they are true of one machine.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const bench = new URL('./', import.meta.url);
const known = (await readdir(new URL('parts/', bench))).map((file) => file.replace(/\.ts$/, '')).sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !known.includes(part));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exitCode = 64;
} else {
  for (const part of wanted.length > 0 ? wanted : known) await measure(part);
}

/** @param {string} part */
async function measure(part) {
  const { title, run } = await load(part);
  console.error(`${part}: measuring …`);
  const report = `## ${title}\n\n${await run()}\n\n${machine()}\n`;
  console.log(report);
  await mkdir(new URL('results/', bench), { recursive: true });
  await writeFile(new URL(`results/${part}.md`, bench), report);
}

/**
 * Loads a part from its TypeScript. The bundle is written beside the sources, so that it finds their packages.
 * @param {string} part
 * @returns {Promise<import('./part.js').Part>}
 */
async function load(part) {
  const outfile = fileURLToPath(new URL(`.${part}.bundle.mjs`, bench));
  await build({
    entryPoints: [fileURLToPath(new URL(`parts/${part}.ts`, bench))],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  try {
    return (await import(pathToFileURL(outfile).href)).part;
  } finally {
    await rm(outfile);
  }
}

function machine() {
  const [cpu] = cpus();
  const cores = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`;
  return `${cores}; ${platform()} ${arch()}; Node ${process.versions.node}`;
}
