import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Submission } from '../../src/plan/plan.js';
import { formatRecord, readRecords } from '../../src/run/records/record-file.js';
import { Records, type RecordsOptions, type ReplaceFile } from '../../src/run/records/records.js';
import { currentIndex, type Render } from '../../src/run/records/render.js';
import { submittingStep } from '../../src/run/requests/submit-shot.js';
import {
  AT,
  attempts,
  done,
  lifeOf,
  SENT,
  type Steps,
  stagesOf,
  stateAt,
  stepped,
  UNSAFE,
  WHY,
} from './lives.js';
import { FACTS, hash, recordOf, submission, unsynced } from './world.js';

const FULL = Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
const RENDERED = {
  type: 'completed',
  outputs: ['https://x.test/1.mp4'],
  cost: null,
  finished: null,
} as const;
const submitting = (id: string, over: Partial<Submission> = {}) => submittingStep(submission(id, over), AT);

/** A run directory whose disk a test controls, and the records in it. */
class Disk {
  readonly directory = mkdtempSync(join(tmpdir(), 'shotlist-records-'));
  /** Names of the replaced files, in order. */
  readonly replaced: string[] = [];
  open = 0;
  most = 0;
  /** Error for a file that cannot be replaced. */
  fails: (file: string) => Error | null = () => null;

  readonly replaceFile: ReplaceFile = async (path, text) => {
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    await new Promise((resolve) => setImmediate(resolve));
    this.open -= 1;
    const file = path.slice(this.directory.length + 1);
    const error = this.fails(file);
    if (error) throw error;
    this.replaced.push(file);
    await unsynced(path, text);
  };

  /** The records as a run would continue them. */
  records(over: Partial<RecordsOptions> = {}): Records {
    const read = readRecords(this.directory);
    if (read.kind !== 'read') throw new Error(read.message);
    const { directory, replaceFile } = this;
    return new Records({ directory, service: 'local', renders: read.renders, replaceFile, ...over });
  }

  write(file: string, render: Render): void {
    mkdirSync(join(this.directory, 'videos'), { recursive: true });
    writeFileSync(join(this.directory, file), formatRecord(render));
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), 'utf8');
  }

  get files(): readonly string[] {
    return readdirSync(join(this.directory, 'videos')).sort();
  }
}

