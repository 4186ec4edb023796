import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MANIFEST } from '../../src/run/directory/manifests.js';
import { CLIPS } from '../../src/run/records/record-file.js';
import { type Blow, boundaries, type Campaign, fight, type Report } from '../crash/campaign.js';
import { Dice } from '../crash/dice.js';
import { EmulatorProcess } from '../crash/emulator-process.js';
import type { Moment } from '../crash/moment.js';
import { Project } from './rig.js';

/** Random campaigns of each kind. */
const CAMPAIGNS = Number(process.env.SHOTLIST_CRASH_CAMPAIGNS ?? 1);
const SEED = process.env.SHOTLIST_CRASH_SEED ?? '1';

/** For the slowest machine that is meant, milliseconds. */
const timeout = 300_000 + CAMPAIGNS * 60_000;

describe('by the ledger of the service, nothing paid for is lost or paid for twice when', () => {
  it('a run is killed at a boundary of record, manifest, lock, clip or POST', { timeout }, async () => {
    const service = await startService();
    const moments = momentsOf(await boundaries({ name: 'trace', ...ONE_SHOT }, service));
    await killAtEach(moments, service);
  });

  it('a machine loses its power at a boundary, and what was not synced is gone', { timeout }, async () => {
    const service = await startService();
    const names = await boundaries({ name: 'trace', ...ONE_SHOT }, service);
    const moments = momentsOf(names).filter(({ at }) => LOSING.test(at?.name ?? ''));
    await killAtEach(
      moments.map((moment) => ({ ...moment, power: true })),
      service,
    );
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

  it('runs are killed and only the records are left, as for a new machine', { timeout }, async () => {
    const service = await startService();
    await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: dice.between(2, 4),
        concurrency: 2,
        blows: [kill(dice), kill(dice), kill(dice)],
        damage: leaveRecords,
      })),
      service,
    );
  });

  it('runs are killed and the manifest is deleted, emptied, cut off or in conflict', {
    timeout,
  }, async () => {
    const service = await startService();
    await fightAll(
      campaigns((dice, name) => ({
        name,
        shots: dice.between(2, 4),
        concurrency: 2,
        blows: [kill(dice), kill(dice)],
        damage: (directory) => spoilManifest(join(directory, MANIFEST), dice),
      })),
      service,
    );
  });

  it('runs are killed and git leaves conflicts of new and old records', { timeout }, async () => {
    const service = await startService();
    await fightAll(
      campaigns((dice, name) => {
        const conflict = conflicts(dice);
        const blows = [kill(dice), kill(dice), kill(dice)];
        return { name, shots: dice.between(2, 4), concurrency: 2, blows, damage: conflict };
      }),
      service,
    );
  });

  it('a run is killed and a record is cut off, and nothing is sent until it is back', {
    timeout,
  }, async () => {
    const service = await startService();
    const reports = await fightAll(
      campaigns((dice, name) => {
        // Late enough for a record.
        const blows: Blow[] = [{ kind: 'killed-after', events: dice.between(6, 12) }, { kind: 'none' }];
        return { name, shots: dice.between(2, 4), concurrency: 2, blows, damage: cutRecord(dice) };
      }),
      service,
    );
    for (const { name, codes } of reports) expect([name, codes[1]]).toEqual([name, 65]);
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

const ONE_SHOT = { shots: 1, concurrency: 1 };

/** Boundaries at which a loss of power may take more than a kill does; a single campaign takes the most telling ones alone. */
const LOSING =
  CAMPAIGNS === 1
    ? /^(?:record rename|folder sync|clip rename|POST (?:body|answer))/
    : /^(?:record|folder|clip|POST)/;

/** Kills a run of one shot at each moment, and expects the kills to be carried out. */
async function killAtEach(moments: readonly Moment[], service: EmulatorProcess): Promise<void> {
  const reports = await fightAll(
    moments.map((moment) => {
      const name = `${moment.how} ${moment.at?.name} ${moment.at?.count}${moment.power ? ', without power' : ''}`;
      return { name, ...ONE_SHOT, blows: [{ kind: 'killed-at', moment }] };
    }),
    service,
  );
  const missed = reports.filter(({ codes }) => codes[0] !== null).map(({ name }) => name);
  // The number of manifests depends on the speed of the disk, the number of pieces of a clip on the network.
  expect(missed.filter((name) => !/manifest|clip|folder/.test(name))).toEqual([]);
  expect(missed.length).toBeLessThan(moments.length / 4);
}

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
  const how = dice.oneOf<Moment['how']>(['before', 'after', 'half']);
  return { kind: 'killed-at', moment: { nth, how, power: dice.chance() < 0.5 } };
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
    if (/^record (write|sync)|^POST (body|answer)|link|rename/.test(name)) hows.push('after');
    return hows.slice(CAMPAIGNS === 1 ? -1 : 0).map((how) => ({ at: { name, count }, how }));
  });
}

const run = promisify(execFile);

/** Paths of the records in a run directory. */
async function recordsIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(join(directory, CLIPS)).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => join(directory, CLIPS, name));
}

/** Removes everything but the records. */
async function leaveRecords(directory: string): Promise<void> {
  const kept = new Set(await recordsIn(directory));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(path)) await rm(path);
  }
}

async function spoilManifest(path: string, dice: Dice): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return;
  const spoilt = dice.oneOf([null, '', text.slice(0, dice.between(0, text.length)), `<<<<<<< HEAD\n${text}`]);
  await (spoilt === null ? rm(path) : writeFile(path, spoilt));
}

/** Makes a function that brings each record in conflict with its text at the last call, as a merge of an old branch does. */
function conflicts(dice: Dice): (directory: string) => Promise<void> {
  const last = new Map<string, string>();
  return async (directory) => {
    for (const path of await recordsIn(directory)) {
      const text = await readFile(path, 'utf8');
      const old = last.get(path);
      last.set(path, text);
      if (old === undefined || old === text) continue;
      const sides = [text, old];
      if (dice.chance() < 0.5) sides.reverse();
      await writeFile(path, await merged(directory, sides));
    }
  };
}

/** The text that git leaves where two branches have added a file of the same name. */
async function merged(directory: string, [ours = '', theirs = '']: readonly string[]): Promise<string> {
  const names = ['ours', 'base', 'theirs'].map((name) => join(directory, name));
  const texts = [ours, '', theirs];
  for (const [index, name] of names.entries()) await writeFile(name, texts[index] ?? '');
  try {
    // git exits with the number of conflicts.
    return await run('git', ['merge-file', '-p', ...names]).then(
      ({ stdout }) => stdout,
      ({ stdout }) => stdout,
    );
  } finally {
    for (const name of names) await rm(name);
  }
}

/** Makes a function that cuts a record off at its first call, and puts it back at the second. */
function cutRecord(dice: Dice): (directory: string) => Promise<void> {
  let whole: { readonly path: string; readonly text: string } | null = null;
  return async (directory) => {
    if (whole) return writeFile(whole.path, whole.text);
    const [path] = await recordsIn(directory);
    if (path === undefined) return;
    whole = { path, text: await readFile(path, 'utf8') };
    // Without its last two characters, a brace and a newline, it is no JSON.
    await writeFile(path, whole.text.slice(0, dice.between(0, whole.text.length - 2)));
  };
}

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
