import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from '../../src/language/lines.js';
import { parseYaml } from '../../src/language/parse-yaml.js';
import { readInPieces } from '../../src/language/read-in-pieces.js';
import { readValue } from '../../src/language/read-value.js';
import { runs, spoilt } from '../rig/spoil.js';
import { FIXTURES } from './workspace.js';

/** Small enough that every list has several pieces. */
const SIZE = 40;

const HEAD = 'version: 1\ntitle: Lighthouse\nscenes:\n  a: { title: One }\n';
const SHOTS = `shots: # in story order

  # the first
  - id: a
    prompt: >-
      Wide of a headland.

      - a dash in a text
  - id: b
    prompt: "The keeper
      climbs"
    segments:
      - prompt: up
      - { prompt: down, duration: 3 }

  -
    id: c
    notes: |+
      # no comment

# at the margin
  - { id: d,
      prompt: on two lines }
`;
const TAIL = 'defaults:\n  duration: 5\n';

/** The value as the whole document has it, and whether there is nothing to say about it. */
function whole(text: string): { value: unknown; isSound: boolean } {
  const yaml = parseYaml(text);
  const { value, findings, readable } = readValue(yaml, { text, lines: new Lines(text) });
  const isSound = readable && findings.length + yaml.errors.length + yaml.warnings.length === 0;
  return { value, isSound };
}

describe('a list read in pieces', () => {
  it.each([
    ['with its shots last', HEAD + SHOTS],
    ['with its shots in the middle', HEAD + SHOTS + TAIL],
    ['that begins with its shots', SHOTS + HEAD],
    ['with its shots in the first column', `${HEAD}${SHOTS.replaceAll(/^ {2}/gm, '')}${TAIL}`],
    ['with the line ends of Windows', (HEAD + SHOTS + TAIL).replaceAll('\n', '\r\n')],
    ['with an anchor and its alias in one shot', `${HEAD}${SHOTS}  - { id: e, prompt: &p hi, notes: *p }\n`],
  ])('is what the whole is, %s', (_, text) => {
    expect(readInPieces(text, SIZE)).toEqual(whole(text).value);
  });

  it.each([
    ['an alias that leads out of its piece', `x-p: &p hi\n${HEAD}${SHOTS}  - { id: e, prompt: *p }\n`],
    ['a name that stands twice', `${HEAD}${SHOTS}${TAIL}title: Again\n`],
    ['`shots` that stands twice', `${HEAD}${SHOTS}${TAIL}${SHOTS}`],
    ['a comment in a prompt', `${HEAD}${SHOTS}  - id: e\n    prompt: shot #3 #4\n`],
    ['a second document', `${HEAD}${SHOTS}---\n${TAIL}`],
    ['an end before the text’s', `${HEAD}...\n${SHOTS}`],
    ['a map in braces before the shots', `{ version: 1,\ntitle: A }\n${SHOTS}`],
    ['a text that goes on behind the shots', `${HEAD}notes: "to be\n${SHOTS}${TAIL}continued"\n`],
    ['shots that are indented as a field', `${HEAD}  ${SHOTS}`],
    ['a separator that only other programs take for a line end', `title: a\u2028${SHOTS}`],
    ['shots under an anchor', `${HEAD}${SHOTS.replace('# in story order', '&all')}`],
  ])('is left to the whole because of %s', (_, text) => {
    expect(readInPieces(text, SIZE)).toBeNull();
  });

  it('is what the whole is, or nothing, however it is spoilt', () => {
    const lists = readdirSync(join(FIXTURES, 'lists')).filter((name) => name.endsWith('.yaml'));
    const texts = Object.fromEntries([
      ...lists.map((name) => [name, readFileSync(join(FIXTURES, 'lists', name))] as const),
      ...Array.from(
        { length: lists.length },
        (_, at) => [`own-${at}`, Buffer.from(HEAD + SHOTS + TAIL)] as const,
      ),
    ]);
    const property = fc.property(spoilt(texts), fc.integer({ min: 1, max: 200 }), ([, bytes], size) => {
      const text = new TextDecoder().decode(bytes);
      // Deeper nesting than the stack takes is told elsewhere.
      if (/(?:[[{]|- |: ){99}|\[{9}/.test(text)) return;
      const value = readInPieces(text, size);
      if (value !== null) expect({ value, isSound: true }).toEqual(whole(text));
    });
    fc.assert(property, runs(300));
  });
});
