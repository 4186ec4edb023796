import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/run/job.js';
import { Slots } from '../../src/run/slots.js';

const job = (key: string) => ({ key, model: 'kling' }) as Job;

describe('slots', () => {
  it('are wanted as long as a job waits for one', async () => {
    const jobs = [job('one'), job('two')];
    const slots = new Slots({ concurrency: 1, modelConcurrency: new Map() }, jobs);
    const wanted: boolean[] = [];
    const task = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      wanted.push(slots.isWanted);
    };
    await Promise.all(jobs.map((one) => slots.run(one, task)));
    expect(wanted).toEqual([true, false]);
  });
});
