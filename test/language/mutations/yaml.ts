import { list, type Mutation } from './mutation.js';

const ok = 'shots: [{ <<: *all, id: a }]';
const bomb = (line: (name: string, before: string) => string) =>
  list(`x-a: &a { ${Array.from({ length: 10 }, (_, index) => `k${index}: 1`).join(', ')} }
${[...'bcdefgh'].map((name, index) => line(name, 'abcdefgh'.charAt(index))).join('\n')}
${ok}`);

/** Changes to the YAML of a list. */
export const yaml: readonly Mutation[] = [
  ['a field without a colon', list('shots:\n  - id: a\n    duration 5\n    <<: *all'), 'SL006 5:5'],
  ['a last field without a colon', list('shots:\n  - <<: *all\n    id: a\n    duration 5'), 'SL006 6:5'],
  ['a colon without a space', list('shots:\n  - id: a\n    prompt:She turns\n    <<: *all'), 'SL006 5:5'],
  ['a dash without a space', list('shots:\n  -id: a\n   <<: *all'), 'SL006 4:8'],
  ['a field set in too little', list('shots:\n  - id: a\n    prompt: She turns\n   <<: *all'), 'SL006 6:1'],
  ['a field set in too far', list('shots:\n  - id: a\n    prompt: She turns\n      <<: *all'), 'SL006 5:13'],
  ['a shot set in too far', list('shots:\n  - id: a\n    - id: b'), 'SL006 5:1'],
  ['a shot set in too little', list('shots:\n  - id: a\n - id: b'), 'SL006 5:1'],
  ['a top field set in', list(' title: x\nshots: []'), 'SL006 3:1'],
  ['tabs', list('shots:\n\t- id: a'), 'SL006 4:1'],
  ['a tab in between', list('shots:\n  - id: a\n\tprompt: She turns'), 'SL006 5:1'],
  ['a tab after a colon, which is a space', list('shots:\n  - <<:\t*all\n    id:\ta')],
  [
    'no-break spaces that set in',
    list('shots:\n  - id: a\n\u00a0\u00a0\u00a0\u00a0<<: *all'),
    'SL103 4:5',
    'SL102 5:1',
  ],
  [
    'a no-break space after a colon',
    list('shots:\n  - <<: *all\n    id: a\n    duration:\u00a05'),
    'SL006 6:5',
  ],
  [
    'a line separator, which ends no line',
    list('shots:\n  - <<: *all\n    id: a\n    notes: "a\u2028b"\n    duration: 99'),
    'SL302 7:15',
  ],
  ['a list that is not closed', list('shots: [{ <<: *all, id: a }\n'), 'SL006 5:1'],
  ['fields that are not closed', list('shots:\n  - { <<: *all, id: a\n  - { <<: *all, id: b }'), 'SL006 5:3'],
  ['a bracket too many', list('shots: [{ <<: *all, id: a }}]'), 'SL006 3:28'],
  ['a comma too few', list('shots: [{ <<: *all, id: a prompt: x }]'), 'SL006 3:25'],
  ['a comma in a prompt', list('shots:\n  - { <<: *all, id: a, prompt: She turns, slowly }'), 'SL102 4:43'],
  ['lists in lists in one line', `${list(ok)}x-deep:\n${'- '.repeat(5_000)}\n`, 'SL009 5:1'],
  ['a merge conflict', list(`<<<<<<< HEAD\n${ok}\n=======\nshots: []\n>>>>>>> other`), 'SL006 3:1'],

  ['two documents', `${list(ok)}---\nversion: 1\n`, 'SL006 4:1'],
  ['an end of the document', `${list(ok)}...\n`],
  ['text after the end', `${list(ok)}...\nmore: 1\n`, 'SL006 5:1'],
  ['a rule below', `${list(ok)}---\n`, 'SL006 4:1'],
  ['YAML 1.2, said', `%YAML 1.2\n---\n${list(ok)}`],
  ['YAML 1.1', `%YAML 1.1\n---\n${list(ok)}`, 'SL006 1:1'],
  ['YAML 3', `%YAML 3.0\n---\n${list(ok)}`, 'SL006 1:7'],
  ['a byte order mark', `\ufeff${list('shots: [{ <<: *all, id: a, duration: 99 }]')}`, 'SL302 3:38'],
  [
    'line ends of Windows',
    list('shots:\n  - <<: *all\n    id: a\n    duration: 99').replaceAll('\n', '\r\n'),
    'SL302 6:15',
  ],
  ['line ends of old Macs', list(ok).replaceAll('\n', '\r'), 'SL004 1:1'],
  ['a zero byte', list('title: "a\0b"'), 'SL004 1:1'],

  ['an alias without an anchor', list('shots: [{ <<: *all, id: a, notes: *none }]'), 'SL006 3:35'],
  ['an alias before its anchor', list('title: *later\nshots: [{ <<: *all, id: &later a }]'), 'SL006 3:8'],
  ['an anchor set twice', list('x-b: &p one\nx-c: &p two\nshots: [{ <<: *all, id: *p }]')],
  ['an anchor at a key', list('&p x-b: one\nshots: [{ <<: *all, id: a, notes: *p }]')],
  ['an alias in itself', list('x-b: &b [*b]\nshots: []'), 'SL008 3:10'],
  ['a list of itself', list('shots: &s\n  - { <<: *all, id: a, segments: *s }'), 'SL008 4:34'],
  ['an alias as a key', list('x-b: &p prompt\nshots:\n  - <<: *all\n    id: a\n    *p : x'), 'SL006 7:5'],
  [
    'many aliases',
    list(`shots: [${Array.from({ length: 2000 }, (_, index) => `{ <<: *all, id: s${index} }`).join(', ')}]`),
  ],
  [
    'aliases of aliases of aliases',
    bomb((name, before) => `x-${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`),
    'SL008 9:14',
  ],
  [
    'merges of merges of merges',
    bomb((name, before) => `x-${name}: &${name} { <<: [${Array(10).fill(`*${before}`).join(', ')}] }`),
    'SL008 9:20',
  ],

  [
    'a mistake in a merged map',
    list('x-b: &b\n  duration: 99\nshots:\n  - { <<: [*b, *all], id: a }'),
    'SL302 4:13',
  ],
  [
    'an unknown field in a merged map',
    list('x-b: &b\n  durtion: 9\nshots:\n  - { <<: [*b, *all], id: a }'),
    'SL102 4:3',
  ],
  [
    'the first of two merged maps',
    list('x-b: &b { duration: 5 }\nx-c: &c { duration: 99 }\nshots:\n  - { <<: [*b, *c, *all], id: a }'),
  ],
  [
    'a field before what it overrides',
    list('x-b: &b { duration: 99 }\nshots:\n  - { duration: 5, <<: [*b, *all], id: a }'),
  ],
  [
    'a merged map of its own',
    list(
      'shots:\n  - { <<: { duration: 99, model: kling-3.0/pro }, id: a, prompt: x, start_image: boards/cliff.png }',
    ),
    'SL302 4:23',
  ],
  [
    'a merge of merges',
    list('x-b: &b { <<: *all, duration: 99 }\nshots:\n  - { <<: *b, id: a }'),
    'SL302 3:31',
  ],
  ['an id merged along', list('shots:\n  - &a { <<: *all, id: a }\n  - { <<: *a, prompt: x }'), 'SL104 4:24'],
  ['a scene number merged along', list('x-b: &b { scene: 010 }\nshots: [{ <<: [*b, *all], id: a }]')],
  ['two merges', list('x-b: &b { duration: 5 }\nshots:\n  - <<: *all\n    <<: *b\n    id: a'), 'SL007 6:5'],
  ['a merge of a number', list('shots:\n  - { <<: 5, id: a }'), 'SL006 4:11'],
  ['a merge of nothing', list('shots:\n  - <<:\n    id: a'), 'SL006 4:5'],
  ['a merge of a list of numbers', list('shots:\n  - { <<: [5], id: a }'), 'SL006 4:11'],
  ['a merge of itself', list('x-b: &b { <<: *b }\nshots: []'), 'SL008 3:15'],
  [
    'a merge in quotes, which is a field',
    list('shots:\n  - "<<": *all\n    id: a'),
    'SL102 4:5',
    'SL103 4:5',
  ],

  ['a tag that changes nothing', list('shots: [{ <<: *all, id: !!str a }]')],
  [
    'a tag that makes text of a number',
    list('shots: [{ <<: *all, id: a, duration: !!str 5 }]'),
    'SL101 3:44',
  ],
  ['bytes', list('title: !!binary aGVsbG8=\nshots: []'), 'SL006 3:8'],
  ['a set', list('shots: !!set { a }'), 'SL006 3:8'],
  ['code', list('title: !!js/function "x"\nshots: []'), 'SL006 3:8'],
  ["a tag of one's own", list('title: !env HOME\nshots: []'), 'SL006 3:8'],
  ['an empty key', list(`? \n: x\n${ok}`), 'SL102 3:3'],
  ['a key that is fields', list(`? { a: b }\n: x\n${ok}`), 'SL006 3:3'],

  ['thousands of brackets', list(`x-b: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n${ok}`), 'SL009 3:1'],
  ['hundreds of brackets', list(`x-b: ${'['.repeat(500)}${']'.repeat(500)}\n${ok}`)],
  [
    'a line of a megabyte',
    list(`shots:\n  - <<: *all\n    id: a\n    notes: ${'a'.repeat(1e6)}\n    duration: 99`),
    'SL302 7:15',
  ],
  [
    'one line wrong everywhere',
    list(`shots:\n${'  - id: @a\n'.repeat(3)}`),
    'SL006 4:9',
    'SL006 5:9',
    'SL006 6:9',
  ],
];
