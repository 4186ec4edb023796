import { expect, it } from 'vitest';
import { writeList } from '../crash/campaign.js';
import { EmulatorProcess } from '../crash/emulator-process.js';
import { judge } from '../crash/judge.js';
import { type Ended, hurry, Project } from './rig.js';

/** `npm run campaigns` renders 1,000 shots, and `npm run soak` as many as it is told. */
const SHOTS = Number(process.env.SHOTLIST_SOAK_SHOTS);
const RATE = Number(process.env.SHOTLIST_SOAK_RATE);
const CONCURRENCY = 256;

/** Faults of the emulator that occur at `RATE` each. */
const FAULTS = [
  'lost-answer',
  'lost-request',
  '429',
  '500',
  '500-accepted',
  '200-error',
  'no-id',
  'slow-answer',
  'reset',
  'unknown-status',
  'cut-download',
  'wrong-length',
  'slow-render',
  'failed-render',
];
/** A balance that is too low ends the run, so a 402 is rare. */
const SPEC = ['seed=7', 'slow-by=1', `402=${RATE / 100}`, ...FAULTS.map((name) => `${name}=${RATE}`)].join(
  ',',
);

const OVER = new Set(['done', 'failed', 'unknown']);

it('runs account for each of many shots under faults of every kind', {
  timeout: 60_000 + SHOTS * 2_000,
}, async () => {
  const service = new EmulatorProcess(await Project.make(), ['--faults', SPEC]);
  await service.start();
  const project = await Project.make();
  await writeList(project, { name: 'soak', shots: SHOTS });
  const args = ['run', 'film.yaml', '--yes', '--json', '--concurrency', String(CONCURRENCY)];
  const states = async () => (await project.manifest('renders/film')).submissions.map(({ state }) => state);
  let last: Ended;
  // A run sends again what the service refused in the run before.
  for (let runs = 1; ; runs += 1) {
    last = await project.run(args, { ...service.env, ...hurry(4) });
    if (runs === 20 || (await states()).every((state) => OVER.has(state))) break;
  }
  const accepted = await service.ledger();
  const directory = project.path('renders', 'film');
  expect(await judge({ accepted, last, directory, unknownAtMost: SHOTS })).toEqual([]);
});
