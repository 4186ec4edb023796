import { middle, time } from '../compare.js';
import { withFilms, writeFilm } from '../long-film.js';
import { CLI, measured, type Usage } from '../measured.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';

/** Sizes, each ten times the one before, and how often each is planned. */
const SIZES = [
  { shots: 1_000, rounds: 7 },
  { shots: 10_000, rounds: 5 },
  { shots: 100_000, rounds: 1 },
];
const MOST_MEMORY = '1.5 GB';

/** What ten times the shots take: loaded, checked and planned, each time in a process of its own. */
export const part: Part = {
  title: 'Growth of loading, validating and planning',
  run: () =>
    withFilms(async (folder) => {
      const taken: Usage[] = [];
      for (const { shots, rounds } of SIZES) {
        const film = await writeFilm(folder, shots);
        const runs: Usage[] = [];
        while (runs.length < rounds) runs.push(await measured({ args: [CLI, 'validate', film] }));
        taken.push(middle(runs));
      }
      return tableOf(SIZES.slice(1).flatMap((_, index) => rowsOf(index + 1, taken)));
    }),
};

function rowsOf(index: number, taken: readonly Usage[]): readonly Row[] {
  const [before, now] = [taken[index - 1], taken[index]] as [Usage, Usage];
  const [from, to] = [SIZES[index - 1], SIZES[index]].map((size) => size?.shots.toLocaleString('en-US'));
  const row = (what: string, amount: (usage: Usage) => number, shown: (amount: number) => string): Row => ({
    figure: `${what}, from ${from} to ${to} shots`,
    floor: `ten times ${shown(amount(before))}`,
    measured: `**${(amount(now) / (10 * amount(before))).toFixed(2)}**, ${shown(amount(now))}`,
    target: '1.1',
  });
  const memory = row('peak memory', (usage) => usage.memory, megabytes);
  return [
    row('time', (usage) => usage.elapsed, time),
    row('processor time', (usage) => usage.cpu, time),
    index === SIZES.length - 1 ? { ...memory, target: `1.1, and under ${MOST_MEMORY}` } : memory,
  ];
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
}
