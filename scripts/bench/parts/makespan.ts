import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { SIZES, World } from '../world.js';

const CONCURRENCY = 50;
/** Length of each job, seconds. Jobs of the models are several times longer, so what happens between two weighs less. */
const LENGTH = 10;

/** A whole run, beside the time that its jobs take if nothing happens between two of them. */
export const part: Part = {
  title: `Makespan: jobs of ${LENGTH} s, ${CONCURRENCY} at a time`,
  run: () =>
    World.during(async (world) => {
      const rows: Row[] = [];
      for (const shots of SIZES.filter((size) => size <= 1_000)) rows.push(...(await rowsOf(world, shots)));
      return tableOf(rows);
    }),
};

async function rowsOf(world: World, shots: number): Promise<readonly Row[]> {
  const ideal = Math.ceil(shots / CONCURRENCY) * LENGTH;
  const origin = await world.service({ shortest: LENGTH, longest: LENGTH });
  const { elapsed } = await world.render(origin, { shots, concurrency: CONCURRENCY });
  const { counts, jobs, lastDownload } = await world.seen(origin);
  const seconds = (lastDownload - (jobs[0]?.began ?? 0)) / 1000;
  const requests = (counts.submit + counts.ask + counts.download) / shots;
  const size = `${shots.toLocaleString('en-US')} shots`;
  const beside = (measured: number) => `${measured.toFixed(2)} s, ${(measured / ideal).toFixed(3)}`;
  const time = { floor: `the ideal, ${ideal} s`, target: '1.05' };
  return [
    { figure: `${size}: from the first submission to the last clip`, ...time, measured: beside(seconds) },
    { figure: `${size}: the whole process`, ...time, measured: beside(elapsed) },
    {
      figure: `${size}: HTTP requests per shot, download included`,
      floor: '3',
      measured: requests.toFixed(2),
      target: '4.2',
    },
  ];
}
