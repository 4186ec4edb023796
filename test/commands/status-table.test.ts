import { expect, it } from 'vitest';
import { answerWords } from '../../src/commands/run/status-table.js';
import type { KeyState } from '../../src/run/records/render.js';
import { askService, Silence } from '../../src/run/requests/ask-service.js';
import type { ResultAnswer } from '../../src/runcomfy/service.js';
import { VirtualClock } from '../rig/virtual-clock.js';
import { lifeOf, SENT, stateAt } from '../run/lives.js';

const UNREADABLE = 'The service answered (200), but the answer is not in its usual form.';

/** A submission that the service has. */
function sent(id: string): KeyState {
  const render = lifeOf(id, [[SENT]]);
  if (!render) throw new Error('it was not sent');
  return stateAt(render);
}

it.each<[string, string, number | null]>([
  ['an unreadable answer', 'no usable answer (200)', 200],
  ['a fault', 'no usable answer (503)', 503],
  ['no answer', 'no answer', null],
])(
  'tells submissions that got %s from submissions that were not asked about',
  async (_what, words, status) => {
    const clock = new VirtualClock();
    const silence = new Silence({ ...clock, stop: new AbortController().signal });
    const ask = async (_id: string, signal: AbortSignal): Promise<ResultAnswer> => {
      await clock.sleep(3_600_000, signal);
      return { kind: 'unreachable', status, code: null, message: UNREADABLE };
    };
    const open = Array.from({ length: 20 }, (_, index) => sent(`shot${index}`));
    const { by, trouble } = await clock.run(askService(open, { ask, silence }));
    expect(trouble).toMatchObject({ message: UNREADABLE });
    const says = open.map((known) => answerWords({ known, answer: by.get(known.key) ?? null }));
    expect(says).toEqual([...Array(16).fill(words), ...Array(4).fill('not asked')]);
  },
);
