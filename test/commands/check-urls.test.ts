import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkUrls, findingsOf } from '../../src/commands/plan/check-urls.js';
import type { ProbeAnswer } from '../../src/http/probe-url.js';
import { diagnose } from '../../src/language/document.js';
import { loadShotList } from '../../src/language/load.js';

const IMAGE = { url: 'https://boards.example/a', kind: 'image' } as const;
const VIDEO = { url: 'https://boards.example/a', kind: 'video' } as const;

const file = (type: string | null, bytes: number | null): ProbeAnswer => ({ kind: 'file', type, bytes });
const refused = (status: number): ProbeAnswer => ({ kind: 'refused', status });

describe('an answer about a URL', () => {
  it.each(['image/png', 'image/jpeg', 'image/jpg', 'image/webp', 'image/bmp', 'image/x-ms-bmp'])(
    'is accepted for an image of type %s up to 50 MB',
    (type) => expect(findingsOf(IMAGE, file(type, 50_000_000))).toEqual([]),
  );

  it.each<[ProbeAnswer, string, string]>([
    [refused(404), 'SL401', 'its server has no such file (404)'],
    [refused(410), 'SL401', 'its server has no such file (410)'],
    [refused(401), 'SL401', 'its server refuses to send it (401)'],
    [refused(403), 'SL401', 'its server refuses to send it (403)'],
    [file('text/html', 900), 'SL402', 'its server says it is a web page, not an image that the models take'],
    [file('image/gif', 900), 'SL402', 'its server says it is image/gif, not an image that the models take'],
    [file('image/png', 61_000_000), 'SL402', 'it has 61.0 MB; the service takes images up to 50 MB'],
    [file('image/png', 0), 'SL402', 'its server says it is empty'],
    [
      {
        kind: 'redirected',
        to: 'http://a.example/x?sig=1',
        why: 'the service fetches https URLs only, not http',
      },
      'SL401',
      'it redirects to http://a.example/x: the service fetches https URLs only, not http',
    ],
    [
      { kind: 'unreachable', why: 'its name leads to a private address', isPrivate: true },
      'SL401',
      'no answer from boards.example: its name leads to a private address',
    ],
  ])('is an error of the list: %j', (probed, code, message) => {
    const [finding, ...more] = findingsOf(IMAGE, probed);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code, message });
    expect(finding?.severity).toBeUndefined();
  });

  it.each<[ProbeAnswer, string]>([
    [refused(503), 'its server answers 503; the service may not be able to fetch it'],
    [refused(429), 'its server answers 429; the service may not be able to fetch it'],
    [file(null, 900), 'its server does not say whether it is an image'],
    [file('application/octet-stream', 900), 'its server does not say whether it is an image'],
    [file('image/png', null), 'its server does not say how large it is'],
    [
      { kind: 'unreachable', why: 'it took too long', isPrivate: false },
      'no answer from boards.example: it took too long',
    ],
  ])('is a warning only: %j', (probed, message) => {
    expect(findingsOf(IMAGE, probed)).toEqual([{ code: 'SL403', severity: 'warning', message }]);
  });

  it('takes a file for an image by its name if the server names no type', () => {
    const named = { ...IMAGE, url: 'https://boards.example/cliff.PNG?sig=1' };
    expect(findingsOf(named, file('binary/octet-stream', 900))).toEqual([]);
  });

  it('accepts a video of up to 100 MB', () => {
    expect(findingsOf(VIDEO, file('video/mp4', 100_000_000))).toEqual([]);
    expect(findingsOf(VIDEO, file('video/mp4', 110_000_000))).toHaveLength(1);
    expect(findingsOf(VIDEO, file('image/png', 10))).toHaveLength(1);
  });
});

describe('--check-urls', () => {
  it('asks about each URL once, and reports it at every line that names it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shotlist-urls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'film.yaml');
    await writeFile(
      path,
      `version: 1
defaults: { model: kling-3.0/pro, prompt: She turns }
elements:
  hero: { frontal_image: https://b.example/hero.png, reference_images: [https://b.example/side.png], video: https://b.example/hero.mp4 }
shots:
  - { id: one, start_image: https://b.example/gone.png }
  - { id: two, start_image: { url: https://b.example/gone.png, version: 2 }, end_image: https://b.example/end.png }
`,
    );
    const loaded = await loadShotList(path);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
    const asked: string[] = [];
    const findings = await checkUrls(loaded.value, async (url) => {
      asked.push(url);
      if (url.endsWith('.mp4')) return file('video/mp4', 10);
      return url.includes('gone') ? refused(404) : file('image/png', 10);
    });
    expect(asked.sort()).toEqual(
      ['end.png', 'gone.png', 'hero.mp4', 'hero.png', 'side.png'].map((name) => `https://b.example/${name}`),
    );
    const diagnostics = findings.map(diagnose);
    expect(diagnostics.map(({ line, code, severity }) => [line, code, severity])).toEqual([
      [6, 'SL401', 'error'],
      [7, 'SL401', 'error'],
    ]);
  });
});
