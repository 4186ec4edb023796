import { execFile } from 'node:child_process';
import { readFile, rm, truncate } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JOURNAL } from '../../src/run/journal/run-state.js';
import { type Blow, boundaries, type Campaign, fight, type Moment, type Report } from '../crash/campaign.js';
import { Dice } from '../crash/dice.js';
import { EmulatorProcess } from '../crash/emulator-process.js';
import { Project } from './rig.js';

/** `npm run crash` fights more campaigns, and others. */
const SEED = process.env.SHOTLIST_CRASH_SEED ?? '1';
const CAMPAIGNS = Number(process.env.SHOTLIST_CRASH_CAMPAIGNS ?? 3);
/** The other tests grow with the random one. */
const SCALE = CAMPAIGNS / 10;

/** For the slowest machine that is meant, milliseconds. */
const timeout = 600_000 * Math.max(1, SCALE);

describe('killed anywhere, nothing paid for is lost or paid for twice: the ledger of the service says so', () => {
  it('at every boundary of journal, manifest, lock, clips and POSTs', { timeout }, async () => {
    const service = await startService();
    const film = { shots: 1, concurrency: 1 };
    const moments = momentsOf(await boundaries({ name: 'trace', ...film }, service));
    const reports = await fightAll(
      moments.map((moment) => {
        const name = `${moment.how} ${moment.at?.name} ${moment.at?.count}`;
        return { name, ...film, blows: [{ kind: 'killed-at', moment }] };
      }),
      service,
    );
    const missed = reports.filter(({ codes }) => codes[0] !== null).map(({ name }) => name);
    // How many manifests are written depends on how fast the disk is, and how many pieces a clip comes in on the network.
    expect(missed.filter((name) => !/manifest|clip|folder/.test(name))).toEqual([]);
    expect(missed.length).toBeLessThan(moments.length / 4);
  });

  it('at random moments, again and again', { timeout }, async () => {
    const service = await startService();
    const reports = await fightAll(
      several(10, (dice, name) => ({
        name,
        shots: dice.between(1, 5),
        concurrency: dice.between(1, 4),
        blows: Array.from({ length: 8 }, () => kill(dice)),
        settle: true,
      })),
      service,
    );
    expect(kills(reports)).toBeGreaterThan(30 * SCALE);
  });

  it('with the journal torn, or cut off at any byte', { timeout }, async () => {
    const service = await startService();
    await fightAll(
      several(8, (dice, name) => ({
        name,
        shots: dice.between(2, 4),
        concurrency: 2,
        blows: [kill(dice), kill(dice), kill(dice)],
        damage: (directory) => cutOff(join(directory, JOURNAL), dice),
      })),
      service,
    );
  });

  it('with the journal gone and only the manifest left', { timeout }, async () => {
    const service = await startService();
    await fightAll(
      several(6, (dice, name) => ({
        name,
        shots: dice.between(2, 4),
        concurrency: 2,
        blows: [kill(dice), kill(dice)],
        damage: (directory) => rm(join(directory, JOURNAL), { force: true }),
      })),
      service,
    );
  });

  it('with the service killed and started again, with and without the run', { timeout }, async () => {
    const campaigns = several(4, (dice, name) => ({
      name,
      shots: 4,
      concurrency: 2,
      blows: dice.chance() < 0.5 ? [] : [kill(dice)],
      unknownAtMost: 4,
      settle: true,
    }));
    const reports = await Promise.all(
      campaigns.map((campaign) =>
        limit(async () => {
          const service = await startService();
          const dice = new Dice(`${SEED}:${campaign.name}:service`);
          const [report] = await Promise.all([fight(campaign, service), killAndRestart(service, dice)]);
          return report;
        }),
      ),
    );
    expect(broken(reports)).toEqual([]);
  });
});

