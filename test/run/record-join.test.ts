import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRecord } from '../../src/run/records/record-file.js';
import { joinRenders, type Render } from '../../src/run/records/render.js';
import {
  ATTEMPTS,
  attempts,
  done,
  lifeOf,
  rendered,
  SENT,
  type Steps,
  stagesOf,
  stateAt,
  stepped,
  UNSAFE,
} from './lives.js';
import { hash, submission } from './world.js';

const CHECK = { type: 'inspected', index: 0, pictures: true, flags: [] } as const;
const some = fc.constantFrom<Steps>(...ATTEMPTS.map(([, steps]) => steps));

/** What one branch did: ended the attempt that was open, sent others, and inspected its clip or had a wish. */
const branchWork = fc.record({
  finish: some,
  more: fc.array(some, { maxLength: 2 }),
  wish: fc.constantFrom('none', 'inspected', 'accepted-missing', 'rerender'),
});
type BranchWork = typeof branchWork extends fc.Arbitrary<infer T> ? T : never;

/** Records of three branches that began from one record, or from none. */
const branches = fc
  .record({
    common: attempts,
    at: fc.option(fc.nat(20)),
    work: fc.tuple(branchWork, branchWork, branchWork),
    twin: fc.boolean(),
  })
  .map(({ common, at, work, twin }) => {
    const stages = stagesOf('cliff', common);
    const from = at === null ? null : (stages[at % Math.max(1, stages.length)] ?? null);
    return work.flatMap((one, index) => branchOf(from, { ...one, index, twin }) ?? []);
  })
  .filter((all) => all.length === 3);

function branchOf(
  from: Render | null,
  { finish, more, wish, index, twin }: BranchWork & { readonly index: number; readonly twin: boolean },
): Render | null {
  const branch = ['one', 'two', 'three'][index] as string;
  // The same key may have another id on another branch.
  const sent = submission('cliff', twin ? { id: `cliff.${branch}` } : {});
  const options = { from, branch, finish, number: 10 + index * 10, submission: sent };
  const render = lifeOf('cliff', more, options) ?? from;
  if (!render || wish === 'none') return render;
  const [output] = stateAt(render).outputs;
  try {
    if (wish !== 'inspected') return stepped(render, { type: wish });
    return stepped(render, { ...CHECK, sha256: output?.sha256 ?? null, pictures: index === 1 });
  } catch {
    return render;
  }
}

const idsOf = ({ attempts }: Render) => attempts.flatMap(({ request_id }) => request_id ?? []);
const hashesOf = ({ attempts }: Render) =>
  attempts.flatMap(({ outputs }) => outputs.flatMap(({ sha256 }) => sha256 ?? []));
/** Reported cost by request id. */
const billsOf = ({ attempts }: Render) =>
  new Map(
    attempts.flatMap(({ request_id: id, cost }) =>
      id === null || cost === null ? [] : [[id, cost] as const],
    ),
  );
const filesOf = ({ attempts }: Render) =>
  attempts.flatMap(({ outputs }) => outputs.flatMap(({ file }) => file ?? []));

