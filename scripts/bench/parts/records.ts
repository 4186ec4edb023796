import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRecord, readRecords } from '../../../src/run/records/record-file.js';
import { Records } from '../../../src/run/records/records.js';
import { type Step, withStep } from '../../../src/run/records/steps.js';
import { submittingStep } from '../../../src/run/requests/submit-shot.js';
import { FACTS, hash, submission } from '../../../test/run/world.js';
import { median } from '../pairs.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { SIZES, World } from '../world.js';

const IN_FLIGHT = 50;
/** Shots that pass through each of the lanes in flight, one after another. */
const SHOTS_EACH = 20;
const ROUNDS = 5;
const FLOOR_RECORDS = 500;
const SERVICE = 'https://model-api.example';
const SENT_AT = Date.UTC(2026, 10, 21, 8, 0, 0);

/**
 * Steps a second, each on disk before the next of the same shot, beside a replaced file and two syncs for each step. And the
 * time to read all records, beside one file that has the same text.
 */
export const part: Part = {
  title: `The records: ${IN_FLIGHT} shots in flight`,
  run: () =>
    World.during(async ({ folder }) => {
      const rows = [await writing(folder)];
      for (const count of SIZES) rows.push(await reading(folder, count));
      return tableOf(rows);
    }),
};

async function writing(folder: string): Promise<Row> {
  const rates = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.floor.push(await oneByOne(join(folder, `floor-${round}`)));
    rates.ours.push(await together(join(folder, `records-${round}`)));
  }
  const [ours, floor] = [median(rates.ours), median(rates.floor)];
  return {
    figure: 'steps a second, every promise kept',
    floor: `one file replaced at a time, ${floor.toFixed(0)}`,
    measured: `${ours.toFixed(0)}, ${(ours / floor).toFixed(1)} times`,
    target: '',
  };
}

/** Replaces a file, and syncs it and its folder, for each step. */
async function oneByOne(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const texts = Array.from({ length: FLOOR_RECORDS }, (_, index) => textOf(index));
  const began = performance.now();
  for (const [index, text] of texts.entries()) {
    const path = join(folder, `${index}.json`);
    const file = await open(`${path}.tmp`, 'wx');
    await file.writeFile(text);
    await file.datasync();
    await file.close();
    await rename(`${path}.tmp`, path);
    const directory = await open(folder);
    await directory.sync();
    await directory.close();
  }
  return texts.length / ((performance.now() - began) / 1000);
}

async function together(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const records = new Records({ directory, service: SERVICE, renders: new Map() });
  const began = performance.now();
  let steps = 0;
  const lane = async (first: number) => {
    for (let index = first; index < first + SHOTS_EACH; index += 1) {
      for (const step of stepsOf(index)) {
        await records.append(hash(`shot-${index}`), step);
        steps += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => lane(index * SHOTS_EACH)));
  const seconds = (performance.now() - began) / 1000;
  await records.close();
  return steps / seconds;
}

async function reading(folder: string, count: number): Promise<Row> {
  const directory = join(folder, `read-${count}`);
  await mkdir(join(directory, 'videos'), { recursive: true });
  const texts = Array.from({ length: count }, (_, index) => textOf(index));
  for (const [index, text] of texts.entries()) {
    const key = hash(`shot-${index}`);
    await writeFile(join(directory, `videos/shot-${index}.${key.slice(0, 8)}.json`), text);
  }
  const whole = join(directory, 'all.json');
  await writeFile(whole, `[${texts.join(',')}]`);
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.floor.push(await secondsOf(async () => JSON.parse(await readFile(whole, 'utf8'))));
    times.ours.push(await secondsOf(async () => readRecords(directory)));
  }
  const [ours, floor] = [median(times.ours), median(times.floor)];
  return {
    figure: `reading ${count.toLocaleString('en-US')} records`,
    floor: `one file with all of them, parsed only, ${(floor * 1000).toFixed(0)} ms`,
    measured: `${(ours * 1000).toFixed(0)} ms, ${(ours / floor).toFixed(1)} times`,
    target: '',
  };
}

async function secondsOf(task: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await task();
  return (performance.now() - began) / 1000;
}

/** Text of the record of a shot that is done. */
function textOf(index: number): string {
  const id = { service: SERVICE, key: hash(`shot-${index}`) };
  const render = stepsOf(index).reduce<Parameters<typeof withStep>[0]>(
    (before, step) => withStep(before, step, id),
    null,
  );
  if (!render) throw new Error('a shot that is done has a record');
  return formatRecord(render);
}

/** Steps of a shot without a fault. */
function stepsOf(index: number): readonly Step[] {
  const url = `https://files.runcomfy.net/${index}.mp4`;
  const file = `videos/shot-${index}.${hash(`shot-${index}`).slice(0, 8)}.mp4`;
  return [
    submittingStep(submission(`shot-${index}`), SENT_AT),
    { type: 'submitted', request_id: `r-${index}` },
    { type: 'completed', outputs: [url], cost: 0.5, finished: null },
    { type: 'downloaded', index: 0, file, bytes: 1000, sha256: hash(url), media: FACTS },
  ];
}
