import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exit } from '../../src/base/exit.js';
import type { DecodedFacts } from '../../src/media/facts.js';
import type { InspectClip } from '../../src/run/context.js';
import type { RunEvent } from '../../src/run/events.js';
import { planOf, submission, World } from './world.js';

const DECODED: DecodedFacts = {
  pictures: 120,
  indexed: 120,
  patched: false,
  shown: 5,
  black: 0,
  frozen: 0,
  peak: 0.5,
  heard: 5,
};

/** Inspects without an ffmpeg: writes stills and returns the given facts. */
function inspector(over: Partial<DecodedFacts> = {}) {
  const clips: string[] = [];
  const inspect: InspectClip = async ({ clip, stills }) => {
    clips.push(clip.replace(/.*[\\/]/, ''));
    for (const path of Object.values(stills)) await writeFile(path, 'a picture');
    return { ok: true, decoded: { ...DECODED, ...over } };
  };
  return { clips, inspect };
}

const BOARD_URL = 'https://example.com/board.png';
const silent = (id: string) => submission(id, { audio: false });
const plan = planOf(silent('cliff'), silent('beach'));

function runWith(world: World, inspect: InspectClip | undefined, one = plan) {
  const { deps } = world.options(one);
  return world.run(one, { deps: { ...deps, ...(inspect && { inspect }) } });
}

const checks = (events: readonly RunEvent[]) => events.filter((one) => one.event === 'check');

describe('a clip that was fetched', () => {
  it('inspects a fetched clip once, and keeps its stills', async () => {
    const world = new World();
    const { clips, inspect } = inspector();
    expect(await runWith(world, inspect)).toMatchObject({ exit: Exit.done, flagged: [] });
    expect(clips).toHaveLength(2);
    expect(await readdir(join(world.directory, 'stills'))).toHaveLength(6);
    const { submissions } = await world.manifest();
    expect(submissions[0].outputs[0].check).toEqual({ pictures: true, flags: [] });
    const before = world.committed();
    await runWith(world, inspect);
    expect(clips).toHaveLength(2);
    expect(world.committed()).toEqual(before);
  });

  it('flags a clip that differs from the request, says so once, and fails nothing', async () => {
    const world = new World();
    const { inspect } = inspector({ black: 5 });
    const finished = await runWith(world, inspect, planOf(submission('cliff', { seconds: 8 })));
    expect(finished).toMatchObject({ exit: Exit.done, flagged: ['cliff'], states: { done: 1 } });
    const codes = ['length', 'no-audio', 'black'];
    const [check, ...more] = checks(world.events);
    expect(check).toMatchObject({ id: 'cliff', pictures: true, flags: codes.map((code) => ({ code })) });
    expect(more).toEqual([]);
    const { submissions } = await world.manifest();
    expect(submissions[0].outputs[0].check.flags.map(({ code }: { code: string }) => code)).toEqual(codes);
    expect(await runWith(world, inspect, planOf(submission('cliff', { seconds: 8 })))).toMatchObject({
      flagged: ['cliff'],
    });
  });

  it('expects the shape of the list from a clip that starts from a picture on the web', async () => {
    for (const [aspect, flags] of [
      [null, []],
      ['16:9', []],
      ['9:16', [{ code: 'aspect' }]],
    ] as const) {
      for (const start_image_url of [BOARD_URL, { $url: BOARD_URL, version: 3 }]) {
        const one = planOf(
          submission('cliff', { audio: false, input: { prompt: 'A cliff', start_image_url } }),
        );
        const world = new World();
        await runWith(world, inspector().inspect, { ...one, list: { ...one.list, aspect } });
        expect(checks(world.events)).toMatchObject([{ flags }]);
        expect((await world.manifest()).list).toMatchObject({ aspect });
      }
    }
  });

  it('inspects a clip in a later run if no earlier run did, and not again if only its stills are gone', async () => {
    const world = new World();
    await runWith(world, undefined);
    const { clips, inspect } = inspector();
    await runWith(world, inspect);
    expect(clips).toHaveLength(2);
    await rm(join(world.directory, 'stills'), { recursive: true });
    const before = world.committed();
    await runWith(world, inspect);
    expect(clips).toHaveLength(2);
    expect(world.committed()).toEqual(before);
  });

  it('compares only the facts of a clip without an ffmpeg, and says so once', async () => {
    const world = new World();
    const none: InspectClip = async () => ({ none: 'No usable ffmpeg.' });
    const long = planOf(submission('cliff', { seconds: 8, audio: false }), silent('beach'));
    expect(await runWith(world, none, long)).toMatchObject({ exit: Exit.done, flagged: ['cliff'] });
    expect(world.notices().filter((notice) => notice.includes('No usable ffmpeg.'))).toHaveLength(1);
    const { submissions } = await world.manifest();
    expect(submissions[0].outputs[0].check).toMatchObject({ pictures: false, flags: [{ code: 'length' }] });
    const before = world.committed();
    await runWith(world, none, long);
    expect(world.committed()).toEqual(before);
    // A machine with an ffmpeg does not change what is committed; a command that shows stills makes them.
    const { clips, inspect } = inspector();
    await runWith(world, inspect, long);
    expect(clips).toEqual([]);
    expect(world.committed()).toEqual(before);
  });

  it('keeps a clip, and continues the run, if its stills cannot be written', async () => {
    const world = new World();
    await mkdir(world.directory, { recursive: true });
    await writeFile(join(world.directory, 'stills'), 'a file in the way');
    const { inspect } = inspector();
    expect(await runWith(world, inspect)).toMatchObject({ exit: Exit.done, states: { done: 2 } });
    expect(world.notices().join()).toContain('A clip could not be inspected.');
  });

  it('knows the flags of a clip from its record, whichever machine inspected it', async () => {
    const world = new World();
    const { clips, inspect } = inspector({ frozen: 5 });
    await runWith(world, inspect);
    for (const name of ['manifest.json', 'stills']) await rm(world.path(name), { recursive: true });
    expect(await runWith(world, inspect)).toMatchObject({ flagged: ['cliff', 'beach'] });
    expect(clips).toHaveLength(2);
  });

  it('inspects no clip once the run is interrupted; the next run does it', async () => {
    const world = new World();
    const stop = new AbortController();
    let signals = 0;
    const { deps } = world.options(plan);
    const inspect: InspectClip = async ({ signal }) => {
      stop.abort();
      if (signal?.aborted) signals += 1;
      return { ok: false, message: 'it was stopped' };
    };
    const opened = await world.open(plan, { deps: { ...deps, inspect } });
    await world.clock.run(opened.execute(stop.signal)).finally(() => opened.close());
    expect(signals).toBe(1);
    expect(Object.values(world.committed()).join()).not.toContain('"check"');
    const later = inspector();
    expect(await runWith(world, later.inspect)).toMatchObject({ exit: Exit.done });
    expect(later.clips).toHaveLength(2);
  });

  it('does not inspect a clip that is fetched again with the same bytes', async () => {
    const world = new World();
    const { inspect } = inspector({ frozen: 5 });
    await runWith(world, inspect);
    await rm(join(world.directory, (await world.manifest()).submissions[0].outputs[0].file));
    const again = inspector();
    await runWith(world, again.inspect);
    expect(again.clips).toEqual([]);
    const { submissions } = await world.manifest();
    expect(submissions[0].outputs[0]).toMatchObject({ check: { flags: [{ code: 'frozen' }] } });
  });
});
