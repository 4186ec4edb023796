import { expect, it } from 'vitest';
import { askForCopies, type Copies } from '../../src/run/clips/last-copy.js';
import type { DownloadCheck, ResultAnswer } from '../../src/runcomfy/service.js';
import { requestState, ScriptedService } from '../rig/scripted-service.js';
import { VirtualClock } from '../rig/virtual-clock.js';
import { FACTS, hash } from './world.js';

const WHY = { status: 503, code: null, message: 'The service is down.' };
const clipOf = (index: number) => ({
  key: hash(`${index}`),
  id: `shot-${index}`,
  requestId: `req-${index}`,
  index: 0,
  bytes: 300_000,
  url: 'https://files.runcomfy.net/1.mp4',
  file: `videos/shot-${index}.mp4`,
  sha256: hash('a'),
  media: FACTS,
  isUsed: false,
  isMissingAccepted: false,
  isReplaced: false,
});

/** Result for `count` clips of a service with these answers. */
async function ask(
  count: number,
  answers: { readonly result?: ResultAnswer; readonly check?: DownloadCheck },
): Promise<{ readonly copies: readonly Copies[]; readonly service: ScriptedService }> {
  const clock = new VirtualClock();
  const service = new ScriptedService(clock);
  const state = (requestId: string) => requestState({ requestId, status: 'completed' });
  service.script.result = (requestId) => answers.result ?? { kind: 'state', request: state(requestId) };
  service.script.checkDownload = () => answers.check;
  const { signal } = new AbortController();
  const clips = Array.from({ length: count }, (_, index) => clipOf(index));
  const deps = { sleep: clock.sleep };
  return { copies: await clock.run(askForCopies(clips, { service, deps, signal })), service };
}

it.each([
  ['at its length', 300_000, 'fetchable'],
  ['at another length', 3_000, 'other'],
  ['at no length', null, 'other'],
] as const)('judges a clip that the service has with %s, by that length', async (_what, bytes, copies) => {
  expect((await ask(1, { check: { kind: 'available', bytes } })).copies).toEqual([copies]);
});

it('calls a clip the last copy if the service refuses to send it', async () => {
  const gone = { kind: 'refused', ...WHY, status: 404 } as const;
  const forgotten = { kind: 'forgotten', ...WHY, status: 404 } as const;
  expect((await ask(1, { result: forgotten, check: gone })).copies).toEqual(['last-copy']);
});

it('calls every clip unsure while the service does not answer, and stops asking', async () => {
  const { copies, service } = await ask(50, { result: { kind: 'unreachable', ...WHY } });
  expect(new Set(copies)).toEqual(new Set(['unsure']));
  expect(service.calls.result).toBeLessThan(20);
  expect(service.calls.checkDownload).toBe(0);
});
