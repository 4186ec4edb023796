import { describe, expect, it } from 'vitest';
import { endingLinks, isUnsent, linkFindings } from '../../src/commands/plan/link-ends.js';
import { loadShotList } from '../../src/language/load.js';
import { makePlan } from '../../src/plan/make-plan.js';
import type { Plan } from '../../src/plan/plan.js';
import type { KeyState } from '../../src/run/records/render.js';
import { Workspace } from '../language/workspace.js';

const workspace = new Workspace();
const NOW = Date.parse('2026-01-01T12:00:00Z');
const link = (minutes: number) => `https://b.example/a.png?Expires=${NOW / 1000 + minutes * 60}&Signature=s`;

async function listOf(minutes: number) {
  const loaded = await loadShotList(
    workspace.write(
      'film.yaml',
      `version: 1
defaults: { model: kling-3.0/pro, prompt: x }
elements: { spare: { frontal_image: "${link(-9)}" } }
shots:
  - { id: a, start_image: "${link(minutes)}" }
`,
    ),
  );
  if (!loaded.ok) throw new Error('the list has errors');
  const planned = makePlan(loaded.value);
  if (!planned.ok) throw new Error('the list cannot be planned');
  return { list: loaded.value, plan: planned.value };
}

async function said(minutes: number, { sent = false, unplanned = false } = {}): Promise<readonly string[]> {
  const { list, plan } = await listOf(minutes);
  const findings = linkFindings(list, {
    ending: endingLinks(list, NOW),
    plan: unplanned ? null : plan,
    needed: () => !sent,
    now: NOW,
  });
  return findings.map(({ code, message }) => `${code} ${message}`);
}

describe('a signed link', () => {
  it('is an error when it has run out, and a warning when it soon will', async () => {
    expect(await said(-1)).toEqual(['SL227 the link ran out on 2026-01-01 11:59 UTC']);
    expect(await said(40)).toEqual([
      'SL228 the link runs out on 2026-01-01 12:40 UTC, in 40 m: a shot may wait longer than that',
    ]);
    expect(await said(61)).toEqual([]);
  });

  it('is no problem of a shot that is with the service already, nor of an element that no shot lists', async () => {
    expect(await said(-1, { sent: true })).toEqual([]);
  });

  it('is an error if it cannot be known which shots need it', async () => {
    expect(await said(-1, { unplanned: true })).toHaveLength(2);
  });

  it('is needed by shots that a run would send, and by failed ones only with --retry-failed', async () => {
    const [submission] = (await listOf(99)).plan.submissions as [Plan['submissions'][number]];
    const inState = (state: KeyState['state'], retryFailed = false) =>
      isUnsent(submission, new Map([[submission.key, { state } as KeyState]]), retryFailed);
    expect(isUnsent(submission, new Map(), false)).toBe(true);
    expect(['planned', 'refused', 'cancelled'].map((state) => inState(state as KeyState['state']))).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      ['submitted', 'completed', 'done', 'unknown', 'failed'].some((one) =>
        inState(one as KeyState['state']),
      ),
    ).toBe(false);
    expect(inState('failed', true)).toBe(true);
  });
});
