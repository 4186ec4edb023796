import type { Manifest, ManifestEntry } from '../../src/manifest/manifest.js';

/** A submission whose clip is here: 5 s of 720p with sound, of which the cut takes all. */
export function entry(id: string, changes: Partial<ManifestEntry> = {}): ManifestEntry {
  const media = {
    ...{ duration: 5, width: 1280, height: 720, frame_rate: 24, video_codec: 'avc' },
    audio: { codec: 'aac', channels: 2, sample_rate: 48_000 },
  };
  return {
    ...{ id, shot: id.replace(/\.(take|part).*$/, ''), variant_of: null, scene: null, take: 1, part: null },
    ...{ selected: true, use: null, transition: 0, notes: null, state: 'done', same_as: null },
    key: Buffer.from(id).toString('hex').padEnd(64, '0').slice(0, 64),
    model: 'kling/kling-3.0/standard/image-to-video',
    ...{ input: { prompt: `What happens in ${id}` }, defaults: [], prompt: `What happens in ${id}` },
    ...{ segments: [], seconds: 5, audio: true, cost: { estimate: 0.42, actual: 0.42 }, attempts: 1 },
    request_id: `req-${id}`,
    times: {
      submitted: '2026-11-21T08:00:00.000Z',
      completed: '2026-11-21T08:02:00.000Z',
      downloaded: '2026-11-21T08:02:03.000Z',
    },
    outputs: [
      {
        url: `https://files.runcomfy.net/${id}.mp4`,
        file: `videos/${id}.mp4`,
        ...{ bytes: 3, sha256: 'a'.repeat(64), media },
      },
    ],
    ...{ error: null, warnings: [] },
    ...changes,
  };
}

/** What stands in place of a clip that is not here. */
export const NOT_HERE = { state: 'planned', request_id: null, outputs: [] } as const;

export function manifestOf(...submissions: readonly ManifestEntry[]): Manifest {
  return {
    manifest: 1,
    tool: { name: 'shotlist', version: '0.1.0' },
    service: 'https://model-api.runcomfy.net',
    list: { file: '../../film.yaml', title: null, sha256: 'b'.repeat(64) },
    scenes: [{ id: '010', title: 'The cliff' }],
    submissions,
    unlisted: [],
  };
}
