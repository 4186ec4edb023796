import { expect, it } from 'vitest';
import { freeId, joinAvcConfigs, readAvcConfig, writeAvcConfig } from '../../src/media/avc-config.js';

const sps = (id: string, level: number) =>
  Uint8Array.from([0x67, 100, 0, level, Number.parseInt(`${id}1000000`.slice(0, 8), 2)]);
const pps = (id: string) => Uint8Array.from([0x68, Number.parseInt(`${id}10000000`.slice(0, 8), 2)]);
/** Parameter sets of an id in Exp-Golomb: `1` is 0, `010` is 1, `011` is 2. */
const config = (id: string, { profile = 100, level = 31 } = {}) => ({
  profile,
  compatibility: 0,
  level,
  sps: [sps(id, level)],
  pps: [pps(id)],
});

it('an AVC configuration is read as it was written', () => {
  const written = writeAvcConfig(config('1'));
  const read = readAvcConfig(written);
  expect(read && writeAvcConfig(read)).toEqual(written);
});

it('two AVC configurations with different ids are joined at the higher profile and level', () => {
  const joined = joinAvcConfigs(config('1', { profile: 77, level: 40 }), config('010'));
  expect(joined).toMatchObject({ profile: 100, level: 40 });
  expect(joined?.sps.length).toBe(2);
  expect(joined && readAvcConfig(writeAvcConfig(joined))).toMatchObject({
    level: 40,
    pps: [pps('1'), pps('010')],
  });
});

it('two AVC configurations with a common id are not joined, and a free id is found', () => {
  expect(joinAvcConfigs(config('1'), config('1'))).toBe(null);
  expect(freeId(config('010'))).toBe(0);
  expect(freeId(config('1'))).toBe(1);
  const both = joinAvcConfigs(config('1'), config('010'));
  expect(both && freeId(both)).toBe(2);
});

it('an AVC configuration is refused with more than 8 bits, without 4:2:0, or cut off', () => {
  expect(readAvcConfig(writeAvcConfig({ ...config('1'), profile: 110 }))).toBe(null);
  const chroma = writeAvcConfig(config('1'));
  chroma.set([0xfe], chroma.length - 4);
  expect(readAvcConfig(chroma)).toBe(null);
  const depth = writeAvcConfig(config('1'));
  depth.set([0xfa, 0xfa], depth.length - 3);
  expect(readAvcConfig(depth)).toBe(null);
  const written = writeAvcConfig(config('1'));
  expect(readAvcConfig(written.slice(0, 9))).toBe(null);
  expect(readAvcConfig(new Uint8Array())).toBe(null);
});
