import { describe, expect, it } from 'vitest';
import { cutOf } from '../../../src/cut/cut.js';
import { clipName, nameClips, patternProblem, safeName } from '../../../src/cut/delivery/name-clips.js';
import type { DeliveryRecord } from '../../../src/cut/delivery/record.js';
import { entry, manifestOf } from '../../dailies/world.js';

const PATTERN = 'SC{scene}_SH{shot}_v{version}';
const WORDS = {
  scene: '010',
  shot: 'beach',
  variant: null,
  take: 2,
  part: null,
  version: 3,
  profile: null,
  title: 'Été à Paris',
};
const EMPTY: DeliveryRecord = { delivery: 1, list: 'film.yaml', clips: [], timelines: [] };

describe('a clip’s name', () => {
  it.each([
    [PATTERN, {}, 'SC010_SHbeach_v003'],
    [PATTERN, { scene: null }, 'SHbeach_v003'],
    [PATTERN, { part: 2 }, 'SC010_SHbeach_v003_p2'],
    ['{title}_{shot}_{profile}', {}, 'Ete-a-Paris_beach'],
    ['{shot}_{scene}', { scene: 'a/b:c?' }, 'beach_a-b-c'],
    ['{shot}', { shot: 'con' }, '_con'],
    [PATTERN, { shot: 'm.wild', variant: 'wild' }, 'SC010_SHm.wild_v003'],
    ['{shot}_{variant}', { shot: 'm.wild', variant: 'wild' }, 'm_wild'],
    ['{shot}.', {}, 'beach'],
    ['{shot}_v{version}.MP4', { part: 1 }, 'beach_v003_p1'],
  ])('the pattern %s with %o gives the name %s', (pattern, changes, name) => {
    expect(clipName(pattern, { ...WORDS, ...changes })).toBe(name);
  });

  it('a pattern that cannot work is refused with the reason', () => {
    expect(patternProblem('{shot}_{foo}')).toContain('there is no {foo}');
    expect(patternProblem('a/{shot}')).toContain('a name cannot contain /');
    expect(patternProblem('{shot')).toContain('brace');
    expect(patternProblem('v{version}')).toContain('{shot}');
    expect(patternProblem(PATTERN)).toBeNull();
    expect(safeName('映画')).toBe('映画');
  });
});

describe('versions', () => {
  const namedAmong = (
    others: Readonly<Record<string, string | null>>,
    record: DeliveryRecord,
    entries: readonly ReturnType<typeof entry>[],
    pattern = PATTERN,
  ) => {
    const { pieces } = cutOf(manifestOf(...entries));
    const options = { record, others: new Map(Object.entries(others)), pattern };
    return nameClips(pieces, { ...options, profile: null, title: 'Film' });
  };
  const named = (record: DeliveryRecord, ...entries: readonly ReturnType<typeof entry>[]) =>
    namedAmong({}, record, entries);
  const recordOf = (record: DeliveryRecord, result: ReturnType<typeof named>): DeliveryRecord => {
    if (!result.ok) throw new Error('a clash');
    return {
      ...record,
      clips: [...record.clips, ...result.clips.filter(({ isNew }) => isNew).map(({ clip }) => clip)],
    };
  };

  it('versions count the renders of a shot, and a render that is chosen again keeps its version', () => {
    const [one, two] = [entry('a', { key: '1'.repeat(64) }), entry('a', { key: '2'.repeat(64) })];
    const first = recordOf(EMPTY, named(EMPTY, one));
    const second = recordOf(first, named(first, two));
    expect(second.clips.map(({ file }) => file)).toEqual(['SHa_v001.mp4', 'SHa_v002.mp4']);
    expect(named(second, one)).toMatchObject({
      ok: true,
      clips: [{ isNew: false, clip: { file: 'SHa_v001.mp4' } }],
    });
  });

  it('other bytes under the same key, as in a rehearsal, get a new version', () => {
    const record = recordOf(EMPTY, named(EMPTY, entry('a')));
    const [output] = entry('a').outputs;
    if (!output) throw new Error('no output');
    const again = entry('a', { outputs: [{ ...output, sha256: 'f'.repeat(64) }] });
    expect(named(record, again)).toMatchObject({ clips: [{ clip: { version: 2 } }] });
  });

  it('versions skip the numbers of unknown files, except for a copy of the clip itself', () => {
    const one = entry('a');
    const sha256 = one.outputs[0]?.sha256 ?? '';
    const version = { clips: [{ isNew: true, clip: { version: 3 } }] };
    expect(namedAmong({ 'sha_v001.mp4': null, 'sha_v002.mp4': 'f'.repeat(64) }, EMPTY, [one])).toMatchObject(
      version,
    );
    expect(namedAmong({ 'sha_v001.mp4': null, 'sha_v002.mp4': sha256 }, EMPTY, [one])).toMatchObject({
      clips: [{ clip: { version: 2 } }],
    });
    expect(namedAmong({ 'a.mp4': null }, EMPTY, [one], '{shot}')).toMatchObject({
      clips: [{ clip: { version: 1, file: 'a.mp4' } }],
    });
  });

  it('two clips with the same name are refused before anything is copied', () => {
    const shots = [entry('a', { scene: 'X/' }), entry('a', { scene: 'x ', shot: 'A', key: '3'.repeat(64) })];
    expect(named(EMPTY, ...shots)).toEqual({
      ok: false,
      clash: { file: 'SCx-_SHA_v001.mp4', between: ['a', 'a'] },
    });
  });
});
