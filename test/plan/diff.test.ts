import { describe, expect, it } from 'vitest';
import { type Compared, diffPlans } from '../../src/plan/diff.js';

const PRO = 'kling/kling-3.0/pro/image-to-video';
const O3 = 'kling/kling-video-o3/pro/image-to-video';
const BOARD = { $file: 'boards/a.png', sha256: 'a'.repeat(64), type: 'image/png' };

/** A submission whose key is its input's text, unless said. */
function shot(id: string, changes: Partial<Compared> = {}): Compared {
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

const kinds = (before: readonly Compared[], after: readonly Compared[]) =>
  diffPlans({ before, after }).differences.map(({ kind, id, was, submits }) => [kind, id, was, submits]);

/** The fields that differ between two inputs, `path: before → after`. */
function fields(before: Partial<Compared>, after: Partial<Compared>): readonly string[] {
  const [one] = diffPlans({ before: [shot('a', before)], after: [shot('a', after)] }).differences;
  const words = (side: { value: unknown; default: boolean } | null) =>
    side === null ? 'none' : `${JSON.stringify(side.value)}${side.default ? ' by default' : ''}`;
  return (one?.changes ?? []).map((change) => {
    return `${change.path.join('.')}: ${words(change.before)} → ${words(change.after)}`;
  });
}

describe('what differs between two plans', () => {
  it('is nothing where every key stands under its id, whatever the order', () => {
    const [a, b] = [shot('a'), shot('b')];
    const diff = diffPlans({ before: [a, b], after: [b, a] });
    expect(diff).toMatchObject({ differences: [], unchanged: 2, to_submit: { submissions: 0 } });
    expect(diff.difference).toEqual({ usd: 0, usd_unknown_added: 0, usd_unknown_removed: 0 });
  });

  it('is what was added, changed and removed', () => {
    const changed = shot('b', { input: { prompt: 'Another' } });
    expect(kinds([shot('a'), shot('b')], [changed, shot('c')])).toEqual([
      ['changed', 'b', null, true],
      ['added', 'c', null, true],
      ['removed', 'a', null, false],
    ]);
  });

  it('is no new video where an id is another, also when a whole list is numbered anew', () => {
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

  it('finds two that changed places', () => {
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

  it('counts a video once that stands in the list twice', () => {
    const twice = [shot('b'), { ...shot('b'), id: 'c' }];
    const diff = diffPlans({ before: [shot('a')], after: twice });
    expect(diff.differences.map(({ id, submits }) => [id, submits])).toEqual([
      ['b', true],
      ['c', false],
      ['a', false],
    ]);
    expect(diff.after).toEqual({ submissions: 1, seconds: 5, usd: 0.5, usd_unknown: 0 });
  });

  it('asks nothing for a clip that exists though the older list does not name it', () => {
    const now = shot('a', { input: { prompt: 'As it once was' } });
    const diff = diffPlans({ before: [shot('a')], after: [now], rendered: [now.key] });
    expect(diff.differences[0]).toMatchObject({ kind: 'changed', submits: false });
    expect(diff.to_submit.submissions).toBe(0);
  });

  it('tells what only the cut sees, and that it costs nothing', () => {
    const diff = diffPlans({ before: [shot('a')], after: [shot('a', { use: [0, 2], scene: '010' })] });
    expect(diff.differences[0]).toMatchObject({ kind: 'edited', submits: false });
    expect(diff.differences[0]?.changes.map(({ path }) => path)).toEqual([['scene'], ['use']]);
  });
});

describe('what the difference costs', () => {
  it('is what is new for the submissions, and after less before for the film', () => {
    const after = [shot('a'), shot('c', { cost: { usd: 0.8 }, seconds: 8 })];
    const diff = diffPlans({ before: [shot('a'), shot('b')], after });
    expect(diff.to_submit).toEqual({ submissions: 1, seconds: 8, usd: 0.8, usd_unknown: 0 });
    expect(diff.difference.usd).toBe(0.3);
  });

  it('stays unknown where a price is, and is never zero for it', () => {
    const unknown = { cost: { usd: null } };
    const diff = diffPlans({
      before: [shot('a', unknown), shot('b', unknown)],
      after: [shot('a', unknown), shot('c', unknown), shot('d', unknown)],
    });
    expect(diff.difference).toEqual({ usd: 0, usd_unknown_added: 2, usd_unknown_removed: 1 });
    expect(diff.to_submit).toMatchObject({ usd: 0, usd_unknown: 2 });
    expect(diff.differences[0]?.after).toEqual({ seconds: 5, usd: null });
  });

  it('says of a price that became known that it was unknown before', () => {
    const diff = diffPlans({ before: [shot('a', { cost: { usd: null } })], after: [shot('a')] });
    expect(diff.difference).toEqual({ usd: 0.5, usd_unknown_added: 0, usd_unknown_removed: 1 });
  });
});

describe('the fields that changed', () => {
  it('have neutral names, across models that call them otherwise', () => {
    const before = { model: PRO, input: { start_image_url: BOARD, prompt: 'P', generate_audio: true } };
    const after = { model: O3, input: { image: BOARD, prompt: 'P', sound: false } };
    expect(fields(before, after)).toEqual(['model: "kling-3.0/pro" → "kling-o3/pro"', 'audio: true → false']);
  });

  it('are the parts of segments that differ; one in the middle is one change', () => {
    const segment = (prompt: string) => ({ prompt, duration: 3 });
    const multi = (...prompts: string[]) => ({ input: { prompt: 'P', multi_prompt: prompts.map(segment) } });
    expect(fields(multi('one', 'two'), multi('one', 'three'))).toEqual([
      'segments.1.prompt: "two" → "three"',
    ]);
    expect(fields(multi('one', 'two'), multi('one', 'new', 'two'))).toEqual([
      'segments.1: none → {"prompt":"new","duration":3}',
    ]);
  });

  it('leave out the prompt where it only repeats the segments', () => {
    const joined = (...prompts: string[]) => ({
      input: { prompt: prompts.join('\n'), multi_prompt: prompts.map((prompt) => ({ prompt, duration: 3 })) },
      prompt: prompts.join('\n'),
      segments: prompts.map((prompt) => ({ prompt, seconds: 3 })),
    });
    expect(fields(joined('one', 'two'), joined('one', 'three'))).toEqual([
      'segments.1.prompt: "two" → "three"',
    ]);
  });

  it('show the default that holds where a field is no longer written', () => {
    const written = { input: { prompt: 'P', generate_audio: false } };
    const left = { input: { prompt: 'P' }, defaults: [{ field: 'audio', value: true, usd: 0.28 }] };
    expect(fields(written, left)).toEqual(['audio: false → true by default']);
  });

  it('show defaults that another model brings', () => {
    const before = {
      model: O3,
      input: { prompt: 'P' },
      defaults: [{ field: 'duration', value: 5, usd: null }],
    };
    const after = { input: { prompt: 'P' }, defaults: [{ field: 'duration', value: 10, usd: null }] };
    expect(fields(before, after)).toContain('duration: 5 by default → 10 by default');
  });

  it('see other bytes under the same name, and not the same bytes under another', () => {
    const image = (file: string, hash: string) => ({
      input: { prompt: 'P', start_image_url: { ...BOARD, $file: file, sha256: hash } },
    });
    expect(fields(image('a.png', '1'), image('a.png', '2'))).toEqual([
      'start_image: {"file":"a.png","sha256":"1"} → {"file":"a.png","sha256":"2"}',
    ]);
    expect(fields(image('a.png', '1'), image('b.png', '1'))).toEqual([]);
  });

  it('keep the query of a signed link to themselves', () => {
    const link = (version: string) => ({
      input: { prompt: 'P', start_image_url: { $url: `https://cdn.example/a.png?sig=${version}`, version } },
    });
    expect(fields(link('1'), link('2'))).toEqual([
      'start_image: {"url":"https://cdn.example/a.png","version":"1"} → {"url":"https://cdn.example/a.png","version":"2"}',
    ]);
  });

  it('say whose last frame a shot begins with', () => {
    const chained = (key: string) => ({
      input: { prompt: 'P', start_image_url: { $last_frame_of: 'a', key } },
    });
    expect(fields(chained('1'), chained('2'))).toEqual([
      'start_image: {"last_frame_of":"a","key":"1"} → {"last_frame_of":"a","key":"2"}',
    ]);
  });

  it('keep their own names where nobody knows the model', () => {
    const own = (strength: number) => ({ model: 'acme/thing', input: { prompt: 'P', strength } });
    expect(fields(own(1), own(2))).toEqual(['strength: 1 → 2']);
  });
});
