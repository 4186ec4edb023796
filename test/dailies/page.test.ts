import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makePageData } from '../../src/dailies/make-page-data.js';
import { pageHtml, pageJson } from '../../src/dailies/page.js';
import type { PagePart } from '../../src/dailies/page-data.js';
import type { ManifestEntry } from '../../src/manifest/manifest.js';
import { entry, manifestOf, NOT_HERE, pageOptions } from './world.js';

const page = (...entries: readonly ManifestEntry[]) => makePageData(manifestOf(...entries), pageOptions());

function firstPart(...entries: readonly ManifestEntry[]): PagePart {
  const part = page(...entries).scenes[0]?.shots[0]?.variants[0]?.takes[0]?.parts[0];
  if (!part) throw new Error('there is no part');
  return part;
}

describe('what the dailies page shows', () => {
  it('the page data has scenes, shots, variants and takes in list order', () => {
    const data = page(
      entry('a', { scene: '010' }),
      entry('a.take2', { shot: 'a', scene: '010', take: 2, selected: false }),
      entry('tint.x-1', { shot: 'tint.x-1', variant_of: 'tint', scene: '010' }),
      entry('tint.x-2', { shot: 'tint.x-2', variant_of: 'tint', scene: '010' }),
      entry('b'),
    );
    const outline = data.scenes.map(({ id, title, shots }) => [
      ...[id, title],
      ...shots.map((shot) => [shot.id, ...shot.variants.map(({ label, takes }) => [label, takes.length])]),
    ]);
    expect(outline).toEqual([
      ['010', 'The cliff', ['a', [null, 2]], ['tint', ['x-1', 1], ['x-2', 1]]],
      [null, null, ['b', [null, 1]]],
    ]);
  });

  it('the page data has the boards that were sent, without addresses on other machines', () => {
    const input = {
      prompt: 'p',
      start_image_url: { $file: 'boards/a b.png', sha256: 'a'.repeat(64), type: 'image/png' },
      end_image_url: 'https://boards.example/end.png?signature=secret',
      elements: [{ frontal_image_url: { $last_frame_of: 'b', key: 'a'.repeat(64) } }],
      cfg_scale: 0.4,
    };
    const part = firstPart(entry('a', { input }));
    expect(part.board).toEqual({ src: 'list:boards/a b.png', label: 'boards/a b.png', lastOf: null });
    expect(part.end).toEqual({ src: null, label: 'https://boards.example/end.png', lastOf: null });
    expect(part.elements).toEqual([
      { src: 'run:frames/aaaaaaaa.png', label: 'the last frame of b', lastOf: 'b' },
    ]);
    expect(part.settings).toEqual([['cfg_scale', '0.4']]);
  });

  it('the page data has addresses only of clips and stills that exist', () => {
    const files = new Set(['videos/a.mp4', 'stills/a.middle.jpg']);
    const runFile = (path: string) => (files.has(path) ? `run:${path}` : null);
    const data = makePageData(manifestOf(entry('a'), entry('b')), { ...pageOptions(), runFile });
    const parts = data.scenes.flatMap(({ shots }) =>
      shots.map(({ variants }) => variants[0]?.takes[0]?.parts[0]),
    );
    expect(parts[0]?.clip?.src).toBe('run:videos/a.mp4');
    expect(parts[0]?.stills).toEqual({ first: null, middle: 'run:stills/a.middle.jpg', last: null });
    expect(parts[1]?.clip).toBeNull();
  });

  it.each([
    ['planned', 'Not sent yet.', 'shotlist run film.yaml'],
    ['submitted', 'It is with the service.', 'shotlist run film.yaml'],
    ['completed', 'The next run fetches it.', 'shotlist run film.yaml'],
    ['failed', 'It is not sent again by itself.', 'shotlist run film.yaml --retry-failed'],
    ['unknown', 'settle it', 'shotlist resolve renders/film a.take2 --request-id …'],
  ] as const)('the page advises what to do about a submission in the state %s', (state, advice, command) => {
    const part = firstPart(entry('a.take2', { ...NOT_HERE, state }));
    expect(part.advice).toContain(advice);
    expect(part.command).toBe(command);
  });

  it('the page advises what to do about a clip whose file is gone', () => {
    const gone = { ...pageOptions(), runFile: () => null };
    const [scene] = makePageData(manifestOf(entry('a')), gone).scenes;
    const part = scene?.shots[0]?.variants[0]?.takes[0]?.parts[0];
    expect(part).toMatchObject({ clip: null, state: 'done', command: 'shotlist run film.yaml' });
    expect(part?.advice).toBe('Its clip is not here any more. The next run fetches it.');
  });

  it('a command names a shot whose id begins with a dash after --, so that it is not read as an option', () => {
    const { command } = firstPart(entry('-a', { ...NOT_HERE, state: 'unknown' }));
    expect(command).toBe('shotlist resolve renders/film --request-id … -- -a');
  });
});

const NASTY = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '\u001b[31mred\u0007',
  '\u202egnp.exe',
  '\u2028\u2029',
];

describe('the page as HTML', () => {
  it.each(NASTY)('the page shows %j as text and nothing else', (text) => {
    const nasty = entry('a', {
      prompt: text,
      notes: text,
      error: { code: null, message: text },
      scene: text,
    });
    const html = pageHtml(page(nasty), null);
    const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
    expect(json).not.toContain('<');
    expect(json).not.toMatch(/[\p{Cc}\u202e\u2028\u2029]/u);
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(JSON.parse(json).scenes[0].shots[0].notes).toBe(JSON.parse(pageJson(page(nasty))).scenes[0].id);
  });

  it('the page keeps the line breaks of a prompt', () => {
    expect(pageJson(page(entry('a', { prompt: 'one\ntwo' })))).toContain('"prompt":"one\\ntwo"');
  });

  it('the Content-Security-Policy of the page allows its own script only, and no other origin', () => {
    const html = pageHtml(page(entry('a')), null);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    const [script = ''] = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, code]) => code);
    const hash = createHash('sha256')
      .update(script ?? '')
      .digest('base64');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'sha256-${hash}'`);
    expect(policy).toContain("connect-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(html).not.toMatch(/(src|href)="https?:/);
  });
});
