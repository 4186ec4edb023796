import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filmItems, filmLength, framesOf, placeItems } from '../../../src/cut/film/film.js';
import { type Piece, piecesOf } from '../../../src/cut/film/pieces.js';
import { shapeOf } from '../../../src/cut/film/shape.js';
import type { ClipPictures } from '../../../src/media/clip-pictures.js';
import { CONFIG, clip, used } from './world.js';

/** The film of these clips, with its items and pieces. */
function film(...clips: readonly Parameters<typeof used>[]) {
  const all = clips.map(([pictures, changes], index) =>
    used(pictures, { name: 'abcdef'[index], ...changes }),
  );
  const shape = shapeOf(all.map(({ pictures }) => pictures));
  if (!shape) throw new Error('no clips');
  const items = filmItems(all, shape);
  return { shape, items, length: filmLength(items), ...piecesOf(items, shape) };
}

/** Kind, clip and frames of each piece. */
const outline = (pieces: readonly Piece[]) =>
  pieces.map((piece) => `${piece.kind} ${piece.kind === 'card' ? '' : piece.clip.name} ${piece.frames}`);

describe('what is copied', () => {
  it('clips of the same kind are copied completely', () => {
    const { pieces, length } = film([clip()], [clip(), { use: [0, 5] }]);
    expect(outline(pieces)).toEqual(['copy a 120', 'copy b 120']);
    expect(length).toBe(240);
  });

  it('copying starts at a key frame, and frames before it are encoded', () => {
    const keyed = clip({ starts: [0, 48].map((place) => ({ place, time: place / 24 })) });
    expect(outline(film([keyed, { use: [1, 5] }]).pieces)).toEqual(['encode a 24', 'copy a 72']);
    expect(outline(film([keyed, { use: [2, 5] }]).pieces)).toEqual(['copy a 72']);
    expect(outline(film([clip(), { use: [1, 5] }]).pieces)).toEqual(['encode a 96']);
  });

  it('copying ends where no frame needs a later one', () => {
    // I P B B P B B …: shown as 0, then 3 1 2, then 6 4 5.
    const order = [
      0,
      ...Array.from({ length: 33 }, (_, group) => [3, 1, 2].map((shown) => shown + group * 3)).flat(),
    ];
    const bidirectional = clip({ shownAt: order });
    expect(outline(film([bidirectional, { use: [0, 2] }]).pieces)).toEqual(['copy a 46', 'encode a 2']);
    expect(film([bidirectional, { use: [0, 2] }]).pieces[0]).toMatchObject({
      order: order.slice(0, 46),
      start: 0,
    });
  });

  it('the kind of clip with the most copyable frames is copied, not the most frequent kind', () => {
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

  it('a crossfade is encoded, and the frames on both sides are copied if possible', () => {
    const { pieces, length } = film([clip()], [clip(), { transition: 1 }]);
    expect(outline(pieces)).toEqual(['copy a 96', 'dissolve b 24', 'encode b 96']);
    expect(length).toBe(216);
  });

  it.each([
    ['another size', { width: 1920, height: 1080 }, '1920×1080, fitted into 1280×720'],
    ['another rate', { rate: { num: 30, den: 1 } }, '30 frames a second, brought to 24'],
    ['uneven frames', { isEven: false }, 'its frames come unevenly, brought to 24 a second'],
    ['another codec', { codec: 'hevc', avc: null }, 'its pictures are HEVC; the film is H.264'],
    ['another encoder', { avc: { ...CONFIG, level: 40 } }, 'it was encoded differently from most clips'],
  ] as const)('a clip with %s is encoded', (_, changes, why) => {
    const { pieces } = film([clip()], [clip()], [clip(changes)]);
    expect(pieces[2]).toMatchObject({ kind: 'encode', why });
  });
});

it('a slate has whole frames and no crossfade', () => {
  const shape = { width: 1280, height: 720, rate: { num: 24, den: 1 } };
  const card = {
    ...({ kind: 'slate', name: 'a', seconds: 0.51, transition: 0 } as const),
    card: { film: '', shot: 'a', lines: [] },
  };
  const items = filmItems([used(clip()), card, used(clip(), { transition: 1 })], shape);
  expect(outline(piecesOf(items, shape).pieces)).toEqual(['copy clip 120', 'card  12', 'copy clip 120']);
});

describe('the length', () => {
  it('the length of a film is counted in frames, whatever the sound and the container say', () => {
    expect(film([clip(), { use: [0, 5.4] }]).length).toBe(120);
    expect(film([clip(), { use: [4.99, 5] }]).length).toBe(1);
  });

  it('the pieces of any cut follow each other without a gap and are as long as the film', () => {
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
  it('a film has the shape of most of its clips, in a tie of the first one', () => {
    const large = { width: 1920, height: 1080 };
    const widths = (...clips: readonly ClipPictures[]) => shapeOf(clips)?.width;
    expect(widths(clip(), clip(large), clip(large))).toBe(1920);
    expect(widths(clip(), clip(large))).toBe(1280);
    expect(widths(clip({ width: 1281 }))).toBe(1280);
    expect(shapeOf([])).toBe(null);
  });
});
