import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkList } from '../../src/commands/plan/check-list.js';
import { inShort, Workspace } from './workspace.js';

const workspace = new Workspace();

const DEFAULTS =
  'defaults: { model: kling-3.0/pro, start_image: boards/cliff.png, end_image: boards/beach.png }';

/** Diagnostics of a list whose `text` begins in line 3, as `SL101 9:15`. */
async function check(
  text: string,
  options: Parameters<typeof checkList>[1] = {},
): Promise<readonly string[]> {
  const file = workspace.write('film.yaml', `version: 1\n${DEFAULTS}\n${text}\n`);
  const { diagnostics } = await checkList(file, options);
  return diagnostics.map((one) =>
    `${relative(workspace.folder, one.file).replace('film.yaml', '')} ${inShort(one)}`.trim(),
  );
}

/** A shot with segments and the end image of the defaults, which SL309 is about; in line 2 of a text that begins with it. */
const shot = (fields = '') => `shots:\n  - { id: a, segments: [{ prompt: The sea }]${fields} }`;

describe('ignore', () => {
  it.each([
    ['a list of codes', ', ignore: [SL309]'],
    ['a map of codes and reasons', ', ignore: { SL309: RunComfy takes both }'],
  ])('silences a warning about the shot, written as %s', async (_, ignore) => {
    expect(await check(shot())).toEqual(['SL309 2:66']);
    expect(await check(shot(ignore))).toEqual([]);
  });

  it.each([
    ['the list', 'ignore: [SL309]', {}],
    ['a profile that is applied', 'profiles: { final: { ignore: [SL309] } }', { profile: 'final' }],
    ['a scene', 'scenes: { "1": { defaults: { ignore: [SL309] } } }', {}],
  ])('silences a warning from %s', async (_, ignore, options) => {
    expect(await check(`${ignore}\n${shot(', scene: "1"')}`, options)).toEqual([]);
  });

  it('silences a warning in an inherited field only for the shots that ignore it', async () => {
    const other = '  - { id: b, segments: [{ prompt: The shore }] }';
    expect(await check(`${shot(', ignore: [SL309]')}\n${other}`)).toEqual(['SL309 2:66']);
  });

  it('silences warnings about the text of the shot itself', async () => {
    const text = (ignore: string) => `shots:\n  - { id: a, prompt: The\u00a0sea${ignore} }`;
    expect(await check(text(''))).toEqual(['SL012 4:25']);
    expect(await check(text(', ignore: [SL012]'))).toEqual([]);
  });

  it('silences warnings in an included file from that file, and from the list', async () => {
    const cast = (ignore: string) =>
      workspace.write('cast.yaml', `${ignore}\nelements: { hero: { reference_images: [boards/hero.png] } }`);
    const list = (ignore: string) =>
      check(`include: [cast.yaml]\n${ignore}\nshots:\n  - { id: a, prompt: '@hero', elements: [hero] }`);
    cast('');
    expect(await list('')).toEqual(['cast.yaml SL310 2:13']);
    expect(await list('ignore: [SL310]')).toEqual([]);
    cast('ignore: [SL310]');
    expect(await list('')).toEqual([]);
  });

  it('changes no key', async () => {
    const plain = await workspace.plan(`version: 1\n${DEFAULTS}\n${shot()}`);
    const ignoring = await workspace.plan(
      `version: 1\nignore: [SL307]\n${DEFAULTS}\n${shot(', ignore: [SL304]')}`,
    );
    expect(ignoring.map(({ key }) => key)).toEqual(plain.map(({ key }) => key));
  });

  it('gets a warning if it silences nothing with any profile', async () => {
    const profile = 'profiles: { plain: { end_image: null } }';
    expect(await check(`${profile}\n${shot(', ignore: [SL309, SL304]')}`, { profile: 'plain' })).toEqual([
      'SL116 5:63',
    ]);
  });

  it('gets no warning if a variable is set by hand, which may make the difference', async () => {
    const text = `vars: { sea: The sea }\n${shot(', ignore: [SL309, SL304]')}`;
    expect(await check(text, { set: new Map([['sea', 'x']]) })).toEqual([]);
  });

  it('cannot be about an error or an unknown code, wherever it is', async () => {
    const scenes = 'scenes: { "9": { defaults: { ignore: [SL301] } } }';
    const ignores = 'ignore:\n  SL999: no reason\n  sl304: no reason';
    expect(await check(`${ignores}\n${scenes}\n${shot(', ignore: [SL309]')}`)).toEqual([
      'SL117 4:3',
      'SL117 5:3',
      'SL117 6:39',
    ]);
  });
});

