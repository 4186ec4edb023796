import { join } from 'node:path';
import { effects } from '../../../src/base/effects.js';
import { runChild } from '../../../src/media/child.js';
import { createService } from '../../../src/runcomfy/client.js';
import { megabytes } from '../compare.js';
import { timePairs } from '../pairs.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';
import { World } from '../world.js';

/** A long clip of the models and a short one, bytes. */
const LARGE = 50e6;
const SMALL = 2e6;
const ROUNDS = 7;
/** Four downloads run at a time; with eight shots, four are under way most of the time. */
const SHOTS = 8;

/** A large clip from the service to the disk, hashed and synced, beside a pipe of programs that does the same. */
export const part: Part = {
  title: `A download of ${LARGE / 1e6} MB`,
  run: () =>
    World.during(async (world) => {
      const rows: Row[] = [await speed(world), await memory(world)];
      return `${tableOf(rows)}\n\nMedians of ${ROUNDS} rounds in turns. The pipe does not wait for the disk; we do.`;
    }),
};

async function speed(world: World): Promise<Row> {
  const origin = await world.service({ shortest: 0, longest: 0 }, await world.clipOf(LARGE));
  const url = `${origin}/clips/1.mp4`;
  const service = createService({ base: `${origin}/v1`, token: 'bench-token-0000', env: {}, deps: effects });
  const pipe = `curl -s ${url} | tee '${join(world.folder, 'piped.mp4')}' | sha256sum`;
  const { one, other, ratio } = await timePairs({
    rounds: ROUNDS,
    one: async () => {
      const { kind } = await service.download(url, { to: join(world.folder, 'fetched.mp4') });
      if (kind !== 'downloaded') throw new Error(`The download ended as ${kind}.`);
    },
    other: async () => {
      const { ok, message } = await runChild('/bin/sh', { args: ['-c', pipe] });
      if (!ok) throw new Error(message);
    },
  });
  await service.close();
  return {
    figure: 'from request to a file that is synced and hashed',
    floor: `curl \\| tee \\| sha256sum, ${(other / 1000).toFixed(2)} s`,
    measured: `${(one / 1000).toFixed(2)} s, ${ratio.toFixed(2)}`,
    target: '0.75',
  };
}

async function memory(world: World): Promise<Row> {
  const peaks: string[] = [];
  for (const bytes of [SMALL, LARGE]) {
    const origin = await world.service({ shortest: 1, longest: 1 }, await world.clipOf(bytes));
    const usage = await world.render(origin, { shots: SHOTS, concurrency: SHOTS });
    peaks.push(megabytes(usage.memory));
  }
  const [small, large] = peaks;
  return {
    figure: `peak memory of a run of ${SHOTS} such clips`,
    floor: `with clips of ${SMALL / 1e6} MB, ${small}`,
    measured: `${large}`,
    target: 'the same',
  };
}
