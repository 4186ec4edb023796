import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Boards that the shots share, because the bench measures the list and not the disk. */
const BOARDS = ['headland', 'stairs'];
const SCENES = 20;

/** Makes a folder for films for as long as the task takes. */
export async function withFilms<T>(task: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-bench-'));
  try {
    await mkdir(join(folder, 'boards'));
    for (const board of BOARDS) {
      const from = new URL(`../../examples/boards/lighthouse/${board}.png`, import.meta.url);
      await copyFile(from, join(folder, 'boards', `${board}.png`));
    }
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a list of N shots of some 600 bytes each, as people write them; resolves with its path. */
export async function writeFilm(folder: string, shots: number): Promise<string> {
  const scenes = Array.from({ length: SCENES }, (_, index) => `  s${index}: { title: Scene ${index} }\n`);
  const head = `version: 1
title: A long film
defaults: { model: kling-3.0/standard, duration: 5, audio: false }
scenes:
${scenes.join('')}shots:
`;
  const path = join(folder, `film-${shots}.yaml`);
  await writeFile(path, [head, ...Array.from({ length: shots }, (_, index) => shotOf(index))].join(''));
  return path;
}

function shotOf(index: number): string {
  return `
  - id: shot-${index}
    scene: s${index % SCENES}
    start_image: boards/${BOARDS[index % BOARDS.length]}.png
    prompt: >-
      Wide of a headland after sunset, shot ${index}. The keeper climbs the path toward an unlit lighthouse, lantern
      swinging, its small warm circle sliding over the grass. Wind, gulls, surf on the rocks below. She stops at the
      gate, looks back at the village, and raises the lantern; far out, a ship answers with a single light.
    camera: { size: WS, move: slow push in }
    duration: ${5 + (index % 2) * 5}
    notes: board ${index}, to be discussed with the director
`;
}