describe('a strict check', () => {
  it('makes errors of the warnings that the list does not ignore', async () => {
    const strict = (ignore: string) =>
      checkList(workspace.write('film.yaml', `version: 1\n${DEFAULTS}\n${shot(ignore)}\n`), { strict: true });
    const { ok, diagnostics } = await strict('');
    expect({ ok, severities: diagnostics.map(({ severity }) => severity) }).toEqual({
      ok: false,
      severities: ['error'],
    });
    expect(await strict(', ignore: [SL309]')).toMatchObject({ ok: true, diagnostics: [] });
  });
});

describe('profiles that are not applied', () => {
  const draft = 'profiles: { draft: { model: kling-o1/standard, end_image: null } }';
  const sevenSeconds = 'shots:\n  - { id: a, prompt: The sea, duration: 7 }';

  it('are checked with every shot, if every profile is asked for', async () => {
    const text = `${draft}\n${sevenSeconds}`;
    expect(await check(text)).toEqual([]);
    expect(await check(text, { everyProfile: true })).toEqual(['SL302 5:41']);
    const { diagnostics } = await checkList(workspace.path('film.yaml'), { everyProfile: true });
    expect(diagnostics[0]?.message).toMatch(/^with --profile draft: kling-o1\/standard takes 5 or 10 s/);
  });

  it('are checked in values that no shot takes, but for durations that an end image may allow', async () => {
    const profiles = (duration: number) =>
      `profiles: { last: { model: kling-o1/standard, duration: ${duration} } }`;
    const five = 'shots:\n  - { id: a, prompt: The sea, duration: 5 }';
    expect(await check(`${profiles(20)}\n${five}`)).toEqual(['SL302 3:57']);
    expect(await check(`${profiles(7)}\n${five}`)).toEqual([]);
  });

  it('are named together in one message for a shot that none of them fits', async () => {
    const both = 'profiles: { one: { model: kling-o1/standard }, two: { model: kling-o1/standard } }';
    const text = `${both}\nshots:\n  - { id: a, prompt: The sea, duration: 12 }`;
    expect(await check(text, { everyProfile: true })).toEqual(['SL302 5:41']);
    const { diagnostics } = await checkList(workspace.path('film.yaml'), { everyProfile: true });
    expect(diagnostics[0]?.message).toMatch(/^with --profile one or two: /);
  });

  it('may change a shot that is approved', async () => {
    const text = `profiles: { final: { model: kling-3.0/4k } }\nshots:\n  - { id: a, prompt: The sea`;
    const [submission] = await workspace.plan(`version: 1\n${DEFAULTS}\n${text} }`);
    const approved = `, approved: "${submission?.key.slice(0, 8)}" }`;
    expect(await check(text + approved, { everyProfile: true })).toEqual([]);
  });

  it('do not repeat a mistake that the list has without them', async () => {
    const profiles = 'profiles: { draft: { model: kling-o3/pro }, final: { model: kling-3.0/4k } }';
    const text = `${profiles}\nshots:\n  - { id: a, prompt: The sea, duration: 2 }`;
    expect(await check(text, { everyProfile: true })).toEqual(['SL302 5:41']);
  });
});
