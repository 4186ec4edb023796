import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { megabytes } from '../compare.js';
import { measured, programPath } from '../measured.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { World } from '../world.js';

const SHOTS = 1_000;
const CONCURRENCY = 100;
/** Lengths of the jobs, seconds: the shortest that the models take, ± 30 %. The part takes eleven minutes. */
const JOBS = { shortest: 42, longest: 78 };

/**
 * The load of a run on its machine, beside a simple loop of submit, poll and download. Both run at the same time, against
 * a service each, because they mostly wait. Programs that they start, such as ffmpeg, do not count.
 */
export const part: Part = {
  title: `The client: ${SHOTS} jobs of ${JOBS.shortest} to ${JOBS.longest} s, ${CONCURRENCY} at a time`,
  run: () =>
    World.during(async (world) => {
      const [ours, plain] = await Promise.all([runOurs(world), runPlain(world)]);
      const rows: Row[] = [
        {
          figure: 'CPU',
          floor: `a loop that polls every 2 s, ${plain.cpu.toFixed(1)} s`,
          measured: `${ours.cpu.toFixed(1)} s, ${(ours.cpu / plain.cpu).toFixed(2)}`,
          target: '0.2',
        },
        {
          figure: 'peak memory',
          floor: `the same, ${megabytes(plain.memory)}`,
          measured: megabytes(ours.memory),
          target: '110 MB',
        },
        {
          figure: 'from start to end',
          floor: `the same, ${plain.elapsed.toFixed(0)} s`,
          measured: `${ours.elapsed.toFixed(0)} s`,
          target: '',
        },
        {
          figure: 'HTTP requests per shot',
          floor: `the same, ${plain.requests.toFixed(1)}`,
          measured: ours.requests.toFixed(1),
          target: '',
        },
      ];
      return tableOf(rows);
    }),
};

async function runOurs(world: World) {
  const origin = await world.service(JOBS);
  const usage = await world.render(origin, { shots: SHOTS, concurrency: CONCURRENCY });
  return { ...usage, requests: await requestsAt(world, origin) };
}

async function runPlain(world: World) {
  const origin = await world.service(JOBS);
  const to = join(world.folder, 'plain');
  await mkdir(to);
  const options = JSON.stringify({ origin, jobs: SHOTS, concurrency: CONCURRENCY, to });
  const usage = await measured({ args: [programPath('plain-client.js'), options] });
  return { ...usage, requests: await requestsAt(world, origin) };
}

async function requestsAt(world: World, origin: string): Promise<number> {
  const { submit, ask, download } = (await world.seen(origin)).counts;
  return (submit + ask + download) / SHOTS;
}
