import { list, type Mutation, shot } from './mutation.js';

const one = 'shots: [{ <<: *all, id: a }]';

/** A list of shots with all needed fields and the given ones; the shots begin in line 4. */
const shots = (...lines: readonly string[]) =>
  list(`shots:\n${lines.map((line) => `  - { <<: *all, ${line} }`).join('\n')}`);

/** A list of two shots; the second is chained to the shot `id`. */
const chain = (first: string, id: string) =>
  shots(`id: a, ${first}`, `id: b, start_image: { last_frame_of: ${id} }`);

/** Changes to inheritance, variables, matrices, tables and chains. */
export const language: readonly Mutation[] = [
  ['a variable', list(`vars: { place: here }\nlook: \${place}\n${one}`)],
  ['a variable from above', list(`vars: { a: here, b: "\${a} and there" }\nlook: \${b}\n${one}`)],
  [
    'a variable from below',
    list(`vars: { b: "\${a} and there", a: here }\nlook: \${b}\n${one}`),
    'SL106 3:13',
  ],
  ['a variable inside itself', list(`vars: { a: "\${a}" }\nlook: \${a}\n${one}`), 'SL106 3:13'],
  ['a variable of no value', list(`vars: { a: null }\nlook: \${a}\n${one}`), 'SL101 3:12'],
  ['a variable that is a list', list(`vars: { a: [b] }\nlook: \${a}\n${one}`), 'SL101 3:12'],
  ['a variable that is a map', list(`vars: { a: { b: c } }\nlook: \${a}\n${one}`), 'SL101 3:12'],
  ['a variable called by a number', list(`vars: { 1a: b }\n${one}`), 'SL101 3:9'],
  ['a variable with a space', list(`vars: { a b: c }\n${one}`), 'SL101 3:9'],
  ['a list of variables', list(`vars: [a]\n${one}`), 'SL101 3:7'],
  [
    'a variable called as objects are',
    list(`vars: { __proto__: x, constructor: y }\nlook: \${__proto__} \${constructor}\n${one}`),
  ],
  ['a property of all objects', shots('id: a, prompt: "in ${toString}"'), 'SL106 4:36'],
  ['a misspelt variable', list(`vars: { place: here }\nlook: in \${plaec}\n${one}`), 'SL106 4:10'],
  ['a variable of no name', shots('id: a, prompt: "in ${} and ${ }"'), 'SL106 4:36', 'SL106 4:44'],
  ['a brace that nothing closes', shots('id: a, prompt: "in ${place today"'), 'SL106 4:36'],
  ['the sign itself', shots('id: a, prompt: "$${place} for $5 {net} $$"')],
  ['an unknown variable for a number', shots('id: a, duration: "${n}"'), 'SL106 4:35'],
  ['an unknown variable in a path', shots('id: a, start_image: "${n}.png"'), 'SL106 4:38'],
  ['an unknown variable in an aspect', list(`aspect: "\${n}"\n${one}`), 'SL106 3:10'],
  ['a variable behind its code', shots(String.raw`id: a, prompt: "\x24{place}"`), 'SL106 4:32'],
  [
    'text for a number',
    list(`vars: { n: many }\nshots:\n  - { <<: *all, id: a, duration: "\${n}" }`),
    'SL101 5:34',
  ],
  [
    'a number for a text',
    list(`vars: { n: 1917 }\nshots:\n  - { <<: *all, id: a, prompt: "\${n}", scene: "\${n}" }`),
  ],

  ['an include that is no list', list(`include: shared.yaml\n${one}`), 'SL101 3:10'],
  ['an include of a number', list(`include: [5]\n${one}`), 'SL101 3:11'],
  ['an include of nothing', list(`include: [none.yaml]\n${one}`), 'SL222 3:11'],
  ['an include of a folder', list(`include: [boards]\n${one}`), 'SL222 3:11'],
  ['an include of the list', list(`include: [film.yaml]\n${one}`), 'SL222 3:11'],
  ['an include out of the repository', list(`include: [/etc/hostname]\n${one}`), 'SL212 3:11'],
  ['an include above the repository', list(`include: [../none.yaml]\n${one}`), 'SL212 3:11'],
  ['an include by a link out of the repository', list(`include: [made/outside.png]\n${one}`), 'SL212 3:11'],
  ['an include of a device, by a link', list(`include: [made/device.png]\n${one}`), 'SL212 3:11'],
  ['an include of a pipe', list(`include: [made/pipe.png]\n${one}`), 'SL222 3:11'],

  ['an unknown scene', list(`scenes: { "010": {} }\nshots: [{ <<: *all, id: a, scene: 011 }]`), 'SL109 4:35'],
  [
    'an unknown scene in the defaults',
    list(`scenes: { "010": {} }\ndefaults: { scene: 011 }\n${one}`),
    'SL109 4:20',
  ],
  [
    'a scene of all objects',
    list(`scenes: { "010": {} }\nshots: [{ <<: *all, id: a, scene: toString }]`),
    'SL109 4:35',
  ],
  ['a scene in a scene', list(`scenes: { "010": { defaults: { scene: "020" } } }\n${one}`), 'SL102 3:32'],
  ['a scene that is a word', list(`scenes: { "010": cliff }\n${one}`), 'SL101 3:18'],
  ['a scene called by a number', list(`scenes: { 10: cliff }\n${one}`), 'SL101 3:15'],
  ['a misspelt field of a scene', list(`scenes: { "010": { titel: x } }\n${one}`), 'SL102 3:20'],
  [
    'a misspelt default of a scene',
    list(`scenes: { "010": { defaults: { durtion: 5 } } }\n${one}`),
    'SL102 3:32',
  ],
  ['a list of scenes at the top', list(`scenes: ["010"]\n${one}`), 'SL101 3:9'],
  ['an id in the defaults', list(`defaults: { id: a }\n${one}`), 'SL102 3:13'],
  ['a profile that is a word', list(`profiles: { final: 4k }\n${one}`), 'SL101 3:20'],
  ['a misspelt field of a profile', list(`profiles: { final: { modle: x } }\n${one}`), 'SL102 3:22'],
  ['a profile with a space', list(`profiles: { my final: {} }\n${one}`), 'SL101 3:13'],
  ['a profile of no takes', list(`profiles: { final: { takes: 0 } }\n${one}`), 'SL101 3:29'],

  ['a camera', shot('camera: { size: MS, angle: low, move: pan, lens: 35mm }')],
  ['a camera in a word', shot('camera: close'), 'SL101 9:13'],
  ['an unknown part of a camera', shot('camera: { zoom: in }'), 'SL102 9:15'],
  ['an empty camera', shot('camera: {}'), 'SL101 9:13'],
  ['a size that is a number', shot('camera: { size: 5 }'), 'SL101 9:21'],
  ['a look that is a list', shot('look: [warm]'), 'SL101 9:11'],
  ['a look of nothing', shot('look: ""'), 'SL101 9:11'],

  ['no takes', shot('takes: 0'), 'SL101 9:12'],
  ['too many takes', shot('takes: 1001'), 'SL101 9:12'],
  ['takes in a word', shot('takes: two\nselect: 2'), 'SL101 9:12'],
  ['take zero', shot('select: 0'), 'SL101 9:13'],
  ['a take too far', shot('takes: 2\nselect: 3'), 'SL111 10:13'],
  ['a use of three', shot('use: [0, 1, 2]'), 'SL101 9:10'],
  ['a use of one', shot('use: [1]'), 'SL101 9:10'],
  ['a use in seconds and words', shot('use: [0, 2s]'), 'SL101 9:14'],
  ['a use before the start', shot('use: [-1, 2]'), 'SL101 9:11'],
  ['a use turned round', shot('use: [3, 2]'), 'SL112 9:10'],
  ['a use after the end', shot('duration: 4\nuse: [0, 5]'), 'SL112 10:10'],
  ['a use of an unreadable length', shot('duration: 4s\nuse: [0, 12]'), 'SL101 9:15'],
  ['an approval too short', shot('approved: 3fa9c1d'), 'SL101 9:15'],
  ['an approval in capitals', shot('approved: 3FA9C1D2'), 'SL101 9:15'],
  ['an approval of something else', shot('approved: 00000000'), 'SL113 9:15'],
  ['a split in a word', shot('split: auto'), 'SL101 9:12'],
  ['a split of nothing', shot('split: true\nduration: 30'), 'SL302 10:15'],

  ['a matrix', shot('matrix: { cfg_scale: [0.3, null], model: [kling-3.0/pro, kling-3.0/4k] }')],
  ['a matrix in a number', shot('matrix: 5'), 'SL101 9:13'],
  ['a matrix of nothing', shot('matrix: {}'), 'SL101 9:13'],
  ['a matrix of no values', shot('matrix: { cfg_scale: [] }'), 'SL101 9:26'],
  ['a matrix of one value', shot('matrix: { cfg_scale: 0.3 }'), 'SL101 9:26'],
  ['a matrix over an unknown field', shot('matrix: { seed: [1, 2] }'), 'SL102 9:15'],
  ['a matrix over ids', shot('matrix: { id: [a, b] }'), 'SL102 9:15'],
  ['a matrix over __proto__', shot('matrix: { __proto__: [a, b] }'), 'SL102 9:15'],
  ['a matrix over a model there is not', shot('matrix: { model: [kling-3.0/pro, kling] }'), 'SL201 9:38'],
  ['a matrix over a value too large', shot('matrix: { cfg_scale: [0.3, 7] }'), 'SL302 9:32'],
  ['a matrix of a wrong kind', shot('matrix: { cfg_scale: [0.3, high] }'), 'SL101 9:32'],
  [
    'a matrix over a field that a model lacks',
    shot('matrix: { end_image: [null, boards/beach.png] }'),
    'SL301 9:15',
  ],
  [
    'a million submissions',
    shot(`matrix: { prompt: [${letters(1000)}], look: [${letters(1000)}] }`),
    'SL114 9:5',
  ],
  [
    'a million submissions that may be split',
    shot(`split: true\nmatrix: { prompt: [${letters(1000)}], look: [${letters(1000)}] }`),
    'SL114 10:5',
  ],
  ['a thousand takes', shot('takes: 1000')],
  ['a thousand takes of eleven', shot(`takes: 1000\nmatrix: { look: [${letters(11)}] }`), 'SL114 10:5'],

  ['a missing table', shot('each: rows.csv'), 'SL221 9:11'],
  ['a table that is a folder', shot('each: boards'), 'SL221 9:11'],
  ['a table out of the repository', shot('each: ../none.csv'), 'SL212 9:11'],
  ['a table on another drive', shot("each: 'D:rows.csv'"), 'SL212 9:11'],
  ['a table in a home folder', shot('each: ~/rows.csv'), 'SL212 9:11'],
  ['a table by a link out of the repository', shot('each: made/outside.csv'), 'SL212 9:11'],
  ['a table that is an endless link', shot('each: made/device.csv'), 'SL212 9:11'],
  ['tables', shot('each: [a.csv, b.csv]'), 'SL101 9:11'],
  ['a column without a table', shots('id: a, prompt: "a ${row.x}"'), 'SL106 4:35'],
  ['a column without a table, spaced', shots('id: a, prompt: "a ${ row.x }"'), 'SL106 4:35'],
  [
    'a column in an element',
    list(`elements: { a: { video: "https://a.com/\${row.x}" } }\n${one}`),
    'SL106 3:40',
  ],

  ['a chain', chain('takes: 2, select: 2', 'a')],
  ['a chain to an unknown shot', chain('takes: 2', 'z'), 'SL108 5:54'],
  ['a chain to itself', chain('takes: 2', 'b'), 'SL107 5:54'],
  ['a chain to a take', chain('takes: 2', 'a.take2'), 'SL108 5:54'],
  ['a chain to a matrix', chain('matrix: { cfg_scale: [0, 1] }', 'a'), 'SL108 5:54'],
  ['a chain to a variant', chain('matrix: { cfg_scale: [0, 0.5] }', 'a.cfg_scale-0.5')],
  ['a chain to a variant of a broken matrix', chain('matrix: 5', 'a.cfg_scale-0.5'), 'SL101 4:32'],
  ['a chain to a row of a missing table', chain('each: x.csv', 'a.row1'), 'SL221 4:30'],
  [
    'a circle, and one who waits for it',
    shots(...['ab', 'bc', 'cb', 'da'].map(([id, of]) => `id: ${id}, start_image: { last_frame_of: ${of} }`)),
    'SL107 5:54',
    'SL107 6:54',
  ],
  ['an end image of an unknown shot', shots('id: a, start_image: { end_image_of: z }'), 'SL108 4:53'],
  [
    'an end image of a shot without one',
    shots('id: a', 'id: b, start_image: { end_image_of: a }'),
    'SL108 5:53',
  ],
  ['an end image of itself', shots('id: a, end_image: { end_image_of: a }'), 'SL107 4:51'],
  [
    'a chain and an end image in one field',
    shots('id: a, start_image: { last_frame_of: b, end_image_of: c }'),
    'SL101 4:37',
  ],
  ['an id of a matrix again', shots('id: a, matrix: { cfg_scale: [0.5] }', 'id: A'), 'SL104 5:21'],
];

function letters(count: number): string {
  return Array.from({ length: count }, (_, index) => `v${index}`).join(', ');
}
