import { compare, inWords, time } from '../compare.js';
import { CLI, measured } from '../measured.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { SIZES, World } from '../world.js';

const ROUNDS = 7;
/** Lengths of the jobs, seconds: they only have to be over. */
const JOBS = { shortest: 0.1, longest: 0.2 };

/** A run that finds all its clips, beside the plan that says so. Making 10,000 clips takes minutes. */
export const part: Part = {
  title: 'A second run with nothing to do',
  run: () =>
    World.during(async (world) => {
      const origin = await world.service(JOBS);
      const rows: Row[] = [];
      for (const shots of SIZES) {
        const cwd = await world.film(shots);
        const command = (...args: string[]) => ({ args: [CLI, ...args], cwd, env: world.env(origin) });
        await measured(command('run', 'film.yaml', '--yes', '--concurrency', '100'));
        const ours = command('run', 'film.yaml', '--yes');
        const second = await compare({ rounds: ROUNDS, ours, floor: command('plan', 'film.yaml') });
        rows.push({
          figure: `\`shotlist run\` with ${shots.toLocaleString('en-US')} shots done`,
          floor: `\`shotlist plan\`, ${time(second.floor.elapsed)}`,
          measured: inWords(second),
          target: '1.2',
        });
      }
      return tableOf(rows);
    }),
};
