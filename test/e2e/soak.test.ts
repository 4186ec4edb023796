import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { writeList } from '../crash/campaign.js';
import { EmulatorProcess } from '../crash/emulator-process.js';
import { judge } from '../crash/judge.js';
import { type Ended, Project, type Running } from './rig.js';

/** `npm run soak` renders 20,000, of which each fault strikes one in fifty. */
const SHOTS = Number(process.env.SHOTLIST_SOAK_SHOTS ?? 40);
const RATE = Number(process.env.SHOTLIST_SOAK_RATE ?? 0.06);
const CONCURRENCY = 256;

/** Every fault the emulator knows, each at the same rate; a balance that is too low ends a run, so that is rare. */
const FAULTS = [
  ...[
    'lost-answer',
    'lost-request',
    '429',
    '500',
    '500-accepted',
    '200-error',
    'no-id',
    'slow-answer',
    'reset',
  ],
  ...['unknown-status', 'cut-download', 'wrong-length', 'slow-render', 'failed-render'],
].map((name) => `${name}=${RATE}`);
const SPEC = ['seed=7', 'slow-by=1', `402=${RATE / 100}`, ...FAULTS].join(',');

const OVER = new Set(['done', 'failed', 'unknown']);

it('accounts for every one of many jobs under faults of every kind, and needs no more memory for it', {
  timeout: 60_000 + SHOTS * 2_000,
}, async () => {
  const service = new EmulatorProcess(await Project.make(), ['--faults', SPEC]);
  await service.start();
  const project = await Project.make();
  await writeList(project, { name: 'soak', shots: SHOTS });
  const memory: number[] = [];
  const run = () => {
    const flags = ['--yes', '--json', '--concurrency', String(CONCURRENCY)];
    return measured(project.start(['run', 'film.yaml', ...flags], service.env), memory);
  };
  const states = async () => (await project.manifest('renders/film')).submissions.map(({ state }) => state);
  let last: Ended;
  // What was refused is sent by the next run.
  for (let runs = 1; ; runs += 1) {
    last = await run();
    if (runs === 20 || (await states()).every((state) => OVER.has(state))) break;
  }
  const accepted = await service.ledger();
  const wrong = await judge({
    accepted,
    last,
    directory: project.path('renders', 'film'),
    unknownAtMost: SHOTS,
  });
  console.log(
    `${accepted.length} accepted for ${SHOTS} shots; ${counted(await states())}; peak ${Math.max(0, ...memory)} MB`,
  );
  console.log(`memory, MB: ${curve(memory).join(' ')}`);
  expect(wrong).toEqual([]);
});

/** Waits for the end and writes down the resident memory meanwhile, MB; where the system does not tell, nothing. */
async function measured({ child, ended }: Running, memory: number[]): Promise<Ended> {
  const over = new AbortController();
  const watch = async () => {
    while (!over.signal.aborted) {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
      if (kilobytes !== undefined) memory.push(Math.round(Number(kilobytes) / 1024));
      await sleep(1000, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  const [end] = await Promise.all([ended.finally(() => over.abort()), watch()]);
  return end;
}

/** Forty points of it. */
function curve(memory: readonly number[]): readonly number[] {
  const step = Math.max(1, Math.floor(memory.length / 40));
  return memory.filter((_, index) => index % step === 0);
}

function counted(states: readonly string[]): string {
  const counts = [...new Set(states)].map((state) => [state, states.filter((one) => one === state).length]);
  return counts.map(([state, count]) => `${count} ${state}`).join(', ');
}
