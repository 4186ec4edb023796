import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { World } from '../world.js';

const SHOTS = 1000;
const CONCURRENCY = 50;
/** Of each job, seconds. */
const LENGTH = 1;
const IDEAL = (SHOTS / CONCURRENCY) * LENGTH;

/** A whole run of jobs that are as short as can be: whatever happens between two of them weighs most. */
export const part: Part = {
  title: `Makespan: ${SHOTS} jobs of ${LENGTH} s, ${CONCURRENCY} at a time`,
  run: () =>
    World.during(async (world) => {
      // Whoever has 1,000 shots has rendered before: what Node compiled then is kept beside the program.
      await world.render(await world.service({ shortest: 0, longest: 0 }), { shots: 2, concurrency: 2 });
      const origin = await world.service({ shortest: LENGTH, longest: LENGTH });
      const { elapsed } = await world.render(origin, { shots: SHOTS, concurrency: CONCURRENCY });
      const { counts, jobs, lastDownload } = await world.seen(origin);
      const first = jobs[0]?.began ?? 0;
      const requests = (counts.submit + counts.ask + counts.download) / SHOTS;
      const seconds = (lastDownload - first) / 1000;
      const rows: Row[] = [
        {
          figure: 'from the first submission to the last clip',
          floor: `the ideal, ${IDEAL} s`,
          measured: `${seconds.toFixed(2)} s, ${(seconds / IDEAL).toFixed(3)}`,
          target: '1.05',
        },
        {
          figure: 'the whole process',
          floor: `the ideal, ${IDEAL} s`,
          measured: `${elapsed.toFixed(2)} s, ${(elapsed / IDEAL).toFixed(3)}`,
          target: '1.05',
        },
        {
          figure: 'HTTP requests per shot, download included',
          floor: '3',
          measured: requests.toFixed(2),
          target: '4.2',
        },
      ];
      return tableOf(rows);
    }),
};
