import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compare, inWords, time } from '../compare.js';
import { withFilms, writeFilm } from '../long-film.js';
import { CLI, programPath } from '../measured.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';

const ROUNDS = 7;
const SHOTS = 10_000;

/** A long list, loaded, checked and planned, beside a process that parses its text and throws the value away. */
export const part: Part = {
  title: 'Loading, validating and planning 10,000 shots',
  run: () =>
    withFilms(async (folder) => {
      const film = await writeFilm(folder, SHOTS);
      const floor = { args: [await parserIn(folder), film] };
      const row = async (command: string): Promise<Row> => {
        const compared = await compare({ rounds: ROUNDS, ours: { args: [CLI, command, film] }, floor });
        return {
          figure: `\`shotlist ${command}\` of ${SHOTS.toLocaleString('en-US')} shots`,
          floor: `\`parse\` of \`yaml\`, bundled, ${time(compared.floor.elapsed)}`,
          measured: inWords(compared),
          target: '1.1',
        };
      };
      return tableOf([await row('validate'), await row('plan')]);
    }),
};

/** The parser in one file, as Shotlist bundles it: from packages as they are installed, it starts later. */
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
