import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json, repeatedName } from '../../src/base/json.js';

describe('canonicalJson', () => {
  it('writes the same canonical JSON as the library that RFC 8785 names, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value as Json)).toBe(canonicalize(value));
      }),
    );
  });

  it('sorts names in canonical JSON by their UTF-16 units, digits as text', () => {
    const value = { '\u20ac': 1, '10': 2, '9': 3, '\ufb33': 4, '\ud83d\ude02': 5, a: [{ c: 1, b: null }] };
    const text = JSON.stringify(value);
    expect(canonicalJson(JSON.parse(text))).toBe(
      '{"10":2,"9":3,"a":[{"b":null,"c":1}],"\u20ac":1,"\ud83d\ude02":5,"\ufb33":4}',
    );
  });
});

describe('repeatedName', () => {
  it('finds none in the text of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        expect(repeatedName(JSON.stringify(value, null, indent), value as Json)).toBeNull();
      }),
    );
  });

  it.each([
    ['{"a":1,"b":2,"a":3}', 'a'],
    ['[{"a":{"b":[]}},{"a":{"b":1,\n"b" : 2}}]', 'b'],
    ['{"a\\"b":1,"a\\u0022b":2}', 'a"b'],
  ])('finds one in %s', (text, name) => {
    expect(repeatedName(text, JSON.parse(text))).toBe(name);
  });
});
