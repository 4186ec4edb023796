import { describe, expect, it } from 'vitest';
import validate from '../../src/generated/validate-manifest.js';
import { submittingStep } from '../../src/run/requests/submit-shot.js';
import { summarize } from '../../src/run/summary.js';
import {
  AT,
  done,
  keyStatesOf,
  lifeOf,
  manifestOf,
  rendered,
  SENT,
  type Steps,
  UNSAFE,
  WHY,
} from './lives.js';
import { planOf, submission } from './world.js';

/** Every row of the table in the documentation: what happened, and the state of the submission. */
const LIVES: readonly (readonly [string, Steps | null, string])[] = [
  ['no record', null, 'planned'],
  ['never left', [{ type: 'refused', ...WHY, status: null }], 'planned'],
  ['refused', [{ type: 'refused', ...WHY }], 'refused'],
  ['no answer', [], 'unknown'],
  ['a lost answer', [{ type: 'lost', ...WHY }], 'unknown'],
  ['submitted', [SENT], 'submitted'],
  ['forgotten by the service', [SENT, { type: 'lost', ...WHY }], 'unknown'],
  ['completed', rendered(0.5), 'completed'],
  ['fetched', done(0.5), 'done'],
  ['fetched and not needed here', [...done(0.5), { type: 'accepted-missing' }], 'done'],
  ['failed', [SENT, UNSAFE], 'failed'],
  ['to be cancelled', [SENT, { type: 'cancelling' }], 'submitted'],
  ['cancelled', [SENT, { type: 'cancelling' }, { type: 'cancelled' }], 'cancelled'],
  ['resolved as accepted', [{ type: 'accepted', request_id: 'req-9' }], 'submitted'],
  ['resolved as never taken', [{ type: 'released' }], 'planned'],
  ['saved by hand', [{ type: 'downloaded' }], 'done'],
  ['given up', [{ type: 'given-up' }], 'failed'],
  ['given up while it was in progress', [SENT, { type: 'given-up' }], 'failed'],
];

const keyStatesAfter = (steps: Steps | null) => keyStatesOf(steps && lifeOf('cliff', [steps]));

const LISTED_KEYS = 'id shot variant_of scene take part selected use transition notes';
const SENT_KEYS = 'model input defaults prompt segments seconds audio';

describe('the fields on disk', () => {
  it('pins the fields of a submission in its record, in their order', () => {
    const step = submittingStep(submission('cliff'), AT);
    expect(Object.keys(step.submission).join(' ')).toBe(
      'id shot scene take part model defaults prompt segments seconds audio',
    );
  });

  it.each([
    ['that is in the list', ['cliff']],
    ['that has left the list', []],
  ])('pins the fields of a manifest entry for a shot %s, in their order', (_where, ids) => {
    const { submissions, unlisted } = manifestOf(ids, keyStatesAfter([SENT]));
    const [entry] = [...submissions, ...unlisted];
    const outcome = 'cost attempts request_id times outputs error warnings';
    expect(Object.keys(entry ?? {}).join(' ')).toBe(
      `${LISTED_KEYS} state key same_as ${SENT_KEYS} ${outcome}`,
    );
  });
});

describe('the manifest', () => {
  it.each(LIVES)('gives the manifest the state that the record implies: %s', (_name, steps, state) => {
    const manifest = manifestOf(['cliff'], keyStatesAfter(steps));
    expect(manifest.submissions[0]?.state).toBe(state);
    expect(manifest.list.file).toBe('../../film.yaml');
    expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
  });

  it('is in the order of the list, whatever the order of the records', () => {
    const renders = ['cliff', 'beach', 'pier'].map((id) => lifeOf(id, [done(0.5)]));
    const ids = ['beach', 'pier', 'cliff'];
    expect(manifestOf(ids, keyStatesOf(...renders.toReversed()))).toEqual(
      manifestOf(ids, keyStatesOf(...renders)),
    );
  });

  it('shows a link of this run without its signature', () => {
    const signed = `https://files.runcomfy.net/1.mp4?sig=secret`;
    const steps: Steps = [SENT, { type: 'completed', outputs: [signed], cost: null, finished: null }];
    const { submissions } = manifestOf(['cliff'], keyStatesAfter(steps));
    expect(submissions[0]?.outputs[0]?.url).toBe('https://files.runcomfy.net/1.mp4');
  });

  it('keeps no signature of a versioned URL in the manifest', () => {
    const input = { start_image_url: { $url: 'https://cdn.example.com/a.png?sig=secret#x', version: '3' } };
    const plan = planOf(submission('cliff', { input }));
    const manifest = summarize({
      plan,
      keyStates: new Map(),
      service: 'local',
      directory: '/films',
      toolVersion: '0.1.0',
    });
    expect(JSON.stringify(manifest)).not.toContain('secret');
  });
});
