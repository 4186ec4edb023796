import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, hurry, Project, preload } from '../e2e/rig.js';
import type { Accepted, EmulatorProcess } from './emulator-process.js';
import { judge } from './judge.js';
import { killAt, type Moment } from './moment.js';

/** One thing that happens to one run. */
export type Blow =
  | { readonly kind: 'killed-at'; readonly moment: Moment }
  /** A SIGKILL when the run has printed this many events. */
  | { readonly kind: 'killed-after'; readonly events: number }
  /** Bytes that the run directory may hold. */
  | { readonly kind: 'disk-full'; readonly bytes: number }
  /** The process itself is left alone. */
  | { readonly kind: 'none' };

/** A film that is rendered by one run for each blow, and then by a run to the end. */
export interface Campaign {
  /** Marks its requests in the service's ledger, so it is unique at one service. */
  readonly name: string;
  readonly shots: number;
  readonly concurrency: number;
  readonly blows: readonly Blow[];
  /** Most submissions that may be unknown at the end; by default as many as can be in flight at all blows together. */
  readonly unknownAtMost?: number;
  /** Prepares the run directory before the first run. */
  readonly prepare?: (directory: string) => Promise<void>;
  /** Damages the run directory after each blow. */
  readonly damage?: (directory: string) => Promise<void>;
  /** Repairs the run directory before the run to the end. */
  readonly recover?: (directory: string) => Promise<void>;
  /** Clips are not inspected: the stills of an inspection could take the room that is set aside for answers. */
  readonly withoutFfmpeg?: boolean;
  /** Settles unknown submissions at the end with what the service knows, and runs once more. */
  readonly settle?: boolean;
}

/** The outcome of a campaign. */
export interface Report {
  readonly name: string;
  /** Exit code of each run that a blow was meant for; null if the run was killed. */
  readonly codes: readonly (number | null)[];
  readonly unknown: number;
  /** Broken promises. */
  readonly wrong: readonly string[];
}

const HURRIED = hurry(10);

/** Runs a campaign against a service and judges it by the service's own ledger. */
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
  const runToEnd = async () => {
    let ended = await run();
    // 75: an answer came too late; 69: the service was away.
    for (let more = 0; more < 3 && (ended.code === 75 || ended.code === 69); more += 1) ended = await run();
    return ended;
  };
  let last = await runToEnd();
  const own = async () => (await service.ledger()).filter(({ prompt }) => prompt.startsWith(`${name}:`));
  const verdict = async () => judge({ accepted: await own(), last, directory, unknownAtMost });
  const wrong = [...(await verdict())];
  if (wrong.length > 0) return { name, codes, unknown: 0, wrong };
  const unknownNow = async () =>
    (await project.manifest('renders/film')).submissions.filter(({ state }) => state === 'unknown');
  const unknown = await unknownNow();
  if (campaign.settle && unknown.length > 0) {
    // The service may be killed once more while a submission is sent again, which is then unknown again.
    for (let rest = unknown, more = 0; rest.length > 0 && more < 3; rest = await unknownNow(), more += 1) {
      for (const entry of rest) await settle(project, entry, await own());
      last = await runToEnd();
    }
    wrong.push(...(await verdict()));
    if (last.code !== 0) wrong.push(`settled, it ended with ${last.code}`);
  }
  return { name, codes, unknown: unknown.length, wrong };
}

/** A picture of 640 pixels in a few hundred bytes, because every POST contains it. */
const BOARD = `${import.meta.dirname}/../fixtures/boards/hero.png`;

/** Writes `film.yaml` with prompts that begin with the campaign's name. */
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
  const ffmpeg: Record<string, string> = campaign.withoutFfmpeg
    ? { SHOTLIST_FFMPEG: join(folder, 'no-ffmpeg') }
    : {};
  const env = { ...service.env, ...HURRIED, ...preloads(blow, folder), ...ffmpeg };
  const { child, ended } = project.start(['run', 'film.yaml', ...flags], env);
  if (blow?.kind === 'killed-after') {
    let events = 0;
    child.stdout?.on('data', (text: string) => {
      events += text.split('\n').length - 1;
      if (events >= blow.events) child.kill('SIGKILL');
    });
  }
  return ended;
}

/** The environment that brings a blow into a process of the built CLI. */
function preloads(blow: Blow | undefined, folder: string): Readonly<Record<string, string>> {
  switch (blow?.kind) {
    case 'killed-at':
      return killAt(folder, blow.moment);
    case 'disk-full': {
      const room = JSON.stringify({ folder, bytes: blow.bytes });
      return { ...preload('hurry', 'full-disk'), SHOTLIST_TEST_DISK: room };
    }
    default:
      return {};
  }
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

/** The names of all boundaries of a run that is left alone, in order. */
export async function boundaries(
  campaign: Omit<Campaign, 'blows'>,
  service: EmulatorProcess,
): Promise<readonly string[]> {
  const project = await Project.make();
  await writeList(project, campaign);
  const trace = project.path('trace.txt');
  const watched = JSON.stringify({ folder: project.path('renders', 'film'), trace });
  const flags = ['--yes', '--concurrency', String(campaign.concurrency)];
  const env = { ...service.env, ...HURRIED, ...preload('hurry', 'kill'), SHOTLIST_TEST_KILL: watched };
  const { code, stderr } = await project.run(['run', 'film.yaml', ...flags], env);
  if (code !== 0) throw new Error(`a run that was left alone ended with ${code}: ${stderr}`);
  return (await project.read('trace.txt')).split('\n');
}
