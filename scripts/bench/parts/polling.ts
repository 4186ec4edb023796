import { rm } from 'node:fs/promises';
import { requestState } from '../../../test/rig/scripted-service.js';
import { planOf, World as TestWorld, unsynced } from '../../../test/run/world.js';
import { median } from '../pairs.js';
import type { Part } from '../part.js';
import { type Row, tableOf } from '../table.js';

const SHOTS = 1000;
const CONCURRENCY = 50;
/** Step that spreads the jobs evenly over the range, in the same irregular order every time. */
const GOLDEN = 0.618033988749895;

interface Case {
  readonly name: string;
  /** Length of a job by its number, seconds. */
  readonly length: (index: number) => number;
  readonly targets: { readonly delay: string; readonly requests: string };
}

const CASES: readonly Case[] = [
  {
    name: '60 s ± 30 %',
    length: (index) => 60 * (0.7 + 0.6 * ((index * GOLDEN) % 1)),
    targets: { delay: '2 s', requests: '10' },
  },
  { name: '60 s each', length: () => 60, targets: { delay: '', requests: '10' } },
];

/**
 * Delay until a run knows of the end of a job, and the number of requests for it. The real run, on a clock that jumps from one
 * event to the next, because these figures do not depend on the machine.
 */
export const part: Part = {
  title: `Polling: ${SHOTS} jobs, ${CONCURRENCY} at a time`,
  run: async () => {
    const rows: Row[] = [];
    for (const one of CASES) rows.push(...(await follow(one)));
    return `${tableOf(rows)}\n\nAll jobs count, from the first, when the run knows no length yet, to the last.`;
  },
};

async function follow({ name, length, targets }: Case): Promise<readonly Row[]> {
  const world = new TestWorld();
  const { service, clock } = world;
  service.origin = 'https://model-api.example';
  const delays = new Map<string, number>();
  service.script.result = (requestId) => {
    const index = Number(requestId.slice('req-'.length)) - 1;
    const age = (clock.now() - (service.accepted[index]?.at ?? 0)) / 1000;
    const late = age - length(index);
    const status = late < 0 ? 'rendering' : 'completed';
    if (late >= 0 && !delays.has(requestId)) delays.set(requestId, late);
    return { kind: 'state', request: requestState({ requestId, status }) };
  };
  const plan = planOf(...Array.from({ length: SHOTS }, (_, index) => `shot-${index}`));
  const { deps } = world.options(plan);
  await world.run(plan, {
    serviceName: service.origin,
    concurrency: CONCURRENCY,
    deps: { ...deps, replaceFile: unsynced },
  });
  await rm(world.directory, { recursive: true });
  const { submit, result, status, download } = service.calls;
  const requests = (submit + result + status + download) / SHOTS;
  return [
    {
      figure: `${name}: from its end to our knowing, median`,
      floor: '0',
      measured: `${median([...delays.values()]).toFixed(2)} s`,
      target: targets.delay,
    },
    {
      figure: `${name}: HTTP requests per shot, download included`,
      floor: '3',
      measured: requests.toFixed(2),
      target: targets.requests,
    },
  ];
}
