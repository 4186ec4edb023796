import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filmItems, filmLength, framesOf, placeItems } from '../../../src/cut/film/film.js';
import { type Piece, piecesOf } from '../../../src/cut/film/pieces.js';
import { shapeOf } from '../../../src/cut/film/shape.js';
import type { ClipPictures } from '../../../src/media/clip-pictures.js';
import { CONFIG, clip, used } from './world.js';

/** The film of these clips as pieces: what is copied by its places, what is encoded by its number. */
function film(...clips: readonly Parameters<typeof used>[]) {
  const all = clips.map(([pictures, changes], index) =>
    used(pictures, { name: 'abcdef'[index], ...changes }),
  );
  const shape = shapeOf(all.map(({ pictures }) => pictures));
  if (!shape) throw new Error('no clips');
  const items = filmItems(all, shape);
  return { shape, items, length: filmLength(items), ...piecesOf(items, shape) };
}

const said = (pieces: readonly Piece[]) =>
  pieces.map((piece) => `${piece.kind} ${piece.kind === 'card' ? '' : piece.clip.name} ${piece.frames}`);

describe('what is copied', () => {
  it('is all of clips that agree', () => {
    const { pieces, length } = film([clip()], [clip(), { use: [0, 5] }]);
    expect(said(pieces)).toEqual(['copy a 120', 'copy b 120']);
    expect(length).toBe(240);
  });

  it('begins at a key frame: what is used before one is encoded', () => {
    const keyed = clip({ starts: [0, 48].map((place) => ({ place, time: place / 24 })) });
    expect(said(film([keyed, { use: [1, 5] }]).pieces)).toEqual(['encode a 24', 'copy a 72']);
    expect(said(film([keyed, { use: [2, 5] }]).pieces)).toEqual(['copy a 72']);
    expect(said(film([clip(), { use: [1, 5] }]).pieces)).toEqual(['encode a 96']);
  });

  it('ends where no picture needs a later one', () => {
    // I P B B P B B …: shown as 0, then 3 1 2, then 6 4 5.
    const order = [
      0,
      ...Array.from({ length: 33 }, (_, group) => [3, 1, 2].map((shown) => shown + group * 3)).flat(),
    ];
    const bidirectional = clip({ shownAt: order });
    expect(said(film([bidirectional, { use: [0, 2] }]).pieces)).toEqual(['copy a 46', 'encode a 2']);
    expect(film([bidirectional, { use: [0, 2] }]).pieces[0]).toMatchObject({
      order: order.slice(0, 46),
      start: 0,
    });
  });

  it('is what the most pictures of can be copied, not what the most clips are', () => {
    const other = { ...CONFIG, level: 40 };
    const cut: Parameters<typeof used> = [clip({ avc: other }), { use: [1, 5] }];
    expect(film(cut, cut, [clip()])).toMatchObject({
      config: CONFIG,
      pieces: [{ kind: 'encode' }, { kind: 'encode' }, { kind: 'copy' }],
    });
    expect(film(cut)).toMatchObject({
      config: null,
      pieces: [{ why: 'it is not used from a key frame on' }],
    });
  });

  it('leaves a crossfade to both of its sides', () => {
    const { pieces, length } = film([clip()], [clip(), { transition: 1 }]);
    expect(said(pieces)).toEqual(['copy a 96', 'dissolve b 24', 'encode b 96']);
    expect(length).toBe(216);
  });

  it.each([
    ['another size', { width: 1920, height: 1080 }, '1920×1080, fitted into 1280×720'],
    ['another rate', { rate: { num: 30, den: 1 } }, '30 frames a second, brought to 24'],
    ['uneven frames', { isEven: false }, 'its frames come unevenly, brought to 24 a second'],
    ['another codec', { codec: 'hevc', avc: null }, 'its pictures are HEVC; the film is H.264'],
    ['another encoder', { avc: { ...CONFIG, level: 40 } }, 'it was encoded differently from most clips'],
  ] as const)('is not what has %s', (_, changes, why) => {
    const { pieces } = film([clip()], [clip()], [clip(changes)]);
    expect(pieces[2]).toMatchObject({ kind: 'encode', why });
  });
});

it('is cut plainly beside a slate, which stands in whole frames', () => {
  const shape = { width: 1280, height: 720, rate: { num: 24, den: 1 } };
  const card = {
    ...({ kind: 'slate', name: 'a', seconds: 0.51, transition: 0 } as const),
    card: { film: '', shot: 'a', lines: [] },
  };
  const items = filmItems([used(clip()), card, used(clip(), { transition: 1 })], shape);
  expect(said(piecesOf(items, shape).pieces)).toEqual(['copy clip 120', 'card  12', 'copy clip 120']);
});

describe('the length', () => {
  it('is counted in pictures, whatever the sound and the container say', () => {
    expect(film([clip(), { use: [0, 5.4] }]).length).toBe(120);
    expect(film([clip(), { use: [4.99, 5] }]).length).toBe(1);
  });

  it('is that of the pieces, which follow each other without a gap, for any cut', () => {
    const seconds = fc.integer({ min: 0, max: 5000 }).map((ms) => ms / 1000);
    const any = fc.record({
      from: seconds,
      to: seconds,
      transition: seconds,
      keys: fc.uniqueArray(fc.integer({ min: 1, max: 119 })),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 6 }), (cuts) => {
        const { pieces, items, length } = film(
          ...cuts.map(({ from, to, transition, keys }): Parameters<typeof used> => {
            const starts = [0, ...keys.toSorted((a, b) => a - b)].map((place) => ({
              place,
              time: place / 24,
            }));
            return [clip({ starts }), { use: from < to ? [from, to] : null, transition }];
          }),
        );
        expect(pieces.reduce((sum, { frames }) => sum + frames, 0)).toBe(length);
        expect(pieces.every(({ frames }) => frames > 0)).toBe(true);
        const last = placeItems(items).at(-1);
        expect(last && last.at + framesOf(last.item)).toBe(length);
      }),
    );
  });
});

describe('the shape', () => {
  it('is what most clips have, and the first where as many have another', () => {
    const large = { width: 1920, height: 1080 };
    const widths = (...clips: readonly ClipPictures[]) => shapeOf(clips)?.width;
    expect(widths(clip(), clip(large), clip(large))).toBe(1920);
    expect(widths(clip(), clip(large))).toBe(1280);
    expect(widths(clip({ width: 1281 }))).toBe(1280);
    expect(shapeOf([])).toBe(null);
  });
});
