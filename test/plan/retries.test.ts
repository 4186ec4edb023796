import { expect, it } from 'vitest';
import { Workspace } from '../language/workspace.js';

const workspace = new Workspace();
const LIST = `version: 1
defaults: { model: kling-3.0/standard, start_image: boards/cliff.png, duration: 3, prompt: Sea, retries: 1 }
vars: { often: 4 }
scenes:
  "010": { defaults: { retries: 2 } }
shots:
  - { id: a }
  - { id: b, scene: "010" }
  - { id: c, scene: "010", retries: "\${often}", takes: 2 }
  - { id: d, retries: null }
`;

it('inherits retries as any field and keeps the key', async () => {
  const planned = await workspace.plan(LIST);
  expect(planned.map(({ id, retries }) => [id, retries])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 4],
    ['c.take2', 4],
    ['d', 0],
  ]);
  const without = await workspace.plan(LIST.replaceAll(/,? ?retries: ("[^"]*"|[^,} ]+)/g, ''));
  expect(planned.map(({ key }) => key)).toEqual(without.map(({ key }) => key));
});

it.each(['11', '-1', '1.5', 'often'])('refuses %s retries at their place', async (written) => {
  const { ok, diagnostics } = await workspace.check(LIST.replace('retries: 1', `retries: ${written}`));
  expect(ok).toBe(false);
  expect(diagnostics.map(({ line }) => line)).toContain(2);
});
