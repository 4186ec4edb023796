import { expect, it } from 'vitest';
import { filmSummary, type MadeFilm } from '../../src/commands/dailies/assemble.js';
import { filmItems } from '../../src/cut/film/film.js';
import { piecesOf } from '../../src/cut/film/pieces.js';
import { clip, used } from '../cut/film/world.js';

const SHAPE = { width: 1280, height: 720, rate: { num: 24, den: 1 } };

function film(loudness: number, wanted: number | null): MadeFilm {
  const items = filmItems([used(clip())], SHAPE);
  return {
    items,
    shape: SHAPE,
    pieces: piecesOf(items, SHAPE).pieces,
    loudness: wanted,
    path: 'film.mp4',
    bytes: 1000,
    variants: new Map(),
    sound: { file: 'sound.f32', gain: 0, loudness, isSilent: false },
  };
}

it('the summary of a film says if its peaks keep it from the wanted loudness', () => {
  expect(filmSummary(film(-18.7, -16))).toContain(
    'brought to -18.7 LUFS (EBU R 128), as near to -16 as its peaks allow.\n',
  );
  expect(filmSummary(film(-16.4, -16))).toContain('brought to -16.4 LUFS (EBU R 128).\n');
});
