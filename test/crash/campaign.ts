import { copyFile, mkdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type Ended, Project } from '../e2e/rig.js';
import type { Accepted, EmulatorProcess } from './emulator-process.js';
import { judge } from './judge.js';

/** Which boundary of a run's dealings with disk and network a kill is at. */
export interface Moment {
  /** Such as `journal write`; each has a count of its own, from 1. */
  readonly at?: { readonly name: string; readonly count: number };
  /** Or which of all. */
  readonly nth?: number;
  /** `half`: a write has reached the disk in part. */
  readonly how: 'before' | 'after' | 'half';
}

/** What happens to one run. */
export type Blow =
  | { readonly kind: 'killed-at'; readonly moment: Moment }
  | { readonly kind: 'killed-after'; readonly milliseconds: number }
  /** Bytes that the run directory may hold. */
  | { readonly kind: 'disk-full'; readonly bytes: number }
  /** Nothing in the process itself. */
  | { readonly kind: 'none' };

/** A film that is rendered under blows, one run for each, and then to its end. */
export interface Campaign {
  /** Names it in the service's ledger: no two alike at one service. */
  readonly name: string;
  readonly shots: number;
  readonly concurrency: number;
  readonly blows: readonly Blow[];
  /** Most submissions that may be unknown at the end; as many as can be in flight at each blow, unless said. */
  readonly unknownAtMost?: number;
  /** Done to the run directory before all. */
  readonly prepare?: (directory: string) => Promise<void>;
  /** Done to the run directory after each blow. */
  readonly damage?: (directory: string) => Promise<void>;
  /** Done to it before the run that goes to the end. */
  readonly recover?: (directory: string) => Promise<void>;
  /** Settles what is unknown at the end with what the service knows, and runs once more. */
  readonly settle?: boolean;
}

/** What came of it. */
export interface Report {
  readonly name: string;
  /** How the runs ended that a blow was meant for: an exit code, null where it was killed. */
  readonly codes: readonly (number | null)[];
  readonly unknown: number;
  /** Broken promises. */
  readonly wrong: readonly string[];
}

/** How much sooner waits are over. */
const HURRY = '20';
/** A run that is not over by then hangs, milliseconds; it takes one or two seconds on a machine that is not busy. */
const HANGS = 90_000;

/** Fights a campaign against a service and judges it by the service's own ledger. */
export async function fight(campaign: Campaign, service: EmulatorProcess): Promise<Report> {
  const { name, blows, damage, concurrency, unknownAtMost = blows.length * concurrency } = campaign;
  const project = await Project.make();
  const directory = project.path('renders', 'film');
  await mkdir(directory, { recursive: true });
  await campaign.prepare?.(directory);
  await writeList(project, campaign);
  const run = (blow?: Blow) => runUnder(project, { blow, campaign, service });
  const codes: (number | null)[] = [];
  for (const blow of blows) {
    codes.push((await run(blow)).code);
    await damage?.(directory);
  }
  await campaign.recover?.(directory);
  let last = await run();
  // 75: an answer was too long in coming; 69: so was the service.
  for (let more = 0; more < 3 && (last.code === 75 || last.code === 69); more += 1) last = await run();
  const own = async () => (await service.ledger()).filter(({ prompt }) => prompt.startsWith(`${name}:`));
  const verdict = async () => judge({ accepted: await own(), last, directory, unknownAtMost });
  const wrong = [...(await verdict())];
  if (wrong.length > 0) return { name, codes, unknown: 0, wrong };
  const { submissions } = await project.manifest('renders/film');
  const unknown = submissions.filter(({ state }) => state === 'unknown');
  if (campaign.settle && unknown.length > 0) {
    for (const entry of unknown) await settle(project, entry, await own());
    last = await run();
    wrong.push(...(await verdict()));
    if (last.code !== 0) wrong.push(`settled, it ended with ${last.code}`);
  }
  return { name, codes, unknown: unknown.length, wrong };
}

