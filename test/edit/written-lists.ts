import fc from 'fast-check';

/** Lines at their own indentation. */
type Lines = readonly string[];

const words = fc.constantFrom('rain', 'she runs', 'été', 'slow push in', 'a\tb', 'x'.repeat(300));
const blanks = fc.constantFrom(' ', '  ', '\t', '      ');
const steps = fc.integer({ min: 1, max: 7 });

/** Blank lines and comments between two fields, indented like them or not at all. */
const between = fc.array(fc.constantFrom('', '', '# a note', '   '), { maxLength: 3 });

/** Ends of a line, after the value. */
const tails = fc.constantFrom('', '', ' ', ' # why', '      # why', '\t# why: { x }');

const scalars = fc
  .tuple(words, fc.constantFrom('plain', 'single', 'double', 'number'))
  .map(([text, style]) => {
    if (style === 'single') return `'it''s ${text}'`;
    if (style === 'double') return `"${text.replace('\t', String.raw`\t`)} \\"x\\""`;
    return style === 'number' ? '0010' : text;
  });

/** A value that needs more lines than one, below its key. */
const texts = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '|+', '>+'),
    fc.array(fc.tuple(fc.constantFrom('', '', '  ', '\t'), words), { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 0, max: 2 }),
    tails,
    steps,
  )
  .map(([sign, [first, ...rest], gaps, tail, step]): Lines => {
    const margin = ' '.repeat(step);
    const lines = rest.map(([lead, text]) => `${margin}${lead}${text} `);
    return [sign + tail, margin + (first?.[1] ?? ''), ...lines, ...Array(gaps).fill('')];
  });

const folded = fc
  .tuple(fc.array(words, { minLength: 2, maxLength: 4 }), fc.constantFrom('', '"', "'"), steps)
  .map(([parts, quote, step]): Lines => {
    const [first, ...rest] = parts.map((part) => part.replace('\t', ' '));
    const lines = rest.flatMap((part) => [part.startsWith('r') ? '' : '  ', ' '.repeat(step) + part]);
    return [`${quote}${first}  `, ...lines.slice(0, -1), `${lines.at(-1)}${quote}`];
  });

const flows = fc
  .tuple(fc.array(scalars, { maxLength: 3 }), blanks, fc.boolean(), steps)
  .map(([items, blank, broken, step]): Lines => {
    const parts = items.map((item, index) => `k${index}:${blank}${item}`);
    if (!broken) return [`{${parts.join(`${blank},`)}${blank}}`];
    const lines = parts.map((part) => `${' '.repeat(step)}${part},   # said`);
    return ['{', ...lines, `${' '.repeat(step)}}`];
  });

const { value } = fc.letrec<{ value: Lines }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(scalars, tails).map(([text, tail]): Lines => [text + tail]),
    texts,
    folded,
    flows,
    maps(tie('value')),
    sequences(tie('value')),
  ),
}));

/** A map below its key: a first line for what may stand after the colon, then its fields. */
function maps(values: fc.Arbitrary<Lines>): fc.Arbitrary<Lines> {
  const fields = fc.array(fc.tuple(values, blanks, between), { minLength: 1, maxLength: 3 });
  return fc.tuple(fields, steps, tails).map(([each, step, tail]) => {
    const margin = ' '.repeat(step);
    const lines = each.flatMap(([[first = '', ...rest], blank, gap], index) => [
      ...gap,
      `field${index}:${first === '' || first.startsWith(' ') ? '' : blank}${first}`,
      ...rest,
    ]);
    return [tail, ...lines.map((line) => (line.trim() === '' ? line : margin + line))];
  });
}

/** A sequence below its key, indented or not. */
function sequences(values: fc.Arbitrary<Lines>): fc.Arbitrary<Lines> {
  const items = fc.array(fc.tuple(values, blanks, between), { minLength: 1, maxLength: 3 });
  return fc.tuple(items, fc.constantFrom('', '  ', '    ')).map(([each, margin]) => {
    const lines = each.flatMap(([[first = '', ...rest], , gap]) => [...gap, `- ${first}`, ...rest]);
    return ['', ...lines.map((line) => (line.trim() === '' ? line : margin + line))];
  });
}

/** Badly written YAML: odd indentation, tabs, stray blanks, comments everywhere, line ends of two kinds. */
export function writtenLists(): fc.Arbitrary<string> {
  const lineEnds = fc.constantFrom('\n', '\n', '\r\n');
  return fc.tuple(maps(value), lineEnds, fc.boolean()).map(([lines, end, ended]) => {
    const text = lines
      .slice(1)
      .map((line) => line.replace(/^ /, ''))
      .join(end);
    return ended ? text + end : text;
  });
}
