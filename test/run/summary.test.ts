import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import validate from '../../src/generated/validate-manifest.js';
import { foldInto, type KeyState } from '../../src/run/journal/fold.js';
import { missingRecords } from '../../src/run/journal/import-manifest.js';
import type { AttemptRecord } from '../../src/run/journal/record.js';
import { journaled } from '../../src/run/requests/submit-shot.js';
import { summarize } from '../../src/run/summary.js';
import { FACTS, hash, planOf, submission } from './world.js';

const at = '2026-11-21T08:00:00.000Z';
const WHY = { status: 502, code: 'lost', message: 'The answer was lost.' };

type Steps = readonly { readonly type: AttemptRecord['type']; readonly [field: string]: unknown }[];
const SENT = { type: 'submitted', request_id: 'req-1' } as const;
const URL = 'https://files.runcomfy.net/1.mp4';
const RENDERED = { type: 'completed', outputs: [URL], cost: 0.5 } as const;
const FILE = { url: URL, file: 'videos/cliff.0.mp4', bytes: 3, sha256: hash('a'), media: FACTS };

/** Every row of the table in the documentation: what the journal says, and what that makes the submission. */
const LIVES: readonly (readonly [string, Steps, string])[] = [
  ['no record', [], 'planned'],
  ['refused', [{ type: 'refused', ...WHY }], 'refused'],
  ['no answer', [{ type: 'submitting' }], 'unknown'],
  ['a lost answer', [{ type: 'lost', ...WHY }], 'unknown'],
  ['submitted', [SENT], 'submitted'],
  ['forgotten by the service', [SENT, { type: 'lost', ...WHY }], 'unknown'],
  ['completed', [SENT, RENDERED], 'completed'],
  ['downloaded', [SENT, RENDERED, { type: 'downloaded', ...FILE }], 'done'],
  ['failed', [SENT, { type: 'failed', code: 'x', message: 'Unsafe.' }], 'failed'],
  ['to be cancelled', [SENT, { type: 'cancelling' }], 'submitted'],
  ['cancelled', [SENT, { type: 'cancelled' }], 'cancelled'],
  ['resolved as accepted', [{ type: 'resolved', as: 'accepted', request_id: 'req-9' }], 'submitted'],
  ['resolved as never taken', [{ type: 'resolved', as: 'resubmit' }], 'planned'],
  ['given up', [{ type: 'resolved', as: 'given-up' }], 'failed'],
];

function recordsFor(id: string, steps: Steps): readonly AttemptRecord[] {
  if (steps.length === 0) return [];
  const one = submission(id);
  const { key } = one;
  const first = { type: 'submitting', at, key, attempt: 1, submission: journaled(one) };
  const others = steps
    .filter(({ type }) => type !== 'submitting')
    .map((step) => ({ at, key, attempt: 1, ...step }));
  return [first, ...others] as AttemptRecord[];
}

function foldOf(records: readonly AttemptRecord[]) {
  const fold = new Map<string, KeyState>();
  expect(foldInto(fold, records)).toBeNull();
  return fold;
}

function manifestOf(ids: readonly string[], records: readonly AttemptRecord[]) {
  const directory = '/films/renders/film';
  return summarize({
    plan: planOf(...ids),
    fold: foldOf(records),
    service: 'local',
    directory,
    toolVersion: '0.1.0',
  });
}

const LISTED_KEYS = 'id shot variant_of scene take part selected use transition notes';
const SENT_KEYS = 'model input defaults prompt segments seconds audio cost';

describe('the fields on disk', () => {
  it('pins the fields of a `submitting` record of the journal, in their order', () => {
    const keys = Object.keys(journaled(submission('cliff'))).join(' ');
    expect(keys).toBe(`id shot scene take part selected use ${SENT_KEYS}`);
  });

  it.each([
    ['that is in the list', ['cliff']],
    ['that has left the list', []],
  ])('pins the fields of a manifest entry for a shot %s, in their order', (_where, ids) => {
    const { submissions, unlisted } = manifestOf(ids, recordsFor('cliff', [SENT]));
    const [entry] = [...submissions, ...unlisted];
    const outcome = 'attempts request_id times outputs error warnings';
    expect(Object.keys(entry ?? {}).join(' ')).toBe(
      `${LISTED_KEYS} state key same_as ${SENT_KEYS} ${outcome}`,
    );
  });
});

describe('the manifest', () => {
  it.each(LIVES)('gives the manifest the state that the journal implies: %s', (_name, steps, state) => {
    const manifest = manifestOf(['cliff'], recordsFor('cliff', steps));
    expect(manifest.submissions[0]?.state).toBe(state);
    expect(manifest.list.file).toBe('../../film.yaml');
    expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
  });

  it('is a manifest from which a run without a journal can continue', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LIVES), { maxLength: 6 }), fc.boolean(), (lives, keepList) => {
        const ids = lives.map((_, index) => `shot${index}`);
        const records = lives.flatMap(([, steps], index) => recordsFor(`shot${index}`, steps));
        const listed = keepList ? ids : ids.slice(1);
        const manifest = manifestOf(listed, records);
        const again = missingRecords(new Map(), { manifests: [manifest], now: at });
        if (typeof again === 'string') throw new Error(again);
        const states = (one: typeof manifest) =>
          [...one.submissions, ...one.unlisted].map(({ id, state, cancelling }) => [id, state, cancelling]);
        expect(states(manifestOf(listed, again))).toEqual(states(manifest));
        expect(manifestOf(listed, again).submissions.map(({ request_id }) => request_id)).toEqual(
          manifest.submissions.map(({ request_id }) => request_id),
        );
      }),
    );
  });

  it('keeps no signature of a versioned URL in the manifest', () => {
    const input = { start_image_url: { $url: 'https://cdn.example.com/a.png?sig=secret#x', version: '3' } };
    const plan = planOf(submission('cliff', { input }));
    const manifest = summarize({
      plan,
      fold: new Map(),
      service: 'local',
      directory: '/films',
      toolVersion: '0.1.0',
    });
    expect(JSON.stringify(manifest)).not.toContain('secret');
  });
});