describe('on a full disk, nothing paid for is lost or paid for twice: the ledger of the service says so', () => {
  it('wherever the room runs out', { timeout }, async () => {
    const service = await startService();
    const reports = await fightAll(
      several(8, (dice, name) => ({
        name,
        shots: 3,
        concurrency: 2,
        blows: [noRoom(dice), noRoom(dice)],
        // Room for the answers was set aside.
        unknownAtMost: 0,
      })),
      service,
    );
    expect(reports.flatMap(({ codes }) => codes).filter((code) => code === 73).length).toBeGreaterThan(
      6 * SCALE,
    );
  });

  it('on a small file system of its own', { timeout }, async ({ skip }) => {
    if (!(await canMount())) skip('only root on Linux can mount a tmpfs');
    const service = await startService();
    const reports = await fightAll(
      several(4, (dice, name) => ({
        name,
        shots: 3,
        concurrency: 2,
        blows: [{ kind: 'none' }, { kind: 'none' }],
        unknownAtMost: 0,
        prepare: (directory) => mountSmall(directory, dice.between(1, 20) * 4096),
        damage: (directory) => resize(directory, dice.between(4, 40) * 4096),
        recover: (directory) => resize(directory, 64 * 1024 * 1024),
      })),
      service,
    );
    expect(reports.flatMap(({ codes }) => codes)).toContain(73);
  });
});

async function startService(): Promise<EmulatorProcess> {
  const service = new EmulatorProcess(await Project.make());
  await service.start();
  return service;
}

/** Processes mostly wait for each other and for the disk: one more than there are cores. */
const limit = pLimit(availableParallelism() + 1);

/** Fights campaigns, a few at a time; all promises must be kept in all of them. */
async function fightAll(
  campaigns: readonly Campaign[],
  service: EmulatorProcess,
): Promise<readonly Report[]> {
  const reports = await Promise.all(campaigns.map((campaign) => limit(() => fight(campaign, service))));
  expect(broken(reports)).toEqual([]);
  return reports;
}

function broken(reports: readonly Report[]): readonly string[] {
  return reports.flatMap(({ name, wrong }) => wrong.map((what) => `${name}: ${what}`));
}

function kills(reports: readonly Report[]): number {
  return reports.flatMap(({ codes }) => codes).filter((code) => code === null).length;
}

function several(count: number, make: (dice: Dice, name: string) => Campaign): readonly Campaign[] {
  return Array.from({ length: Math.ceil(count * SCALE) }, (_, index) => {
    const name = `campaign ${index + 1} of seed ${SEED}`;
    return make(new Dice(name), name);
  });
}

/** Boundaries of a run, however many a film of a few shots has. */
const MOST_BOUNDARIES = 50;

/** A kill at a random moment: by what the process has done, or by the clock. */
function kill(dice: Dice): Blow {
  if (dice.chance() < 0.3) return { kind: 'killed-after', milliseconds: dice.between(100, 1500) };
  const nth = dice.between(1, MOST_BOUNDARIES);
  return { kind: 'killed-at', moment: { nth, how: dice.oneOf(['before', 'after', 'half']) } };
}

/** From too little for the lock to enough for most of the clips, bytes. */
function noRoom(dice: Dice): Blow {
  const most = dice.oneOf([20_000, 60_000, 150_000]);
  return { kind: 'disk-full', bytes: dice.between(0, most) };
}

/** Every boundary once before, and after or half done where that leaves something else behind. */
function momentsOf(names: readonly string[]): readonly Moment[] {
  const counts = new Map<string, number>();
  return names.flatMap((name): Moment[] => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    // The pieces in which a clip arrives are all alike.
    if (name === 'clip write' && count > 1) return [];
    const at = { name, count };
    const also = / write$/.test(name) ? (['half'] as const) : [];
    const after = /^journal (write|sync)|^POST (body|answer)|link|rename/.test(name)
      ? (['after'] as const)
      : [];
    return (['before', ...also, ...after] as const).map((how) => ({ at, how }));
  });
}

async function cutOff(path: string, dice: Dice): Promise<void> {
  const { length } = await readFile(path).catch(() => Buffer.alloc(0));
  if (length > 0) await truncate(path, dice.between(0, length));
}

async function killAndRestart(service: EmulatorProcess, dice: Dice): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    await sleep(dice.between(200, 1500));
    await service.kill();
    await sleep(dice.between(0, 200));
    await service.start();
  }
}

const run = promisify(execFile);

async function canMount(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const project = await Project.make();
  return mountSmall(project.path(), 4096).then(
    () => true,
    () => false,
  );
}

async function mountSmall(directory: string, bytes: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory]);
  onTestFinished(async () => void (await run('umount', ['--lazy', directory])));
}

async function resize(directory: string, bytes: number): Promise<void> {
  // Less than what is there cannot be had; then it stays as it is.
  await run('mount', ['-o', `remount,size=${bytes}`, directory]).catch(() => {});
}
