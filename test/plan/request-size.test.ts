import { describe, expect, it } from 'vitest';
import { requestProblem, shrunkSize } from '../../src/plan/request-size.js';

const MIB = 1024 * 1024;
const image = (mebibytes: number, file = 'a.png') => ({ file, type: 'image/png', bytes: mebibytes * MIB });
const video = (mebibytes: number) => ({ file: 'a.mp4', type: 'video/mp4', bytes: mebibytes * MIB });

describe('the files of a request', () => {
  it('are shrunk to 6 MiB each, or to an equal share where they are too many for that', () => {
    expect(shrunkSize([image(9), image(1)]) / MIB).toBe(6);
    // Small ones leave room for the others.
    expect(shrunkSize([...Array(7).fill(image(9)), ...Array(10).fill(image(0.1))]) / MIB).toBe(6);
    expect(shrunkSize(Array(9).fill(image(9))) / MIB).toBeCloseTo(5.25);
    expect(shrunkSize([video(32), image(9), image(9), image(9)]) / MIB).toBeCloseTo(5.08);
  });

  it('are a problem above 64 MiB as base64, which names them and the way out', () => {
    expect(requestProblem(Array(8).fill(image(5.9)), { text: 99, shrink: false })).toBeUndefined();
    expect(
      requestProblem([image(40), image(9, 'b.png'), image(1, 'c.png')], { text: 0, shrink: false }),
    ).toEqual({
      message:
        'would make a request of 66.7 MiB as base64, and the service takes 64 MiB: a.png (40 MiB), b.png (9 MiB), c.png (1 MiB)',
      hint: '`--shrink` sends smaller copies of the images; or host some of them and write their https URLs',
    });
  });

  it('are no problem with --shrink, unless it would leave too little of the images', () => {
    expect(requestProblem(Array(9).fill(image(9)), { text: 0, shrink: true })).toBeUndefined();
    expect(requestProblem([video(32), video(32)], { text: 0, shrink: true })?.hint).toBe(
      'host some of them and write their https URLs',
    );
    expect(requestProblem(Array(200).fill(image(9)), { text: 0, shrink: true })).toBeDefined();
  });
});
