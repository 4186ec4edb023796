import { list, type Mutation } from './mutation.js';

const ok = 'shots: [{ <<: *all, id: a }]';

/** Changes to a whole list. */
export const lists: readonly Mutation[] = [
  ['a list', list(ok)],
  [
    'no version',
    'shots:\n  - { id: a, model: kling-3.0/pro, prompt: x, start_image: boards/cliff.png }\n',
    'SL103 1:1',
  ],
  ['a version to come', list(ok).replace('version: 1', 'version: 2'), 'SL101 1:10'],
  ['a version in quotes', list(ok).replace('version: 1', 'version: "1"'), 'SL101 1:10'],
  ['a version with a point', list(ok).replace('version: 1', 'version: 1.0')],
  ['no shots', 'version: 1\n', 'SL103 1:1'],
  ['shots that are empty', list('shots:'), 'SL101 3:1'],
  ['shots that are none', list('shots: []'), 'SL101 3:8'],
  ['shots without dashes', list('shots:\n  cliff:\n    prompt: x'), 'SL101 4:3'],
  ['shots in a word', list('shots: many'), 'SL101 3:8'],
  ['an empty shot', list('shots:\n  -\n  - { <<: *all, id: a }'), 'SL101 4:4'],
  ['a shot that is a word', list('shots:\n  - cliff'), 'SL101 4:5'],
  ['a shot without fields', list('shots:\n  - {}'), 'SL103 4:5'],
  ['names in capitals', 'Version: 1\nShots:\n  - ID: a\n', 'SL102 1:1', 'SL102 2:1'],
  ['a list at the top', '- id: a\n', 'SL101 1:1'],
  ['a text at the top', 'hello', 'SL101 1:1'],
  ['a folded text at the top, with blanks at its line ends', '>\nhello  \nthere\n', 'SL101 1:1'],
  ['a number at the top', '5', 'SL101 1:1'],
  ['null at the top', 'null', 'SL101 1:1'],
  ['prose', 'Dear editor,\nthe boards are attached.\n', 'SL101 1:1'],
  ['TOML', 'version = 1\n[[shots]]\nid = "a"\n', 'SL101 1:1'],
  [
    'JSON',
    '{"version":1,"shots":[{"id":"a","model":"kling-3.0/pro","prompt":"x","start_image":"boards/cliff.png"}]}',
  ],
  [
    'JSON with tabs',
    '{\n\t"version": 1,\n\t"shots": [\n\t\t{"id": "a", "model": "kling-3.0/pro", "prompt": "x", "start_image": "boards/cliff.png", "duration": 99}\n\t]\n}',
    'SL302 4:103',
  ],
  ['fields for notes and anchors', list(`x-notes: { anything: [goes] }\n${ok}`)],
  ['a title that is a number', list(`title: 1917\n${ok}`)],
  ['an aspect', list(`aspect: 16:9\n${ok}`)],
  ['an aspect with a slash', list(`aspect: 16/9\n${ok}`), 'SL101 3:9'],
  ['an aspect that is a number', list(`aspect: 1.78\n${ok}`), 'SL101 3:9'],
  ['another aspect', list(`aspect: 9:16\n${ok}`), 'SL219 2:69'],
  ['an unknown field at the top', list(`__proto__: { shots: [] }\n${ok}`), 'SL102 3:1'],
  ['comments only', '# nothing yet\n', 'SL101 1:1'],
  ['blank lines only', '  \n\n', 'SL101 1:1'],

  [
    'an id that is a number',
    list(
      'shots: [{ <<: *all, id: 0010 }, { <<: *all, id: 10 }, { <<: *all, id: 1e3 }, { <<: *all, id: 0x10 }, { <<: *all, id: 1_000 }, { <<: *all, id: true }, { <<: *all, id: 2026-01-02 }]',
    ),
  ],
  [
    'ids that are devices on Windows',
    list('shots: [{ <<: *all, id: con }, { <<: *all, id: COM1 }, { <<: *all, id: console }]'),
    'SL115 3:25',
    'SL115 3:48',
  ],
  ['ids that objects use', list('shots: [{ <<: *all, id: __proto__ }, { <<: *all, id: constructor }]')],
  [
    'an id twice',
    list('shots:\n  - { <<: *all, id: a }\n  - { <<: *all, id: b }\n  - { <<: *all, id: a }'),
    'SL104 6:21',
  ],
  [
    'an id twice but for its case',
    list('shots:\n  - { <<: *all, id: a }\n  - { <<: *all, id: A }'),
    'SL104 5:21',
  ],
  ['no id', list('shots:\n  - <<: *all'), 'SL103 4:5'],
  ['an empty id', list('shots:\n  - { <<: *all, id: "" }'), 'SL101 4:21'],
  ['an id that is null', list('shots:\n  - { <<: *all, id: null }'), 'SL101 4:21'],
  ['an id with a space', list('shots:\n  - { <<: *all, id: wide shot }'), 'SL101 4:21'],
  ['an id that climbs', list('shots:\n  - { <<: *all, id: ../a }'), 'SL101 4:21'],
  ['an id with an accent', list('shots:\n  - { <<: *all, id: fenêtre }'), 'SL101 4:21'],
  ['an id of 65 letters', list(`shots:\n  - { <<: *all, id: ${'a'.repeat(65)} }`), 'SL101 4:21'],

  ['no model', list('shots:\n  - { id: a, prompt: x, start_image: boards/cliff.png }'), 'SL103 4:5'],
  ['a model taken out', list('shots:\n  - { <<: *all, id: a, model: null }'), 'SL103 4:24'],
  ['a model that is a number', list('shots:\n  - { <<: *all, id: a, model: 3 }'), 'SL101 4:31'],
  ['an unknown model', list('shots:\n  - { <<: *all, id: a, model: sora-2 }'), 'SL201 4:31'],
  ['a misspelt model', list('shots:\n  - { <<: *all, id: a, model: kling-3.0/standart }'), 'SL201 4:31'],
  ['a full model id', list('shots:\n  - { <<: *all, id: a, model: kling/kling-3.0/pro/image-to-video }')],
  ['a model called constructor', list('shots:\n  - { <<: *all, id: a, model: constructor }'), 'SL201 4:31'],
  [
    'no prompt',
    list('shots:\n  - { id: a, model: kling-3.0/pro, start_image: boards/cliff.png }'),
    'SL103 4:5',
  ],
  ['no start image', list('shots:\n  - { id: a, model: kling-3.0/pro, prompt: x }'), 'SL103 4:5'],
  ['nothing but an id', list('shots:\n  - id: a'), 'SL103 4:5'],

  ['no defaults', list(`defaults:\n${ok}`)],
  ['defaults that are a list', list('defaults: [a]\nshots: [{ id: a, duration: 5 }]'), 'SL101 3:11'],
  ['an id in the defaults', list(`defaults: { id: b }\n${ok}`), 'SL102 3:13'],
  [
    'a wrong model in the defaults, told once',
    list(
      'defaults: { model: 3 }\nshots:\n  - { id: a, prompt: x, start_image: boards/cliff.png }\n  - { id: b, prompt: x, start_image: boards/cliff.png }',
    ),
    'SL101 3:20',
  ],
  [
    'a misspelt field in the defaults, told once',
    list(
      'defaults: { modle: kling-3.0/pro }\nshots:\n  - { id: a, prompt: x, start_image: boards/cliff.png }',
    ),
    'SL102 3:13',
  ],
  [
    'a duration in the defaults that no model takes, told once',
    list('defaults: { duration: 99 }\nshots: [{ <<: *all, id: a }, { <<: *all, id: b }]'),
    'SL302 3:23',
  ],
  [
    "a default that the shot's model lacks",
    list(
      'defaults: { end_image: boards/beach.png }\nshots: [{ <<: *all, id: a, model: kling-3.0/standard }]',
    ),
    'SL301 3:13',
  ],
  [
    'a default that the shot takes out',
    list(
      'defaults: { end_image: boards/beach.png }\nshots: [{ <<: *all, id: a, model: kling-3.0/standard, end_image: null }]',
    ),
  ],
  [
    'a duration that yields to segments',
    list('defaults: { duration: 5 }\nshots: [{ <<: *all, id: a, segments: [{ prompt: a, duration: 8 }] }]'),
    'SL307 2:37',
  ],
  [
    'a mistake beside another',
    list(
      'shots:\n  - { <<: *all, id: a, durtion: 5, cfg_scale: 2, start_image: none.png, elements: [nobody] }',
    ),
    'SL102 4:24',
    'SL302 4:47',
    'SL211 4:63',
    'SL202 4:84',
  ],

  ['elements that are empty', list(`elements:\n${ok}`)],
  ['an element without images', list(`elements: { hero: {} }\n${ok}`), 'SL101 3:19'],
  [
    'an element with nothing but null',
    list(`elements: { hero: { frontal_image: null, reference_images: [] } }\n${ok}`),
    'SL103 3:13',
  ],
  ['an element that is empty', list(`elements:\n  hero:\n${ok}`), 'SL101 4:3'],
  ['an element that is a path', list(`elements:\n  hero: boards/hero.png\n${ok}`), 'SL101 4:9'],
  [
    'an element with a space',
    list(`elements:\n  my hero: { frontal_image: boards/hero.png }\n${ok}`),
    'SL101 4:3',
  ],
  [
    'an element called constructor',
    list(
      'elements: { constructor: { frontal_image: boards/hero.png } }\nshots: [{ <<: *all, id: a, elements: [constructor], prompt: "@constructor" }]',
    ),
  ],
  [
    'an element called __proto__',
    list(
      'elements: { __proto__: { frontal_image: boards/hero.png } }\nshots: [{ <<: *all, id: a, elements: [__proto__], prompt: "@__proto__" }]',
    ),
  ],
  [
    'missing images of an element',
    list(
      `elements:\n  hero: { frontal_image: boards/heroo.png, reference_images: [boards/none.png] }\n${ok}`,
    ),
    'SL211 4:26',
    'SL211 4:63',
  ],
  [
    'a null among images',
    list(`elements:\n  hero: { reference_images: [boards/hero.png, null] }\n${ok}`),
    'SL101 4:47',
  ],
  [
    'one image that is no list',
    list(`elements:\n  hero: { reference_images: boards/hero.png }\n${ok}`),
    'SL101 4:29',
  ],
  ['a video that is missing', list(`elements:\n  hero: { video: hero.mp4 }\n${ok}`), 'SL211 4:18'],
  ['a video that is an image', list(`elements:\n  hero: { video: boards/hero.png }\n${ok}`), 'SL217 4:18'],
  [
    'a frame as an element',
    list(`elements:\n  hero: { frontal_image: { last_frame_of: a } }\n${ok}`),
    'SL102 4:28',
  ],
  [
    'four elements',
    list(
      'elements: { a: &e { frontal_image: boards/hero.png }, b: *e, c: *e, d: *e }\nshots: [{ <<: *all, id: a, elements: [a, b, c, d] }]',
    ),
    'SL302 4:38',
  ],
];
