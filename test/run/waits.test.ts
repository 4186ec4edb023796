import { describe, expect, it } from 'vitest';
import { StillTrying } from '../../src/run/waits.js';
import { VirtualClock } from '../rig/virtual-clock.js';

/** Notices about tasks with these beginnings and lengths, seconds: name and time of each. */
async function said(tasks: readonly { readonly name: string; readonly from: number; readonly to: number }[]) {
  const clock = new VirtualClock();
  const began = clock.now();
  const trying = new StillTrying(clock);
  const heard: string[] = [];
  const one = async ({ name, from, to }: (typeof tasks)[number]) => {
    await clock.sleep(from * 1000);
    const say = () => heard.push(`${name} at ${(clock.now() - began) / 1000}`);
    await trying.during(() => clock.sleep((to - from) * 1000), say);
  };
  await clock.run(Promise.all(tasks.map(one)));
  return heard;
}

describe('what takes long', () => {
  it('says that a task takes long after 10 s, and then more and more rarely', async () => {
    expect(await said([{ name: 'one', from: 0, to: 200 }])).toEqual([
      ...['one at 10', 'one at 30', 'one at 60', 'one at 120', 'one at 180'],
    ]);
  });

  it('says that tasks take long each at its own time, although one began during the wait for another', async () => {
    const tasks = [
      { name: 'first', from: 0, to: 25 },
      { name: 'short', from: 3, to: 12 },
      { name: 'later', from: 7, to: 18 },
      { name: 'alone', from: 60, to: 71 },
    ];
    expect(await said(tasks)).toEqual(['first at 10', 'later at 17', 'alone at 70']);
  });

  it('ends its sleep when no task is left', async () => {
    const clock = new VirtualClock();
    const signals: (AbortSignal | undefined)[] = [];
    const sleep = (milliseconds: number, signal?: AbortSignal) => {
      signals.push(signal);
      return clock.sleep(milliseconds, signal);
    };
    const trying = new StillTrying({ now: clock.now, sleep });
    const task = () => clock.sleep(2000);
    await clock.run(trying.during(task, () => {}));
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });
});