/** A picture of 640 pixels in a few hundred bytes: it goes into every POST. */
const BOARD = `${import.meta.dirname}/../fixtures/boards/hero.png`;

/** Writes `film.yaml`, whose prompts begin with the campaign's name. */
export async function writeList(
  project: Project,
  { name, shots }: Pick<Campaign, 'name' | 'shots'>,
): Promise<void> {
  await copyFile(BOARD, project.path('boards', 'board.png'));
  const defaults = '{ model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }';
  const shot = (_: unknown, index: number) =>
    `  - { id: shot-${index + 1}, prompt: "${name}: shot ${index + 1}" }\n`;
  const list = Array.from({ length: shots }, shot).join('');
  await project.write('film.yaml', `version: 1\ntitle: Film\ndefaults: ${defaults}\nshots:\n${list}`);
}

async function runUnder(
  project: Project,
  { blow, campaign, service }: { blow: Blow | undefined; campaign: Campaign; service: EmulatorProcess },
): Promise<Ended> {
  const folder = project.path('renders', 'film');
  const flags = ['--yes', '--json', '--concurrency', String(campaign.concurrency)];
  const running = project.start(['run', 'film.yaml', ...flags], {
    ...service.env,
    ...preloads(blow, folder),
  });
  const after = blow?.kind === 'killed-after' ? blow.milliseconds : HANGS;
  const timer = setTimeout(() => running.child.kill('SIGKILL'), after);
  return running.ended.finally(() => clearTimeout(timer));
}

/** The environment that brings a blow into a process of the built CLI. */
function preloads(blow: Blow | undefined, folder: string): Readonly<Record<string, string>> {
  const hurry = { SHOTLIST_TEST_HURRY: HURRY };
  switch (blow?.kind) {
    case 'killed-at':
      return {
        ...hurry,
        ...preload('hurry', 'kill'),
        SHOTLIST_TEST_KILL: JSON.stringify({ folder, ...blow.moment }),
      };
    case 'disk-full':
      return {
        ...hurry,
        ...preload('hurry', 'full-disk'),
        SHOTLIST_TEST_DISK: JSON.stringify({ folder, bytes: blow.bytes }),
      };
    default:
      return { ...hurry, ...preload('hurry') };
  }
}

type Preload = 'hurry' | 'kill' | 'full-disk';

/** Has Node load modules before the program. */
export function preload(...names: readonly Preload[]): Readonly<Record<string, string>> {
  const urls = names.map((name) => pathToFileURL(`${import.meta.dirname}/preload/${name}.js`));
  return { NODE_OPTIONS: urls.map(({ href }) => `--import ${href}`).join(' ') };
}

async function settle(
  project: Project,
  entry: { readonly id: string; readonly prompt: string },
  accepted: readonly Accepted[],
): Promise<void> {
  const found = accepted.find(({ prompt }) => prompt === entry.prompt);
  const decision = found ? ['--request-id', found.id] : ['--resubmit'];
  const { code, stderr } = await project.run(['resolve', 'renders/film', entry.id, ...decision]);
  if (code !== 0) throw new Error(`resolve ended with ${code}: ${stderr}`);
}

/** The names of all boundaries of a run that nothing happens to, in order. */
export async function boundaries(
  campaign: Omit<Campaign, 'blows'>,
  service: EmulatorProcess,
): Promise<readonly string[]> {
  const project = await Project.make();
  await writeList(project, campaign);
  const trace = project.path('trace.txt');
  const watched = JSON.stringify({ folder: project.path('renders', 'film'), trace });
  const flags = ['--yes', '--concurrency', String(campaign.concurrency)];
  const env = { ...preload('hurry', 'kill'), SHOTLIST_TEST_HURRY: HURRY, SHOTLIST_TEST_KILL: watched };
  const { code, stderr } = await project.run(['run', 'film.yaml', ...flags], { ...service.env, ...env });
  if (code !== 0) throw new Error(`a run that nothing happens to ended with ${code}: ${stderr}`);
  return (await project.read('trace.txt')).split('\n');
}
