import { describe, expect, it } from 'vitest';
import { type ComparedSubmission, diffPlans } from '../../src/plan/diff.js';

const PRO = 'kling/kling-3.0/pro/image-to-video';
const O3 = 'kling/kling-video-o3/pro/image-to-video';
const BOARD = { $file: 'boards/a.png', sha256: 'a'.repeat(64), type: 'image/png' };

/** A submission whose key is its input's text, unless said. */
function shot(id: string, changes: Partial<ComparedSubmission> = {}): ComparedSubmission {
  const { input = { start_image_url: BOARD, prompt: `About ${id}` }, ...rest } = changes;
  return {
    id,
    key: JSON.stringify([changes.model, input]),
    scene: null,
    use: null,
    selected: true,
    transition: 0,
    model: PRO,
    input,
    defaults: [],
    prompt: String(input.prompt),
    segments: [],
    seconds: 5,
    cost: { usd: 0.5 },
    ...rest,
  };
}

const kinds = (before: readonly ComparedSubmission[], after: readonly ComparedSubmission[]) =>
  diffPlans({ before, after }).differences.map(({ kind, id, was, submits }) => [kind, id, was, submits]);

/** The fields that differ between two inputs, `path: before → after`. */
function fields(before: Partial<ComparedSubmission>, after: Partial<ComparedSubmission>): readonly string[] {
  const [one] = diffPlans({ before: [shot('a', before)], after: [shot('a', after)] }).differences;
  const words = (side: { value: unknown; default: boolean } | null) =>
    side === null ? 'none' : `${JSON.stringify(side.value)}${side.default ? ' by default' : ''}`;
  return (one?.changes ?? []).map((change) => {
    return `${change.path.join('.')}: ${words(change.before)} → ${words(change.after)}`;
  });
}

describe('what differs between two plans', () => {
  it('finds no difference when every id has its key, in any order', () => {
    const [a, b] = [shot('a'), shot('b')];
    const diff = diffPlans({ before: [a, b], after: [b, a] });
    expect(diff).toMatchObject({ differences: [], unchanged: 2, to_submit: { submissions: 0 } });
    expect(diff.difference).toEqual({ usd: 0, usd_unknown_added: 0, usd_unknown_removed: 0 });
  });

  it('lists added, changed and removed submissions', () => {
    const changed = shot('b', { input: { prompt: 'Another' } });
    expect(kinds([shot('a'), shot('b')], [changed, shot('c')])).toEqual([
      ['changed', 'b', null, true],
      ['added', 'c', null, true],
      ['removed', 'a', null, false],
    ]);
  });

  it('submits nothing for renamed submissions, also when a whole list is renumbered', () => {
    const [first, second] = [shot('010'), shot('020')];
    const after = [
      shot('010', { input: { prompt: 'New opening' } }),
      { ...first, id: '020' },
      { ...second, id: '030' },
    ];
    expect(kinds([first, second], after)).toEqual([
      ['changed', '010', null, true],
      ['renamed', '020', '010', false],
      ['renamed', '030', '020', false],
    ]);
  });

  it('finds two submissions that exchanged their ids', () => {
    const [a, b] = [shot('a'), shot('b')];
    expect(
      kinds(
        [a, b],
        [
          { ...a, id: 'b' },
          { ...b, id: 'a' },
        ],
      ),
    ).toEqual([
      ['renamed', 'b', 'a', false],
      ['renamed', 'a', 'b', false],
    ]);
  });

  it('counts a video once that is in the list twice', () => {
    const twice = [shot('b'), { ...shot('b'), id: 'c' }];
    const diff = diffPlans({ before: [shot('a')], after: twice });
    expect(diff.differences.map(({ id, submits }) => [id, submits])).toEqual([
      ['b', true],
      ['c', false],
      ['a', false],
    ]);
    expect(diff.after).toEqual({ submissions: 1, seconds: 5, usd: 0.5, usd_unknown: 0 });
  });

  it('submits nothing for a clip that exists although the older list does not name it', () => {
    const now = shot('a', { input: { prompt: 'As it once was' } });
    const diff = diffPlans({ before: [shot('a')], after: [now], rendered: [now.key] });
    expect(diff.differences[0]).toMatchObject({ kind: 'changed', submits: false });
    expect(diff.to_submit.submissions).toBe(0);
  });

  it('reports changes of the cut and that they cost nothing', () => {
    const diff = diffPlans({ before: [shot('a')], after: [shot('a', { use: [0, 2], scene: '010' })] });
    expect(diff.differences[0]).toMatchObject({ kind: 'edited', submits: false });
    expect(diff.differences[0]?.changes.map(({ path }) => path)).toEqual([['scene'], ['use']]);
  });
});

