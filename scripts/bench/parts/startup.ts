import { compare, inWords, time } from '../compare.js';
import { withFilms, writeFilm } from '../long-film.js';
import { CLI } from '../measured.js';
import type { Part } from '../part.js';
import { tableOf } from '../table.js';

const ROUNDS = 25;
const NOTHING = { args: ['-e', '0'] };

/** The shortest commands beside a Node that does nothing. */
export const part: Part = {
  title: 'Startup',
  run: () =>
    withFilms(async (folder) => {
      const film = await writeFilm(folder, 10);
      const version = await compare({ rounds: ROUNDS, ours: { args: [CLI, '--version'] }, floor: NOTHING });
      const validate = await compare({
        rounds: ROUNDS,
        ours: { args: [CLI, 'validate', film] },
        floor: NOTHING,
      });
      return tableOf([
        {
          figure: '`shotlist --version`',
          floor: `\`node -e 0\`, ${time(version.floor.elapsed)}`,
          measured: inWords(version),
          target: '1.2',
        },
        {
          figure: '`shotlist validate` of ten shots',
          floor: `\`node -e 0\`, ${time(validate.floor.elapsed)}`,
          measured: inWords(validate),
          target: '1.5',
        },
      ]);
    }),
};
