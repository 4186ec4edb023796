import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compare, inWords, megabytes, time } from '../compare.js';
import { withFilms, writeFilm } from '../long-film.js';
import { CLI, programPath } from '../measured.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { SIZES } from '../world.js';

const ROUNDS = 7;

/** A list that is loaded, checked and planned, beside a process that parses its text and throws the value away. */
export const part: Part = {
  title: 'Loading, validating and planning',
  run: () =>
    withFilms(async (folder) => {
      const parser = await parserIn(folder);
      const rows: Row[] = [];
      for (const shots of SIZES) {
        const film = await writeFilm(folder, shots);
        for (const command of ['validate', 'plan']) {
          const ours = { args: [CLI, command, film] };
          const compared = await compare({ rounds: ROUNDS, ours, floor: { args: [parser, film] } });
          rows.push({
            figure: `\`shotlist ${command}\` of ${shots.toLocaleString('en-US')} shots`,
            floor: `\`parse\` of \`yaml\`, bundled, ${time(compared.floor.elapsed)}`,
            measured: `${inWords(compared)}, ${megabytes(compared.ours.memory)}`,
            target: shots < 1_000 ? '' : '1.1',
          });
        }
      }
      return tableOf(rows);
    }),
};

/** The parser in one file, as Shotlist bundles it: an installed package starts later. */
async function parserIn(folder: string): Promise<string> {
  const outfile = join(folder, 'parse.mjs');
  await build({
    absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
    entryPoints: [programPath('parse-yaml.js')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
    minifyWhitespace: true,
    logLevel: 'warning',
  });
  return outfile;
}
