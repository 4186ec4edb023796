import { describe, expect, it } from 'vitest';
import { visible } from '../../src/ui/visible.js';

describe('visible', () => {
  it('visible leaves ordinary text of any script alone', () => {
    const text = 'Küste, 海岸, ساحل, 👩‍🎬 at dusk';
    expect(visible(text)).toBe(text);
  });

  it.each([
    ['an escape sequence', 'a\u001b[31mb', 'a␛[31mb'],
    ['a bell and a delete', '\u0007\u007f', '␇␡'],
    ['line breaks and tabs', 'a\r\nb\tc', 'a␍␊b␉c'],
    ['an eight-bit control', '\u009b31m', '\\u009b31m'],
    ['a change of direction', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['a command to the log of a workflow', ' ::error::a ##[b] a::c', ' \\u003a:error::a #\\u0023[b] a::c'],
    ['half a surrogate pair', 'a\ud83d', 'a\\ud83d'],
  ])('visible shows %s instead of sending it to the terminal', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});
