import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from '../../src/base/json.js';

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