describe('a step', () => {
  it('is on disk, whole, before it counts', async () => {
    const disk = new Disk();
    const records = disk.records();
    const key = hash('cliff');
    for (const step of [submitting('cliff'), { type: 'submitted', request_id: 'r-1' }, RENDERED] as const) {
      await records.append(key, step);
      expect(disk.records().get(key)).toEqual(records.get(key));
    }
    expect(records.get(key)?.state).toBe('completed');
    expect(disk.replaced).toEqual(Array(3).fill(recordOf('cliff')));
  });

  it('is written together with what the same shot waits for, and resolves in the order of the calls', async () => {
    const disk = new Disk();
    const records = disk.records();
    const order: string[] = [];
    const key = hash('cliff');
    const steps = [submitting('cliff'), { type: 'submitted', request_id: 'r-1' }, RENDERED] as const;
    await Promise.all(steps.map((step) => records.append(key, step).then(() => order.push(step.type))));
    expect(order).toEqual(['submitting', 'submitted', 'completed']);
    expect(disk.replaced).toEqual([recordOf('cliff')]);
  });

  it('is written with others, but with few files open at a time', async () => {
    const disk = new Disk();
    const records = disk.records();
    const ids = Array.from({ length: 500 }, (_, index) => `shot${index}`);
    await Promise.all(ids.map((id) => records.append(hash(id), submitting(id))));
    expect(disk.most).toBeLessThanOrEqual(32);
    expect(disk.files).toHaveLength(500);
    expect([...records.keyStates.keys()].sort()).toEqual(ids.map(hash).sort());
  });

  it('that would send again what the service may have accepted is a bug', async () => {
    const records = new Disk().records();
    await records.append(hash('cliff'), submitting('cliff'));
    expect(() => records.append(hash('cliff'), submitting('cliff'))).toThrow('cannot follow');
  });

  it('leaves no file and no name behind if the POST never left', async () => {
    const disk = new Disk();
    const records = disk.records();
    const key = hash('cliff');
    for (let round = 0; round < 3; round += 1) {
      await records.append(key, submitting('cliff'));
      expect(disk.files).toEqual([recordOf('cliff').slice('videos/'.length)]);
      await records.append(key, { type: 'refused', ...WHY, status: null });
      expect(disk.files).toEqual([]);
      expect(records.get(key)).toBeUndefined();
    }
  });

  it('keeps the attempts before a POST that never left', async () => {
    const disk = new Disk();
    const failed = lifeOf('cliff', [[SENT, UNSAFE]]) as Render;
    disk.write(recordOf('cliff'), failed);
    const records = disk.records();
    await records.append(failed.key, submitting('cliff'));
    await records.append(failed.key, { type: 'refused', ...WHY, status: null });
    expect(disk.read(recordOf('cliff'))).toBe(formatRecord(failed));
  });

  it('gives two keys that begin alike records, and clips, of their own', async () => {
    const disk = new Disk();
    const records = disk.records();
    const keys = [hash('cliff'), hash('cliff').slice(0, 12) + hash('beach').slice(12)];
    for (const key of keys) await records.append(key, submitting('cliff', { key }));
    const names = [8, 16].map((digits, index) => `cliff.${keys[index]?.slice(0, digits)}.json`);
    expect(disk.files).toEqual(names.toSorted());
    const again = disk.records();
    expect(keys.map((key) => `${again.get(key)?.pathStart}.json`)).toEqual(
      names.map((name) => `videos/${name}`),
    );
  });

  it('knows the key of each request id, also before it is on disk', async () => {
    const records = new Disk().records();
    const key = hash('cliff');
    void records.append(key, submitting('cliff'));
    const written = records.append(key, { type: 'submitted', request_id: 'r-1' });
    expect(records.ownerOf('r-1')).toBe(key);
    await written;
    expect(records.ownerOf('r-2')).toBeUndefined();
  });
});

