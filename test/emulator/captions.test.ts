import { describe, expect, it } from 'vitest';
import { captions, slateCard } from '../../src/emulator/captions.js';
import { frameFor, place } from '../../src/emulator/layout.js';
import type { AnimaticShot } from '../../src/emulator/shot.js';
import { assLiteral } from '../../src/media/ass.js';
import { widthOf, wrapText } from '../../src/media/wrap-text.js';

/** U+2060, which keeps a backslash from being the start of an escape. */
const JOINER = '\u2060';

describe('assLiteral', () => {
  it.each([
    ['plain words', 'plain words'],
    ['{\\b1}bold{\\b0}', `\\{\\${JOINER}b1}bold\\{\\${JOINER}b0}`],
    ['C:\\new\\Notes', `C:\\${JOINER}new\\${JOINER}Notes`],
    ['one\ntwo\r\nthree', 'one\\Ntwo\\Nthree'],
    ['tab\there', 'tab here'],
    ['nul\u0000 and bell\u0007', 'nul and bell'],
    ['海辺, ça, ünd 🎬', '海辺, ça, ünd 🎬'],
  ])('assLiteral shows %j unchanged', (text, safe) => {
    expect(assLiteral(text)).toBe(safe);
  });
});

describe('wrapText', () => {
  it('wrapText breaks between words, keeps line breaks, and ends cut text with an ellipsis', () => {
    expect(wrapText('She walks\ndown to the water', { ems: 6, lines: 3 })).toEqual({
      lines: ['She walks', 'down to', 'the water'],
      isWhole: true,
    });
    expect(wrapText('one two three four five six seven', { ems: 5, lines: 2 })).toEqual({
      lines: ['one two', 'three…'],
      isWhole: false,
    });
  });

  it('wrapText makes lines about equally long, so that none has a single word', () => {
    expect(wrapText('The keeper climbs the path toward it', { ems: 18, lines: 2 }).lines).toEqual([
      'The keeper climbs',
      'the path toward it',
    ]);
  });

  it('wrapText breaks a word that is longer than a line, never inside a visible character', () => {
    const family = '👩‍👩‍👧';
    expect(wrapText(family.repeat(5), { ems: widthOf(family) * 2, lines: 3 }).lines).toEqual([
      family.repeat(2),
      family.repeat(2),
      family,
    ]);
  });

  it('wrapText never makes a line too wide', () => {
    const text = 'The camera slowly dollies in, WIDE to CLOSE: supercalifragilisticexpialidocious @hero 100%';
    for (const ems of [3, 7, 20]) {
      for (const line of wrapText(text, { ems, lines: 3 }).lines)
        expect(widthOf(line)).toBeLessThanOrEqual(ems);
    }
  });

  it('wrapText makes no lines of no text', () => {
    expect(wrapText(' \n ', { ems: 10, lines: 3 }).lines).toEqual([]);
  });
});

describe('frameFor', () => {
  it.each([
    [1920, 1080, 1280, 720],
    [1080, 1920, 720, 1280],
    [500, 500, 960, 960],
    [2390, 1000, 1280, 536],
    [1999, 1125, 1280, 720],
    [5000, 100, 1280, 512],
  ])('a frame for a board of %i×%i is %i×%i', (width, height, wide, high) => {
    expect(frameFor({ width, height })).toEqual({ width: wide, height: high });
  });

  it('a frame shows a picture of its own shape whole, and puts bars beside another', () => {
    expect(place({ width: 1999, height: 1125 }, { width: 1280, height: 720 })).toMatchObject({
      width: 1280,
      x: 0,
      y: 0,
    });
    expect(place({ width: 100, height: 100 }, { width: 1280, height: 720 })).toEqual({
      width: 720,
      height: 720,
      x: 280,
      y: 0,
    });
  });
});

describe('captions', () => {
  const shot: AnimaticShot = {
    model: 'kling-3.0/pro',
    seconds: 8,
    segments: [
      { prompt: 'She walks down', seconds: 3 },
      { prompt: 'Waves {\\pos(0,0)}reach her feet', seconds: 5 },
    ],
    audio: false,
    start: { kind: 'stored', file: 'pictures/a.png', width: 1280, height: 720 },
    end: { kind: 'remote', url: 'https://boards.example/a%20b/last.png?key=secret' },
  };
  const lines = captions(shot).split('\n');

  it('captions show each prompt during its segment, and none in the last frame', () => {
    expect(lines.find((line) => line.includes('She walks'))).toMatch(
      /^Dialogue: 1,0:00:00.00,0:00:03.00,prompt,/,
    );
    expect(lines.find((line) => line.includes('Waves'))).toMatch(
      /^Dialogue: 1,0:00:03.00,0:00:07.95,prompt,/,
    );
    expect(lines.some((line) => line.includes('2 / 2'))).toBe(true);
  });

  it('captions show a timecode in every frame but the last', () => {
    const codes = lines.filter((line) => line.includes(',time,')).map((line) => line.slice(-11));
    expect(codes).toHaveLength(8 * 24 - 1);
    expect([codes[0], codes[23], codes[24], codes.at(-1)]).toEqual([
      '00:00:00:00',
      '00:00:00:23',
      '00:00:01:00',
      '00:00:07:22',
    ]);
  });

  it('captions say that the clip is an animatic, and of which model', () => {
    expect(lines.some((line) => line.endsWith('ANIMATIC'))).toBe(true);
    expect(lines.some((line) => line.endsWith('kling-3.0/pro'))).toBe(true);
  });

  it('captions say how the camera words were understood', () => {
    const segments = [{ prompt: 'Slow pan left.', seconds: 8 }];
    expect(captions({ ...shot, segments })).toContain('PAN LEFT');
  });

  it('captions align a right-to-left language at the right', () => {
    const segments = [{ prompt: 'القارب يقترب', seconds: 8 }];
    const line = captions({ ...shot, segments })
      .split('\n')
      .find((text) => text.includes('القارب'));
    expect(line).toContain('\\an9\\pos(1216,');
  });

  it('captions stay in the title-safe area for every length of prompt and shape of frame', () => {
    for (const [width, height] of [
      [1280, 720],
      [720, 1280],
      [960, 960],
      [1280, 512],
      [512, 1280],
    ] as const) {
      for (const prompt of [
        'Short.',
        'A word and another, '.repeat(60),
        'X'.repeat(2000),
        '海'.repeat(500),
      ]) {
        const start = { kind: 'stored', file: 'a.png', width, height } as const;
        const text = captions({ ...shot, start, segments: [{ prompt, seconds: 8 }] });
        for (const [, x, y] of text.matchAll(/\\pos\((\d+),(\d+)\)/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(Math.round(width * 0.05));
          expect(Number(x)).toBeLessThanOrEqual(width - Math.round(width * 0.05));
          expect(Number(y)).toBeGreaterThanOrEqual(Math.round(height * 0.05));
          expect(Number(y)).toBeLessThanOrEqual(height * 0.95);
        }
      }
    }
  });

  it('captions name a link by its host and file, never by its query', () => {
    const url = 'https://boards.example/a%20b/last.png?key=secret';
    const card = slateCard(shot, { url, label: 'END IMAGE' });
    expect(card).toContain('boards.example');
    expect(card).toContain('last.png');
    expect(card).not.toContain('secret');
  });
});
