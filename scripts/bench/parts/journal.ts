import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pick, RECORDED } from '../../../src/plan/submission.js';
import { Journal } from '../../../src/run/journal/journal.js';
import { openJournalFile } from '../../../src/run/journal/journal-file.js';
import type { AttemptRecord } from '../../../src/run/journal/record.js';
import { hash, submission } from '../../../test/run/world.js';
import { median } from '../pairs.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { World } from '../world.js';

const IN_FLIGHT = 50;
/** Shots that pass through each of the lanes in flight, one after another. */
const SHOTS_EACH = 20;
const ROUNDS = 5;
const FLOOR_RECORDS = 500;

/** Records a second, each on disk before the next of the same shot, beside a write and an fsync for each record. */
export const part: Part = {
  title: `The journal: ${IN_FLIGHT} shots in flight`,
  run: () =>
    World.during(async ({ folder }) => {
      const rates = { ours: [] as number[], floor: [] as number[] };
      for (let round = 0; round < ROUNDS; round += 1) {
        rates.floor.push(await oneByOne(join(folder, `floor-${round}`)));
        rates.ours.push(await together(join(folder, `journal-${round}`)));
      }
      const [ours, floor] = [median(rates.ours), median(rates.floor)];
      const row: Row = {
        figure: 'records a second, every promise kept',
        floor: `one fsync per record, ${floor.toFixed(0)}`,
        measured: `${ours.toFixed(0)}, ${(ours / floor).toFixed(1)} times`,
        target: '',
      };
      return tableOf([row]);
    }),
};

async function oneByOne(path: string): Promise<number> {
  const file = await open(path, 'a');
  const lines = Array.from({ length: FLOOR_RECORDS }, (_, index) => `${JSON.stringify(steps(index)[0])}\n`);
  const began = performance.now();
  for (const line of lines) {
    await file.write(line);
    await file.datasync();
  }
  const seconds = (performance.now() - began) / 1000;
  await file.close();
  return lines.length / seconds;
}

async function together(path: string): Promise<number> {
  const journal = new Journal({ open: () => openJournalFile(path, 0), fold: new Map() });
  const shots = Array.from({ length: IN_FLIGHT * SHOTS_EACH }, (_, index) => steps(index));
  const began = performance.now();
  let records = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async (_, lane) => {
      for (let shot = 0; shot < SHOTS_EACH; shot += 1) {
        for (const record of shots[lane * SHOTS_EACH + shot] ?? []) {
          await journal.append(record);
          records += 1;
        }
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  await journal.close();
  return records / seconds;
}

/** Records of a shot without a fault. */
function steps(index: number): readonly AttemptRecord[] {
  const shot = submission(`shot-${index}`);
  const { key } = shot;
  const base = { at: '2026-11-21T08:00:00.000Z', key, attempt: 1 };
  const url = `https://files.runcomfy.net/${index}.mp4`;
  return [
    { ...base, type: 'submitting', submission: pick(shot, RECORDED) },
    { ...base, type: 'submitted', request_id: `r-${index}` },
    { ...base, type: 'completed', outputs: [url], cost: 0.5 },
    {
      ...base,
      type: 'downloaded',
      url,
      file: `videos/shot-${index}.mp4`,
      bytes: 1000,
      sha256: hash(url),
      media: { duration: 5, width: 1280, height: 720, frame_rate: 24, video_codec: 'avc', audio: null },
    },
  ];
}