describe('what the difference costs', () => {
  it('sums the new submissions, and the difference of the two films', () => {
    const after = [shot('a'), shot('c', { cost: { usd: 0.8 }, seconds: 8 })];
    const diff = diffPlans({ before: [shot('a'), shot('b')], after });
    expect(diff.to_submit).toEqual({ submissions: 1, seconds: 8, usd: 0.8, usd_unknown: 0 });
    expect(diff.difference.usd).toBe(0.3);
  });

  it('keeps an unknown price unknown in the difference, and never zero', () => {
    const unknown = { cost: { usd: null } };
    const diff = diffPlans({
      before: [shot('a', unknown), shot('b', unknown)],
      after: [shot('a', unknown), shot('c', unknown), shot('d', unknown)],
    });
    expect(diff.difference).toEqual({ usd: 0, usd_unknown_added: 2, usd_unknown_removed: 1 });
    expect(diff.to_submit).toMatchObject({ usd: 0, usd_unknown: 2 });
    expect(diff.differences[0]?.after).toEqual({ seconds: 5, usd: null });
  });

  it('reports that a price which is known now was unknown before', () => {
    const diff = diffPlans({ before: [shot('a', { cost: { usd: null } })], after: [shot('a')] });
    expect(diff.difference).toEqual({ usd: 0.5, usd_unknown_added: 0, usd_unknown_removed: 1 });
  });
});

describe('the fields that changed', () => {
  it('reports changed fields by neutral names across models with other names', () => {
    const before = { model: PRO, input: { start_image_url: BOARD, prompt: 'P', generate_audio: true } };
    const after = { model: O3, input: { image: BOARD, prompt: 'P', sound: false } };
    expect(fields(before, after)).toEqual(['model: "kling-3.0/pro" → "kling-o3/pro"', 'audio: true → false']);
  });

  it('reports the differing parts of segments, and an inserted segment as one change', () => {
    const segment = (prompt: string) => ({ prompt, duration: 3 });
    const multi = (...prompts: string[]) => ({ input: { prompt: 'P', multi_prompt: prompts.map(segment) } });
    expect(fields(multi('one', 'two'), multi('one', 'three'))).toEqual([
      'segments.1.prompt: "two" → "three"',
    ]);
    expect(fields(multi('one', 'two'), multi('one', 'new', 'two'))).toEqual([
      'segments.1: none → {"prompt":"new","duration":3}',
    ]);
  });

  it('leaves the prompt out of the changes when it only repeats the segments', () => {
    const joined = (...prompts: string[]) => ({
      input: { prompt: prompts.join('\n'), multi_prompt: prompts.map((prompt) => ({ prompt, duration: 3 })) },
      prompt: prompts.join('\n'),
      segments: prompts.map((prompt) => ({ prompt, seconds: 3 })),
    });
    expect(fields(joined('one', 'two'), joined('one', 'three'))).toEqual([
      'segments.1.prompt: "two" → "three"',
    ]);
  });

  it('reports the default of a field that is no longer written', () => {
    const written = { input: { prompt: 'P', generate_audio: false } };
    const left = { input: { prompt: 'P' }, defaults: [{ field: 'audio', value: true, usd: 0.28 }] };
    expect(fields(written, left)).toEqual(['audio: false → true by default']);
  });

  it('reports the defaults of another model as changes', () => {
    const before = {
      model: O3,
      input: { prompt: 'P' },
      defaults: [{ field: 'duration', value: 5, usd: null }],
    };
    const after = { input: { prompt: 'P' }, defaults: [{ field: 'duration', value: 10, usd: null }] };
    expect(fields(before, after)).toContain('duration: 5 by default → 10 by default');
  });

  it('reports other bytes under the same file name, and not the same bytes under another', () => {
    const image = (file: string, hash: string) => ({
      input: { prompt: 'P', start_image_url: { ...BOARD, $file: file, sha256: hash } },
    });
    expect(fields(image('a.png', '1'), image('a.png', '2'))).toEqual([
      'start_image: {"file":"a.png","sha256":"1"} → {"file":"a.png","sha256":"2"}',
    ]);
    expect(fields(image('a.png', '1'), image('b.png', '1'))).toEqual([]);
  });

  it('leaves the query of a signed link out of the changes', () => {
    const link = (version: string) => ({
      input: { prompt: 'P', start_image_url: { $url: `https://cdn.example/a.png?sig=${version}`, version } },
    });
    expect(fields(link('1'), link('2'))).toEqual([
      'start_image: {"url":"https://cdn.example/a.png","version":"1"} → {"url":"https://cdn.example/a.png","version":"2"}',
    ]);
  });

  it('reports the clip whose last frame a shot starts from', () => {
    const chained = (key: string) => ({
      input: { prompt: 'P', start_image_url: { $last_frame_of: 'a', key } },
    });
    expect(fields(chained('1'), chained('2'))).toEqual([
      'start_image: {"last_frame_of":"a","key":"1"} → {"last_frame_of":"a","key":"2"}',
    ]);
  });

  it('reports the fields of an unknown model by its own names', () => {
    const own = (strength: number) => ({ model: 'acme/thing', input: { prompt: 'P', strength } });
    expect(fields(own(1), own(2))).toEqual(['strength: 1 → 2']);
  });
});