describe('a disk that fails', () => {
  it('fails one file of a batch, and the others count', async () => {
    const disk = new Disk();
    const records = disk.records();
    disk.fails = (file) => (file === recordOf('beach') ? FULL : null);
    const ids = ['cliff', 'beach', 'pier'];
    const all = await Promise.allSettled(ids.map((id) => records.append(hash(id), submitting(id))));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([...records.keyStates.keys()]).toEqual([hash('cliff'), hash('pier')]);
    expect([...disk.records().keyStates.keys()].sort()).toEqual([hash('cliff'), hash('pier')].sort());
  });

  it('lets nothing more leave after its first failure, even if it works again', async () => {
    const disk = new Disk();
    const records = disk.records();
    disk.fails = () => FULL;
    await expect(records.append(hash('cliff'), submitting('cliff'))).rejects.toThrow('full');
    disk.fails = () => null;
    await expect(records.append(hash('beach'), submitting('beach'))).rejects.toThrow('full');
    expect(records.keyStates.size).toBe(0);
    expect(disk.files).toEqual([]);
  });

  it('still takes the answers to what was sent, in the room that is kept for them', async () => {
    const disk = new Disk();
    const records = disk.records({ answers: 2 });
    const reserve = join(disk.directory, 'records.reserve');
    const key = hash('cliff');
    await records.append(key, submitting('cliff'));
    expect(existsSync(reserve)).toBe(true);
    disk.fails = () => (existsSync(reserve) ? FULL : null);
    const all = await Promise.allSettled([
      records.append(hash('beach'), submitting('beach')),
      records.append(key, { type: 'submitted', request_id: 'r-1' }),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(disk.records().get(key)).toMatchObject({ state: 'submitted', requestId: 'r-1' });
    await records.append(key, { type: 'lost', ...WHY });
    expect(disk.records().get(key)).toMatchObject({ state: 'unknown', requestId: 'r-1' });
  });

  it('sends nothing if there is no room for the answers', async () => {
    const disk = new Disk();
    mkdirSync(join(disk.directory, 'records.reserve'));
    const records = disk.records({ answers: 2 });
    await expect(records.append(hash('cliff'), submitting('cliff'))).rejects.toThrow('EISDIR');
    expect(disk.replaced).toEqual([]);
  });

  it('gives the room back when all is well', async () => {
    const disk = new Disk();
    const records = disk.records({ answers: 2 });
    await records.append(hash('cliff'), submitting('cliff'));
    await records.close();
    expect(existsSync(join(disk.directory, 'records.reserve'))).toBe(false);
  });
});

describe('a lock that is lost in the middle', () => {
  it('stops all but the answers to what was sent, which go into the record of the other run', async () => {
    const disk = new Disk();
    let isHeld = true;
    const permit = async () => {
      if (!isHeld) throw new Error('taken over');
    };
    const records = disk.records({ permit });
    const key = hash('cliff');
    await records.append(key, submitting('cliff'));
    isHeld = false;
    // The other run has settled it meanwhile, and found nothing.
    const other = disk.records();
    await other.append(key, { type: 'released' });
    await expect(records.append(hash('beach'), submitting('beach'))).rejects.toThrow('taken over');
    await expect(records.append(key, { type: 'submitted', request_id: 'r-1' })).rejects.toThrow(
      'cannot follow',
    );
    expect(disk.records().get(key)?.state).toBe('planned');
    expect(disk.files).toHaveLength(1);
  });

  it('records an answer that the other run does not have yet', async () => {
    const disk = new Disk();
    let isHeld = true;
    const permit = async () => {
      if (!isHeld) throw new Error('taken over');
    };
    const records = disk.records({ permit });
    await records.append(hash('cliff'), submitting('cliff'));
    isHeld = false;
    await records.append(hash('cliff'), { type: 'submitted', request_id: 'r-1' });
    expect(disk.records().get(hash('cliff'))).toMatchObject({ state: 'submitted', requestId: 'r-1' });
  });

  it('never brings a directory back that was removed', async () => {
    const disk = new Disk();
    const records = disk.records();
    await records.append(hash('cliff'), submitting('cliff'));
    rmSync(disk.directory, { recursive: true });
    await expect(records.append(hash('cliff'), { type: 'submitted', request_id: 'r-1' })).rejects.toThrow(
      'ENOENT',
    );
    expect(existsSync(disk.directory)).toBe(false);
  });
});

describe('records that were joined', () => {
  const left = lifeOf('cliff', [done(0.5)], { branch: 'left' }) as Render;
  const right = lifeOf('cliff', [done(0.4)], { branch: 'right', number: 1 }) as Render;
  const other = recordOf('cliff').replace('cliff', 'twin');

  it('are written whole into one file, and the other is removed when that is on disk', async () => {
    const disk = new Disk();
    disk.write(recordOf('cliff'), left);
    disk.write(other, right);
    const records = disk.records();
    await records.begin();
    expect(disk.replaced).toEqual([recordOf('cliff')]);
    expect(disk.files).toHaveLength(1);
    expect(disk.records().get(left.key)).toEqual(records.get(left.key));
    expect(records.get(left.key)).toMatchObject({ attempts: 2, charge: { usd: 0.5 }, others: { usd: 0.4 } });
    // Nothing is left to do.
    await disk.records().begin();
    expect(disk.replaced).toHaveLength(1);
  });

  it('lose nothing if the disk fails before they are written', async () => {
    const disk = new Disk();
    disk.write(recordOf('cliff'), left);
    disk.write(other, right);
    disk.fails = () => FULL;
    await expect(disk.records().begin()).rejects.toThrow('full');
    expect(disk.files).toHaveLength(2);
    expect(disk.records().get(left.key)?.attempts).toBe(2);
  });

  it('are written a few at a time', async () => {
    const disk = new Disk();
    for (let index = 0; index < 300; index += 1) {
      const id = `shot${index}`;
      const one = lifeOf(id, [[SENT]], { branch: `one-${id}` }) as Render;
      const two = lifeOf(id, [[SENT]], { branch: `two-${id}`, number: 1 }) as Render;
      disk.write(recordOf(id), one);
      disk.write(recordOf(id).replace('.json', '.copy.json'), two);
    }
    await disk.records().begin();
    expect(disk.most).toBeLessThanOrEqual(32);
    expect(disk.files).toHaveLength(300);
  });

  it('are left alone by a run that has nothing to write', async () => {
    const disk = new Disk();
    disk.write(recordOf('cliff'), left);
    disk.write(recordOf('cliff').replace('.json', ' copy.json'), left);
    const records = disk.records();
    await records.begin();
    await records.close();
    expect(disk.replaced).toEqual([]);
    expect(disk.files).toHaveLength(2);
  });
});

describe('the life of a submission', () => {
  const OPEN = new Set(['unknown', 'submitted']);
  const filesOf = ({ attempts: all }: Render) =>
    all.flatMap(({ outputs }) => outputs.flatMap(({ file }) => file ?? []));
  const hashesOf = ({ attempts: all }: Render) =>
    all.flatMap(({ outputs }) => outputs.flatMap(({ sha256 }) => sha256 ?? []));
  const stages = attempts.map((lives) => stagesOf('cliff', lives));

  it('never lets a submission be sent again while the service may have it, or while its clip is here', () => {
    fc.assert(
      fc.property(stages, (all) => {
        for (const stage of all) {
          const state = stage ? stateAt(stage).state : 'planned';
          const send = () => stepped(stage, submitting('cliff'));
          const mayBeSent = ['planned', 'refused', 'cancelled', 'failed'].includes(state);
          if (mayBeSent) expect(send().attempts.length).toBeGreaterThan(stage?.attempts.length ?? 0);
          else expect(send).toThrow(`cannot follow where the submission is ${state}`);
          const again = () => stepped(stage, { ...submitting('cliff'), again: true });
          if (OPEN.has(state)) expect(again).toThrow('cannot follow');
        }
      }),
    );
  });

  /** Each step of a life: the render before and after it. */
  const changes = stages.map((all) =>
    all.flatMap((after, index) => {
      const before = all[index - 1];
      return before && after ? [{ before, after }] : [];
    }),
  );

  it('never forgets a request id, a clip or a reported cost', () => {
    const idsOf = ({ attempts: all }: Render) => all.filter(({ request_id }) => request_id !== null).length;
    const billOf = ({ attempts: all }: Render) => all.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
    fc.assert(
      fc.property(changes, (all) => {
        for (const { before, after } of all) {
          expect(idsOf(after)).toBeGreaterThanOrEqual(idsOf(before));
          expect(billOf(after)).toBeGreaterThanOrEqual(billOf(before));
          expect(hashesOf(after)).toEqual(expect.arrayContaining(hashesOf(before)));
        }
      }),
    );
  });

  it('keeps a clip once there is one, until a newer one is here', () => {
    fc.assert(
      fc.property(changes, (all) => {
        for (const { before, after } of all) {
          if (stateAt(before).state !== 'done') continue;
          const { state, outputs, clipsOfOtherAttempts } = stateAt(after);
          const [clip] = stateAt(before).outputs;
          const known = [...outputs, ...clipsOfOtherAttempts].map(({ file, sha256 }) => `${file} ${sha256}`);
          expect(known).toContain(`${clip?.file} ${clip?.sha256}`);
          expect(['done', 'unknown']).toContain(state);
        }
      }),
    );
  });

  it('gives the clip of each attempt a name of its own', () => {
    fc.assert(
      fc.property(stages, (all) => {
        const last = all.findLast((stage) => stage !== null);
        if (last) expect(new Set(filesOf(last)).size).toBe(filesOf(last).length);
      }),
    );
  });

  it('is described by its last attempt, unless that rendered nothing', () => {
    const failed: Steps = [SENT, UNSAFE];
    const refused: Steps = [{ type: 'refused', ...WHY }];
    const cancelled: Steps = [SENT, { type: 'cancelling' }, { type: 'cancelled' }];
    const released: Steps = [{ type: 'released' }];
    const cases: readonly (readonly [readonly Steps[], number])[] = [
      [[done(1)], 0],
      [[failed, done(1)], 1],
      [[failed, failed], 1],
      [[failed, refused], 0],
      [[failed, cancelled], 0],
      [[failed, refused, failed], 2],
      [[failed, released], 1],
      [[refused, cancelled], 1],
      [[done(1), failed], 0],
      [[done(1), refused], 0],
      [[done(1), released], 0],
      [[done(1), cancelled, done(1)], 2],
      [[done(1), done(1), failed], 1],
      [[done(1), []], 1],
      [[done(1), [SENT]], 1],
    ];
    for (const [lives, at] of cases) {
      const render = lifeOf('cliff', lives) as Render;
      expect(render.attempts).toHaveLength(lives.length);
      expect(currentIndex(render.attempts), JSON.stringify(lives)).toBe(at);
    }
  });

  it('keeps a person’s wish to render again until something was rendered or failed', () => {
    const wanted = stepped(lifeOf('cliff', [done(0.5)]), { type: 'rerender' });
    const next = (steps: Steps) => stateAt(lifeOf('cliff', [steps], { from: wanted, number: 1 }) as Render);
    const { sha256 = null } = stateAt(wanted).outputs[0] ?? {};
    const inspected = stepped(wanted, { type: 'inspected', index: 0, sha256, pictures: true, flags: [] });
    expect(stateAt(inspected)).toMatchObject({ state: 'done', rerender: true });
    const kept: readonly Steps[] = [
      [{ type: 'refused', ...WHY }],
      [{ type: 'refused', ...WHY, status: null }],
      [SENT, { type: 'cancelling' }, { type: 'cancelled' }],
      [{ type: 'released' }],
    ];
    for (const steps of kept) expect(next(steps)).toMatchObject({ state: 'done', rerender: true });
    const over: readonly Steps[] = [
      done(0.4),
      [SENT, UNSAFE],
      [{ type: 'given-up' }],
      [{ type: 'downloaded' }],
    ];
    for (const steps of over) expect(next(steps)).toMatchObject({ state: 'done', rerender: false });
  });

  it('forgets that a clip is not needed here when it is fetched or rendered again', () => {
    const accepted = stepped(lifeOf('cliff', [done(0.5)]), { type: 'accepted-missing' });
    const [{ file = '' } = {}] = stateAt(accepted).outputs;
    const clip = { index: 0, file: file ?? '', bytes: 3, sha256: hash('a'), media: FACTS };
    expect(stateAt(accepted).acceptedMissing).toBe(true);
    expect(stateAt(stepped(accepted, { type: 'downloaded', ...clip })).acceptedMissing).toBe(false);
    expect(stateAt(stepped(accepted, { ...submitting('cliff'), again: true })).acceptedMissing).toBe(false);
  });

  it('takes a clip that was saved by hand in any state after the POST', () => {
    fc.assert(
      fc.property(stages, (all) => {
        for (const stage of all) {
          if (!stage || stateAt(stage).state === 'planned') continue;
          const clip = { index: 0, file: 'videos/a.mp4', bytes: 3, sha256: hash('a'), media: FACTS };
          const known = stateAt(stepped(stage, { type: 'downloaded', ...clip }));
          expect(known).toMatchObject({
            state: 'done',
            error: null,
            acceptedMissing: false,
            rerender: false,
          });
          expect(known.outputs[0]).toMatchObject({ file: 'videos/a.mp4', sha256: hash('a') });
        }
      }),
    );
  });
});
