import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaFacts } from '../../src/media/facts.js';
import type { Plan, Submission } from '../../src/plan/plan.js';
import type { OpenedRun, RunOptions } from '../../src/run/context.js';
import type { RunEvent, RunFinished } from '../../src/run/events.js';
import type { ReplaceFile } from '../../src/run/records/records.js';
import { openRun } from '../../src/run/run.js';
import { ScriptedService } from '../rig/scripted-service.js';
import { VirtualClock } from '../rig/virtual-clock.js';

export const FACTS: MediaFacts = {
  duration: 5,
  width: 1280,
  height: 720,
  frame_rate: 24,
  video_codec: 'avc',
  audio: null,
};

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A submission of a plan; its key comes from its id, unless said. */
export function submission(id: string, over: Partial<Submission> = {}): Submission {
  return {
    id,
    shot: id,
    scene: null,
    take: 1,
    part: null,
    selected: true,
    variant_of: null,
    transition: 0,
    notes: null,
    use: null,
    key: hash(id),
    same_as: null,
    model: 'kling/kling-3.0/standard/image-to-video',
    input: { prompt: `A ${id}`, start_image_url: 'https://example.com/board.png', duration: 5 },
    defaults: [{ field: 'audio', value: true, usd: 0.21 }],
    prompt: `A ${id}`,
    segments: [],
    seconds: 5,
    audio: true,
    cost: { usd: 0.63, rate: 0.126, date: '2026-09-01' },
    retries: 0,
    ...over,
  };
}

export function planOf(...submissions: readonly (string | Submission)[]): Plan {
  return {
    list: {
      path: '/films/film.yaml',
      folder: '/films',
      name: 'film',
      title: 'Film',
      aspect: null,
      sha256: hash('film'),
    },
    submissions: submissions.map((one) => (typeof one === 'string' ? submission(one) : one)),
    approved: [],
    profile: null,
    budget: null,
    scenes: [],
  };
}

/** A submission that begins with the last frames of others. */
export function chained(id: string, ...from: readonly string[]): Submission {
  const frames = from.map((one) => ({ $last_frame_of: one, key: hash(one) }));
  const [start_image_url, ...others] = frames;
  const elements = others.map((frame) => ({ frontal_image_url: frame }));
  const input = { prompt: `A ${id}`, start_image_url, ...(others.length > 0 && { elements }) };
  return submission(id, { input: input as Submission['input'] });
}

/** A run of parts, each on the last frame of the one before. */
export function chain(length: number): Plan {
  const parts = Array.from({ length: length - 1 }, (_, index) =>
    chained(`part${index + 2}`, `part${index + 1}`),
  );
  return planOf('part1', ...parts);
}

/** Replaces a record without fsync, which on a busy disk takes longer than all the rest of a test. */
export const unsynced: ReplaceFile = async (path, text) => {
  await writeFile(`${path}.0a3acbb1.tmp`, text);
  await rename(`${path}.0a3acbb1.tmp`, path);
};

/** Path of the clip of a submission whose key comes from its id, relative to the run directory. */
export function clipOf(id: string): string {
  return `videos/${id}.${hash(id).slice(0, 8)}.mp4`;
}

/** Path of the record of such a submission, relative to the run directory. */
export function recordOf(id: string): string {
  return `videos/${id}.${hash(id).slice(0, 8)}.json`;
}

/** A run directory, a service and a clock; runs follow each other in it. */
export class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'shotlist-run-'));
  readonly clock = new VirtualClock();
  readonly service = new ScriptedService(this.clock);
  events: RunEvent[] = [];

  options(plan: Plan, over: Partial<RunOptions> = {}): RunOptions {
    return {
      plan,
      service: this.service,
      serviceName: 'local',
      directory: this.directory,
      concurrency: 4,
      emit: (event) => this.events.push(event),
      toolVersion: '0.1.0',
      deps: {
        now: this.clock.now,
        sleep: this.clock.sleep,
        random: () => 0.5,
        replaceFile: unsynced,
        probeVideo: async () => FACTS,
        lastFrame: async ({ clip }) => {
          const bytes = Buffer.from(`last of ${await readFile(clip, 'utf8')}`);
          return { ok: true, picture: { bytes, type: 'image/png' } };
        },
      },
      ...over,
    };
  }

  async open(plan: Plan, over: Partial<RunOptions> = {}): Promise<OpenedRun> {
    const opened = await openRun(this.options(plan, over));
    if (!opened.ok) throw new Error(opened.message);
    return opened;
  }

  /** Runs a plan to its end; `interruptAfter` is in seconds. */
  async run(plan: Plan, over: Partial<RunOptions> & { interruptAfter?: number } = {}): Promise<RunFinished> {
    this.events = [];
    const opened = await this.open(plan, over);
    const stop = new AbortController();
    if (over.interruptAfter !== undefined) {
      void this.clock.sleep(over.interruptAfter * 1000, stop.signal).then(() => stop.abort());
    }
    try {
      return await this.clock.run(opened.execute(stop.signal));
    } finally {
      await opened.close();
    }
  }

  path(file: string): string {
    return join(this.directory, file);
  }

  read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8');
  }

  async manifest() {
    return JSON.parse(await this.read('manifest.json'));
  }

  /** The record of a submission whose key comes from its id. */
  async record(id: string) {
    return JSON.parse(await this.read(recordOf(id)));
  }

  /** What people commit: the text of each record and of the manifest, by name. */
  committed(): Readonly<Record<string, string>> {
    const records = readdirSync(this.path('videos')).filter((name) => name.endsWith('.json'));
    const names = ['manifest.json', ...records.map((name) => `videos/${name}`)];
    return Object.fromEntries(names.map((name) => [name, readFileSync(this.path(name), 'utf8')]));
  }

  /** The last thing said of a shot. */
  last(id: string) {
    return this.events.findLast((event) => event.event === 'shot' && event.id === id) as
      | (RunEvent & { event: 'shot' })
      | undefined;
  }

  notices(): readonly string[] {
    return this.events.flatMap((event) => (event.event === 'notice' ? [event.message] : []));
  }
}
