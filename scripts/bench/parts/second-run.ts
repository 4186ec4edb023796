import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stillNames } from '../../../src/media/still-names.js';
import { compare, inWords, time } from '../compare.js';
import { CLI, measured } from '../measured.js';
import type { Part } from '../part.js';
import { tableOf } from '../table.js';
import { World } from '../world.js';

const ROUNDS = 7;
const SHOTS = 10_000;
/** Of jobs that only have to be over, seconds. */
const JOBS = { shortest: 0.1, longest: 0.2 };

/** A run that finds all its clips, beside the plan that says so. */
export const part: Part = {
  title: `A second run, ${SHOTS.toLocaleString('en-US')} shots done`,
  run: () =>
    World.during(async (world) => {
      const origin = await world.service(JOBS);
      const cwd = await world.film(SHOTS);
      const command = (...args: string[]) => ({ args: [CLI, ...args], cwd, env: world.env(origin) });
      const run = command('run', 'film.yaml', '--yes');
      await measured({ ...run, args: [...run.args, '--concurrency', '500'] });
      await markAsSeen(join(cwd, 'renders/film'));
      // Takes what was marked into the manifest.
      await measured(run);
      const second = await compare({ rounds: ROUNDS, ours: run, floor: command('plan', 'film.yaml') });
      return tableOf([
        {
          figure: '`shotlist run` with nothing to do',
          floor: `\`shotlist plan\`, ${time(second.floor.elapsed)}`,
          measured: inWords(second),
          target: '1.2',
        },
      ]);
    }),
};

/** As if each clip had been looked at, which takes an ffmpeg an hour. */
async function markAsSeen(directory: string): Promise<void> {
  const path = join(directory, 'journal.ndjson');
  const journal = await readFile(path, 'utf8');
  await writeFile(
    path,
    journal.replaceAll(/"pictures":false,"flags":\[[^\]]*\]/g, '"pictures":true,"flags":[]'),
  );
  await mkdir(join(directory, 'stills'), { recursive: true });
  for (const clip of await readdir(join(directory, 'videos'))) {
    await writeFile(join(directory, stillNames(clip).middle), 'a still');
  }
}
