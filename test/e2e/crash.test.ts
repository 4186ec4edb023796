import { execFile } from 'node:child_process';
import { readFile, rm, truncate } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JOURNAL } from '../../src/run/journal/run-state.js';
import { type Blow, boundaries, type Campaign, fight, type Report } from '../crash/campaign.js';
import { Dice } from '../crash/dice.js';
import { EmulatorProcess } from '../crash/emulator-process.js';
import type { Moment } from '../crash/moment.js';
import { Project } from './rig.js';

/** Random campaigns of each kind; `npm test` runs one, `npm run campaigns` many more. */
const CAMPAIGNS = Number(process.env.SHOTLIST_CRASH_CAMPAIGNS ?? 1);
const SEED = process.env.SHOTLIST_CRASH_SEED ?? '1';

/** For the slowest machine that is meant, milliseconds. */
const timeout = 300_000 + CAMPAIGNS * 60_000;

describe('by the ledger of the service, nothing paid for is lost or paid for twice when', () => {
  it('a run is killed at a boundary of journal, manifest, lock, clip or POST', { timeout }, async () => {
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
    // The number of manifests depends on the speed of the disk, the number of pieces of a clip on the network.
    expect(missed.filter((name) => !/manifest|clip|folder/.test(name))).toEqual([]);
    expect(missed.length).toBeLessThan(moments.length / 4);
  });

  it('runs are killed at random boundaries and events, again and again', { timeout }, async () => {
    const service = await startService();
    const reports = await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: dice.between(1, 5),
        concurrency: dice.between(1, 4),
        blows: Array.from({ length: 8 }, () => kill(dice)),
        settle: true,
      })),
      service,
    );
    expect(kills(reports)).toBeGreaterThanOrEqual(3 * CAMPAIGNS);
  });

  it('runs are killed and the journal is cut off at a random byte', { timeout }, async () => {
    const service = await startService();
    await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: dice.between(2, 4),
        concurrency: 2,
        blows: [kill(dice), kill(dice), kill(dice)],
        damage: (directory) => cutOff(join(directory, JOURNAL), dice),
      })),
      service,
    );
  });

  it('runs are killed and only the manifest is left', { timeout }, async () => {
    const service = await startService();
    await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: dice.between(2, 4),
        concurrency: 2,
        blows: [kill(dice), kill(dice)],
        damage: (directory) => rm(join(directory, JOURNAL), { force: true }),
      })),
      service,
    );
  });

  it('the service is killed and started again, with and without the run', { timeout }, async () => {
    const reports = await Promise.all(
      campaigns((dice, name) => ({
        name,
        shots: 4,
        concurrency: 2,
        blows: dice.chance() < 0.5 ? [] : [kill(dice)],
        unknownAtMost: 4,
        settle: true,
      })).map((campaign) => limit(() => fightWithKills(campaign))),
    );
    expect(broken(reports)).toEqual([]);
  });

  it('the run directory is full', { timeout }, async () => {
    const service = await startService();
    const reports = await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: 3,
        concurrency: 2,
        blows: [noRoom(dice), noRoom(dice)],
        // Room for the answers was set aside.
        unknownAtMost: 0,
        withoutFfmpeg: true,
      })),
      service,
    );
    const full = reports.flatMap(({ codes }) => codes).filter((code) => code === 73);
    expect(full.length).toBeGreaterThanOrEqual(CAMPAIGNS / 2);
  });

  it('the run directory is on a small file system of its own, which is full', { timeout }, async ({
    skip,
  }) => {
    if (!(await canMount())) skip('only root on Linux can mount a tmpfs');
    const service = await startService();
    const reports = await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: 3,
        concurrency: 2,
        blows: [{ kind: 'none' }, { kind: 'none' }],
        unknownAtMost: 0,
        withoutFfmpeg: true,
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

/** Campaigns at a time: one more than there are cores, because processes mostly wait for each other. */
const limit = pLimit(availableParallelism() + 1);

/** Runs campaigns, a few at a time, and expects every promise to be kept in each. */
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

function campaigns(make: (dice: Dice, name: string) => Campaign): readonly Campaign[] {
  return Array.from({ length: CAMPAIGNS }, (_, index) => {
    const name = `campaign ${index + 1} of seed ${SEED}`;
    return make(new Dice(name), name);
  });
}

/** Boundaries in a service's dealings with its ledger and clips. */
const SERVICE_BOUNDARIES = ['folder write', 'folder sync', 'clip sync', 'clip rename'] as const;

/** Runs a campaign against a service of its own, which is killed twice and started again each time. */
async function fightWithKills(campaign: Campaign): Promise<Report> {
  const dice = new Dice(`${SEED}:${campaign.name}:service`);
  const moment = (): Moment => ({
    at: { name: dice.oneOf(SERVICE_BOUNDARIES), count: dice.between(2, 4) },
    how: dice.oneOf(['before', 'after', 'half']),
  });
  const service = new EmulatorProcess(await Project.make());
  await service.start(moment());
  let isOver = false;
  const restart = async () => {
    for (const next of [moment(), undefined]) {
      await service.ended();
      if (isOver) return;
      await service.start(next);
    }
  };
  const fought = fight(campaign, service).finally(() => {
    isOver = true;
    return service.kill();
  });
  const [report] = await Promise.all([fought, restart()]);
  return report;
}

/** A film of a few shots has about as many boundaries. */
const MOST_BOUNDARIES = 50;

/** A kill at a random boundary, or after a random event of the run. */
function kill(dice: Dice): Blow {
  if (dice.chance() < 0.3) return { kind: 'killed-after', events: dice.between(1, 12) };
  const nth = dice.between(1, MOST_BOUNDARIES);
  return { kind: 'killed-at', moment: { nth, how: dice.oneOf(['before', 'after', 'half']) } };
}

/** Room from too little for the lock to enough for most of the clips, bytes. */
function noRoom(dice: Dice): Blow {
  const most = dice.oneOf([20_000, 60_000, 150_000]);
  return { kind: 'disk-full', bytes: dice.between(0, most) };
}

/**
 * Kills before each boundary, and after or halfway where that leaves something else behind. A single campaign takes one
 * kill at the first boundary of each name alone.
 */
function momentsOf(names: readonly string[]): readonly Moment[] {
  const counts = new Map<string, number>();
  return names.flatMap((name): Moment[] => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    // The pieces in which a clip arrives are all alike.
    if (count > 1 && (CAMPAIGNS === 1 || name === 'clip write')) return [];
    const hows: Moment['how'][] = ['before'];
    if (/ write$/.test(name)) hows.push('half');
    if (/^journal (write|sync)|^POST (body|answer)|link|rename/.test(name)) hows.push('after');
    return hows.slice(CAMPAIGNS === 1 ? -1 : 0).map((how) => ({ at: { name, count }, how }));
  });
}

async function cutOff(path: string, dice: Dice): Promise<void> {
  const { length } = await readFile(path).catch(() => Buffer.alloc(0));
  if (length > 0) await truncate(path, dice.between(0, length));
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
  // The size stays as it is if the files need more.
  await run('mount', ['-o', `remount,size=${bytes}`, directory]).catch(() => {});
}
