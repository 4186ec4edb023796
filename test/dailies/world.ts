import type { PageOptions } from '../../src/dailies/make-page-data.js';
import type { Manifest, ManifestEntry } from '../../src/manifest/manifest.js';
import { resolveCommand } from '../../src/run/messages.js';

/** A finished submission: 5 s of 720p with sound, all of it in the cut. */
export function entry(id: string, changes: Partial<ManifestEntry> = {}): ManifestEntry {
  const media = {
    duration: 5,
    width: 1280,
    height: 720,
    frame_rate: 24,
    video_codec: 'avc',
    audio: { codec: 'aac', channels: 2, sample_rate: 48_000 },
  };
  return {
    id,
    shot: id.replace(/\.(take|part).*$/, ''),
    variant_of: null,
    scene: null,
    take: 1,
    part: null,
    selected: true,
    use: null,
    transition: 0,
    notes: null,
    state: 'done',
    same_as: null,
    key: Buffer.from(id).toString('hex').padEnd(64, '0').slice(0, 64),
    model: 'kling/kling-3.0/standard/image-to-video',
    input: { prompt: `What happens in ${id}` },
    defaults: [],
    prompt: `What happens in ${id}`,
    segments: [],
    seconds: 5,
    audio: true,
    cost: { estimate: 0.42, actual: 0.42 },
    attempts: 1,
    request_id: `req-${id}`,
    times: {
      submitted: '2026-11-21T08:00:00.000Z',
      completed: '2026-11-21T08:02:00.000Z',
    },
    outputs: [
      {
        url: `https://files.runcomfy.net/${id}.mp4`,
        file: `videos/${id}.mp4`,
        bytes: 3,
        sha256: 'a'.repeat(64),
        media,
      },
    ],
    error: null,
    warnings: [],
    ...changes,
  };
}

/** Fields of a submission without a clip. */
export const NOT_HERE = { state: 'planned', request_id: null, outputs: [] } as const;

export function manifestOf(...submissions: readonly ManifestEntry[]): Manifest {
  return {
    manifest: 1,
    tool: { name: 'shotlist', version: '0.1.0' },
    service: 'https://model-api.runcomfy.net',
    list: { file: '../../film.yaml', title: null },
    scenes: [{ id: '010', title: 'The cliff' }],
    submissions,
    unlisted: [],
  };
}

/** Options of a page with a readable list, on which every file exists. */
export function pageOptions(): PageOptions {
  const line = (id: string) => ({ id, word: id, takes: 1, shots: 1, approved: 'no' as const });
  return {
    profile: null,
    made: '2026-11-21T09:00:00.000Z',
    list: { name: 'film.yaml', revision: 'c'.repeat(64), problem: null },
    choiceCommands: {
      select: 'shotlist select film.yaml',
      approve: 'shotlist approve film.yaml',
      options: '',
    },
    commands: {
      run: 'shotlist run film.yaml',
      resolve: (submission) => resolveCommand('renders/film', submission),
    },
    lines: new Map(['a', 'b'].map((id) => [id, line(id)])),
    model: () => ({ name: 'kling-3.0/standard', start: 'start_image_url', end: 'end_image_url' }),
    runFile: (path) => `run:${path}`,
    listFile: (path) => `list:${path}`,
  };
}
