import fc from 'fast-check';

/** Number of tries of a fuzz test: `FAST_CHECK_RUNS` if set, which `npm run fuzz` does, otherwise `usual`. */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: Number(process.env.FAST_CHECK_RUNS ?? usual) };
}

/** Texts and bytes that readers of YAML, JSON, CSV and binary files are known to fail on. */
const NASTY: readonly Buffer[] = [
  ...['__proto__', 'constructor', '"__proto__": {"x": 1},', 'toString', '${', '${a}', '$${', '@', '@@'],
  ...['1e999', '-0', 'NaN', '.inf', '9'.repeat(400), '0x7fffffffffffffff', 'null', '~', 'true', '1900-01-01'],
  ...[
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    ',',
    ':',
    '- ',
    '#',
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '!<tag:x> ',
    '|\n',
    '%',
  ],
  ...[
    '['.repeat(3_000),
    '{"a":'.repeat(3_000),
    '- '.repeat(3_000),
    '&a [*a]',
    'a'.repeat(70_000),
    '\n'.repeat(500),
  ],
  ...['../'.repeat(400), '/dev/zero', 'C:\\con', 'nul', 'file:///etc/passwd', '=cmd|calc', '::error::x'],
  ...['\u0000', '\ufeff', '\u2028', '\u202e', '\u001b]0;x\u0007', '\r', '\t', '😀', 'e\u0301', '\\ud800'],
]
  .map((text) => Buffer.from(text))
  .concat(
    Buffer.from('eda080', 'hex'),
    Buffer.from('ff', 'hex'),
    Buffer.from('ffffffff', 'hex'),
    Buffer.alloc(64),
  );

/** One change; `at` is a share of the file, from 0 to 1. */
type Change = readonly [kind: string, at: number, length: number, nasty: Buffer, value: number];

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('cut', 'flip', 'drop', 'double', 'move', 'insert', 'replace'),
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  fc.integer({ min: 1, max: 64 }),
  fc.constantFrom(...NASTY),
  fc.integer({ min: 1, max: 255 }),
);

/** Real files with one to four changes each, and their names for the report of a failure. */
export function spoilt(
  files: Readonly<Record<string, Uint8Array>>,
): fc.Arbitrary<[name: string, bytes: Buffer]> {
  const names = Object.keys(files);
  return fc
    .tuple(fc.constantFrom(...names), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([name, changes]) => [name, changes.reduce(spoil, Buffer.from(files[name] ?? []))]);
}

function spoil(bytes: Buffer, [kind, share, length, nasty, value]: Change): Buffer {
  const at = Math.floor(share * bytes.length);
  const [before, there, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (kind) {
    case 'cut':
      return Buffer.from(before);
    case 'flip':
      return Buffer.concat([before, there.map((byte, index) => (index === 0 ? byte ^ value : byte)), after]);
    case 'drop':
      return Buffer.concat([before, after]);
    case 'double':
      return Buffer.concat([before, there, there, after]);
    case 'move':
      return Buffer.concat([there, before, after]);
    case 'insert':
      return Buffer.concat([before, nasty, there, after]);
    default:
      return Buffer.concat([before, nasty, after]);
  }
}