describe('two records of one render', () => {
  it('give the same file, whichever branch is merged into the other', () => {
    fc.assert(
      fc.property(branches, ([one, two]) => {
        expect(formatRecord(joinRenders(two as Render, one as Render))).toBe(
          formatRecord(joinRenders(one as Render, two as Render)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('give the same file in any order of three merges', () => {
    fc.assert(
      fc.property(branches, ([one, two, three]) => {
        const left = joinRenders(joinRenders(one as Render, two as Render), three as Render);
        const right = joinRenders(one as Render, joinRenders(two as Render, three as Render));
        expect(formatRecord(left)).toBe(formatRecord(right));
      }),
      { numRuns: 200 },
    );
  });

  it('change nothing if they are the same, or were joined before', () => {
    fc.assert(
      fc.property(branches, ([one, two]) => {
        const same = joinRenders(one as Render, one as Render);
        expect(formatRecord(same)).toBe(formatRecord(one as Render));
        const joined = joinRenders(one as Render, two as Render);
        expect(formatRecord(joinRenders(joined, two as Render))).toBe(formatRecord(joined));
        expect(formatRecord(joinRenders(one as Render, joined))).toBe(formatRecord(joined));
      }),
      { numRuns: 200 },
    );
  });

  it('lose no request id, no reported cost and no clip of either', () => {
    fc.assert(
      fc.property(branches, ([one, two]) => {
        const joined = joinRenders(one as Render, two as Render);
        for (const side of [one, two] as Render[]) {
          expect(idsOf(joined)).toEqual(expect.arrayContaining(idsOf(side)));
          expect(hashesOf(joined)).toEqual(expect.arrayContaining(hashesOf(side)));
          for (const [id, cost] of billsOf(side))
            expect(billsOf(joined).get(id)).toBeGreaterThanOrEqual(cost);
        }
        // No clip has the place of another.
        expect(new Set(filesOf(joined)).size).toBe(filesOf(joined).length);
      }),
      { numRuns: 200 },
    );
  });

  it('have a clip if one of them has', () => {
    fc.assert(
      fc.property(branches, ([one, two]) => {
        const isDone = [one, two].some((side) => stateAt(side as Render).state === 'done');
        const joined = stateAt(joinRenders(one as Render, two as Render));
        // A person wanted it again on the other branch, where it is on its way.
        fc.pre(!joined.replaces);
        if (isDone) expect(joined.state).toBe('done');
      }),
    );
  });
});

describe('what two branches sent', () => {
  const left = lifeOf('cliff', [done(0.5)], { branch: 'left' }) as Render;
  const right = lifeOf('cliff', [done(0.4)], { branch: 'right', number: 1 }) as Render;

  it('was paid for twice, and the clip that was sent first keeps its name', () => {
    const joined = joinRenders(right, left);
    expect(idsOf(joined)).toEqual(['left-0', 'right-1']);
    expect(filesOf(joined)).toEqual([
      `videos/cliff.${hash('cliff').slice(0, 8)}.mp4`,
      `videos/cliff.${hash('cliff').slice(0, 8)}.attempt2.mp4`,
    ]);
    expect(stateAt(joined)).toMatchObject({
      state: 'done',
      requestId: 'left-0',
      charge: { usd: 0.5, unknown: 0 },
      others: { usd: 0.4, unknown: 0 },
      clipsOfOtherAttempts: [{ requestId: 'right-1', sha256: stateAt(right).outputs[0]?.sha256 }],
    });
  });

  it('has the clip of the second if the first has none', () => {
    for (const steps of [[SENT], [SENT, UNSAFE], [], rendered(0.5)] as Steps[]) {
      const open = lifeOf('cliff', [steps], { branch: 'left' }) as Render;
      expect(stateAt(joinRenders(open, right))).toMatchObject({ state: 'done', requestId: 'right-1' });
    }
  });

  it('is one attempt if it began before the branches, with all that either knows of it', () => {
    const from = lifeOf('cliff', [[SENT]], { branch: 'left' });
    const [cancelling, ended] = [
      stepped(from, { type: 'cancelling' }),
      stepped(from, { type: 'completed', outputs: ['https://a.test/1.mp4'], cost: 0.7, finished: null }),
    ];
    const joined = joinRenders(cancelling as Render, ended as Render);
    expect(joined.attempts).toMatchObject([{ state: 'completed', request_id: 'left-0', cost: 0.7 }]);
  });

  it('keeps the request id that one branch found when the other gave it up', () => {
    const from = lifeOf('cliff', [[]]);
    const found = stepped(from, { type: 'accepted', request_id: 'found' });
    const joined = joinRenders(found as Render, stepped(from, { type: 'given-up' }) as Render);
    expect(joined.attempts).toMatchObject([{ request_id: 'found' }]);
  });

  it('is given up as a whole, and either request may be taken up again', () => {
    const [ours, theirs] = ['left', 'right'].map((branch) => lifeOf('cliff', [[SENT]], { branch }) as Render);
    const joined = joinRenders(ours as Render, theirs as Render);
    const over = stepped(joined, { type: 'given-up' });
    expect(over.attempts).toMatchObject([{ state: 'failed' }, { state: 'failed' }]);
    for (const { request_id } of joined.attempts) {
      const again = stepped(over, { type: 'accepted', request_id: request_id ?? '' });
      expect(stateAt(again)).toMatchObject({ state: 'submitted', requestId: request_id });
      expect(again.attempts.map((attempt) => attempt.request_id)).toEqual(
        joined.attempts.map((attempt) => attempt.request_id),
      );
    }
  });

  it('keeps the inspection that saw the pictures', () => {
    const from = lifeOf('cliff', [done(0.5)]) as Render;
    const { sha256 = null } = stateAt(from).outputs[0] ?? {};
    const blind = stepped(from, { ...CHECK, sha256, pictures: false }) as Render;
    const seen = stepped(from, { ...CHECK, sha256 }) as Render;
    for (const joined of [joinRenders(blind, seen), joinRenders(seen, blind), joinRenders(from, seen)]) {
      expect(joined.attempts[0]?.outputs[0]?.check).toEqual({ pictures: true, flags: [] });
    }
  });

  it('is rendered again only if both branches still want that', () => {
    const from = lifeOf('cliff', [done(0.5)]) as Render;
    const wanted = stepped(from, { type: 'rerender' }) as Render;
    const sent = lifeOf('cliff', [done(0.5)], { from: wanted, number: 3, branch: 'again' }) as Render;
    expect(stateAt(joinRenders(wanted, sent)).rerender).toBe(false);
    expect(stateAt(joinRenders(wanted, wanted)).rerender).toBe(true);
  });

  it('costs nothing here that another directory paid for, unless one of the branches paid', () => {
    const elsewhere = {
      ...left,
      attempts: left.attempts.map((one) => ({ ...one, paid_elsewhere: true as const })),
    };
    expect(stateAt(joinRenders(elsewhere, elsewhere)).charge).toEqual({ usd: 0, unknown: 0 });
    expect(stateAt(joinRenders(elsewhere, left)).charge).toEqual({ usd: 0.5, unknown: 0 });
  });

  it('is named by the branch that sent it first, whatever the other calls it', () => {
    const twin = lifeOf('cliff', [[SENT]], { number: 2, submission: submission('cliff', { id: 'twin' }) });
    expect(joinRenders(twin as Render, left).submission.id).toBe('cliff');
  });
});
