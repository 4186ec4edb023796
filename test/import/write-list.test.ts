import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aspectName, commonAspect, type ImportedShot } from '../../src/import/imported.js';
import { writeList } from '../../src/import/write-list.js';

const options = {
  folder: '/films/sea',
  model: 'kling-3.0/standard',
  lengthsOf: () => [3, 4, 5, 6, 7, 8, 9, 10],
};

function write(shots: readonly ImportedShot[], more: { schema?: string } = {}): string {
  const imported = { title: 'Sea', origin: 'the images in boards', aspect: '16:9', shots, notices: [] };
  return writeList(imported, { ...options, ...more });
}

function shotsIn(text: string): Record<string, unknown>[] {
  return parse(text).shots;
}

describe('the list that is written', () => {
  it('keeps emoji whole in folded texts', () => {
    for (let length = 60; length < 130; length += 1) {
      const notes = `* "${'x'.repeat(length)}🌊🌊🌊 and on`;
      const written = Buffer.from(write([{ name: 'a', startImage: '/films/sea/a.png', notes }])).toString();
      expect(shotsIn(written)[0]).toMatchObject({ notes });
    }
  });

  it('writes an imported list as a person would', () => {
    const text = write(
      [
        { name: '0010', startImage: '/films/sea/boards/a b.png' },
        {
          name: 'wave',
          scene: '2',
          startImage: '/films/sea/boards/wave.png',
          seconds: 1.5,
          action: 'The wave breaks',
          dialogue: 'ANNA: Look @ that',
          camera: { size: 'MS', move: 'push in' },
          notes: 'cold\r\nwet',
        },
      ],
      { schema: './.shotlist/shotlist.schema.json' },
    );
    expect(text).toBe(`# yaml-language-server: $schema=./.shotlist/shotlist.schema.json
# Imported from the images in boards. “to write” marks what it does not say.

version: 1
title: Sea
aspect: 16:9

defaults:
  model: kling-3.0/standard
  duration: 5
  audio: false # the service adds sound, and charges for it, unless told not to

shots:
  - id: "0010"
    start_image: boards/a b.png
    prompt: "The camera pushes in slowly." # to write: what happens in this shot

  - id: wave
    scene: "2"
    start_image: boards/wave.png
    duration: 3 # the source has 1.5 s, the model makes no less than 3
    use: [ 0, 1.5 ]
    camera: { size: MS, move: push in }
    prompt: "The wave breaks. ANNA says: “Look @@ that”"
    notes: |-
      cold
      wet
`);
  });

  it('marks missing fields of an imported list with a comment', () => {
    const text = write([{ name: 'a', unreadLength: 'long', action: 'x' }]);
    expect(text).toContain('  - id: a # to write: its start_image\n');
    expect(text).toContain('    duration: 5 # to write: the source says "long"\n');
  });

  it.each([
    ['~odd/a.png', './~odd/a.png'],
    ['a #1: @{x}.png', 'a #1: @{x}.png'],
    ['two\nlines.png', 'two\nlines.png'],
  ])('writes the path of the file %j as a list takes it', (file, path) => {
    const text = write([{ name: 'a', startImage: `/films/sea/${file}` }]);
    expect(shotsIn(text)[0]?.start_image).toBe(path);
    expect(text).not.toContain('|-');
  });

  it.each([
    'ends in # a comment',
    '@hero: "quoted" and \'more\'',
    'a\u0007bell, a\u2028line',
    '- dash',
    'x'.repeat(300),
    'word '.repeat(60).trim(),
    '> folded',
    '{ flow }',
    'null',
    '007',
    'half \ud800 pair',
    '# all comment',
  ])('keeps the text %j of the source in prompt and notes', (action) => {
    const [shot] = shotsIn(write([{ name: 'a', action, notes: action }]));
    const meant = action.replace('\u0007', ' ').replace('\u2028', ' ').replace('\ud800', '\ufffd');
    expect(shot?.prompt).toBe(meant.replaceAll('@', '@@'));
    expect(shot?.notes).toBe(meant);
  });
});

describe('whatever a source says', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  const shot = fc.record(
    {
      name: text,
      scene: text,
      action: text,
      dialogue: text,
      notes: text,
      seconds: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    },
    { requiredKeys: ['name'] },
  );

  it('writes valid YAML with an id and a prompt for every shot, whatever the source says', () => {
    fc.assert(
      fc.property(fc.array(shot, { minLength: 1, maxLength: 5 }), (given) => {
        const shots = shotsIn(write(given));
        expect(shots).toHaveLength(given.length);
        for (const { id, prompt, duration = 5 } of shots) {
          expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(prompt).toMatch(/\S/);
          expect(Number.isInteger(duration)).toBe(true);
        }
        expect(new Set(shots.map(({ id }) => String(id).toLowerCase())).size).toBe(given.length);
      }),
    );
  });
});

describe('the shape of boards', () => {
  it.each([
    [1920 / 1080, '16:9'],
    [1366 / 768, '16:9'],
    [2.39, '2.39:1'],
    [2.2, '2.2:1'],
    [0.5625, '9:16'],
    [Number.NaN, null],
    [1000, null],
  ])('calls the ratio %d %s', (ratio, name) => {
    expect(aspectName(ratio)).toBe(name);
  });

  it('returns the common shape of boards, or null if they differ', () => {
    expect(commonAspect([16 / 9, 1.78])).toBe('16:9');
    expect(commonAspect([16 / 9, 1])).toBeNull();
    expect(commonAspect([])).toBeNull();
  });
});
