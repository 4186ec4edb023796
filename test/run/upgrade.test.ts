import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRunState } from '../../src/run/records/records.js';
import type { KeyState } from '../../src/run/records/render.js';
import { FACTS, hash } from './world.js';

const KEY = hash('cliff');
const AT = '2026-11-21T08:00:00.000Z';
const LINK = 'https://files.runcomfy.net/1.mp4?sig=secret';
const CLIP = { file: 'videos/cliff.mp4', bytes: 3, sha256: hash('clip'), media: FACTS };
const SENT = {
  id: 'cliff',
  shot: 'cliff',
  scene: null,
  take: 1,
  part: null,
  selected: true,
  use: null,
  model: 'kling/kling-3.0/standard/image-to-video',
  input: { prompt: 'A cliff' },
  defaults: [],
  prompt: 'A cliff',
  segments: [],
  seconds: 5,
  audio: false,
  cost: { usd: 0.42, rate: 0.084, date: '2026-09-01' },
};
const DONE = [
  { type: 'submitting', submission: SENT },
  { type: 'submitted', request_id: 'r-1' },
  { type: 'completed', outputs: [LINK], cost: 0.4 },
  { type: 'downloaded', url: LINK, ...CLIP },
  { type: 'looked', sha256: CLIP.sha256, pictures: true, flags: [] },
];

function journal(records: readonly object[], end = ''): string {
  const lines = records.map((record) => ({ at: AT, key: KEY, attempt: 1, ...record }));
  const all = [{ v: 1, type: 'open', service: 'https://model-api.runcomfy.net' }, ...lines];
  return all.map((line) => `${JSON.stringify(line)}\n`).join('') + end;
}

async function read(files: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'shotlist-upgrade-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return readRunState(directory);
}

async function stateOfCliff(files: Readonly<Record<string, string>>): Promise<KeyState | undefined> {
  const state = await read(files);
  if (state.kind !== 'read') throw new Error(state.message);
  return state.keyStates.get(KEY);
}

it('takes a rendered clip with its request, cost, hash and inspection from the journal of version 0.1', async () => {
  expect(await stateOfCliff({ 'journal.ndjson': journal(DONE) })).toMatchObject({
    state: 'done',
    requestId: 'r-1',
    cost: 0.4,
    sentAt: AT,
    outputs: [{ ...CLIP, check: { pictures: true, flags: [] } }],
  });
});

it('keeps the facts of a clip that version 0.1 could not fetch again', async () => {
  const again = [...DONE, { type: 'completed', outputs: [LINK], cost: 0.4 }];
  expect(await stateOfCliff({ 'journal.ndjson': journal(again) })).toMatchObject({
    state: 'done',
    outputs: [CLIP],
  });
});

it.each([
  ['unknown', [DONE[0]]],
  ['submitted', DONE.slice(0, 2)],
  ['failed', [...DONE.slice(0, 2), { type: 'failed', code: 'x', message: 'Unsafe.' }]],
  ['cancelled', [...DONE.slice(0, 2), { type: 'cancelling' }, { type: 'cancelled' }]],
  ['planned', [DONE[0], { type: 'resolved', as: 'resubmit' }]],
  ['submitted', [DONE[0], { type: 'resolved', as: 'accepted', request_id: 'r-2' }]],
] as const)('finds a submission %s in the journal of version 0.1', async (state, records) => {
  const files = { 'journal.ndjson': journal(records as readonly object[], '{"type":"torn') };
  expect((await stateOfCliff(files))?.state).toBe(state);
});

it('begins from a manifest of version 0.1, as a clone has it', async () => {
  const { cost, ...sent } = SENT;
  const entry = {
    ...sent,
    key: KEY,
    state: 'done',
    cost: { estimate: cost.usd, actual: 0.4 },
    attempts: 1,
    request_id: 'r-1',
    times: { submitted: AT, completed: AT, downloaded: AT },
    outputs: [{ url: LINK, ...CLIP }],
    error: null,
  };
  const manifest = { service: 'local', list: { sha256: hash('list') }, submissions: [entry], unlisted: [] };
  const files = { 'manifest.json': JSON.stringify(manifest) };
  expect(await stateOfCliff(files)).toMatchObject({ state: 'done', requestId: 'r-1', outputs: [CLIP] });
});

it('lets a manifest that was derived from records decide nothing', async () => {
  const manifest = {
    service: 'local',
    list: { file: 'film.yaml' },
    submissions: [{ key: KEY }],
    unlisted: [],
  };
  expect(await stateOfCliff({ 'manifest.json': JSON.stringify(manifest) })).toBeUndefined();
});

it('lets a manifest in which git left a conflict decide nothing', async () => {
  expect(await stateOfCliff({ 'manifest.json': '<<<<<<< HEAD\n{' })).toBeUndefined();
});

it('stops for a journal of version 0.1 that it cannot read, and names the file', async () => {
  const state = await read({ 'journal.ndjson': `${journal(DONE)}no JSON\n` });
  expect(state).toMatchObject({ kind: 'unreadable', file: 'journal.ndjson' });
});
