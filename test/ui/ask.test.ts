import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { askHidden, askYesNo } from '../../src/ui/ask.js';

/** Streams on which `typed` is already waiting, followed by the end of input. */
function terminal(typed: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} });
  input.end(typed);
  return { input, output: new PassThrough() };
}

async function shown({ output }: { output: PassThrough }) {
  output.end();
  return await text(output);
}

describe('askYesNo', () => {
  it.each([
    ['y\r', true],
    ['YES\r', true],
    ['\r', false],
    ['n\r', false],
    ['yellow\r', false],
    ['\u0003', false],
    ['y\u0004', false],
    ['', false],
  ])('askYesNo takes %j as %s', async (typed, answer) => {
    expect(await askYesNo('Spend $1.26?', terminal(typed))).toBe(answer);
  });
});

describe('askHidden', () => {
  it('askHidden does not show the typed text', async () => {
    const streams = terminal('secret\r');
    expect(await askHidden('Token: ', streams)).toBe('secret');
    expect(await shown(streams)).toBe('Token: \n');
  });

  it.each([['sec\u0003'], ['']])('askHidden resolves with null for %j', async (typed) => {
    expect(await askHidden('Token: ', terminal(typed))).toBeNull();
  });

  it('askHidden resolves with null immediately when the input has ended before', async () => {
    const streams = terminal('');
    await askHidden('Token: ', streams);
    expect(await askHidden('Token: ', streams)).toBeNull();
  });
});
