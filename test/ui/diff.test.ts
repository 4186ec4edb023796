import { describe, expect, it } from 'vitest';
import { type ComparedSubmission, diffPlans } from '../../src/plan/diff.js';
import { formatDiff } from '../../src/ui/diff.js';
import { formatDiffMarkdown } from '../../src/ui/diff-markdown.js';
import { differingParts } from '../../src/ui/diff-words.js';

function shot(id: string, prompt: string, usd: number | null = 0.5): ComparedSubmission {
  return {
    id,
    key: prompt,
    scene: null,
    use: null,
    selected: true,
    transition: 0,
    model: 'kling/kling-3.0/pro/image-to-video',
    input: { prompt },
    defaults: [],
    prompt,
    segments: [],
    seconds: 5,
    cost: { usd },
  };
}

const LONG =
  'A lighthouse keeper climbs the stairs at night, his lamp in his hand, while the storm beats the glass.';

function page(before: readonly ComparedSubmission[], after: readonly ComparedSubmission[]) {
  return { diff: diffPlans({ before, after }), title: 'Film', against: 'HEAD~1', unpriced: [] };
}

describe('a diff on a terminal', () => {
  it('a diff on a terminal shows each difference and then the totals', () => {
    const text = formatDiff(
      page(
        [shot('a', LONG), shot('b', 'Sea'), shot('c', 'Sky')],
        [shot('a', LONG.replace('storm', 'wind')), shot('b2', 'Sea'), shot('d', 'Rain', null)],
      ),
      { width: 80, color: false },
    );
    expect(text).toBe(`Film, compared with HEAD~1

changed  a       5 s  $0.50
  prompt:
    - … hand, while the storm beats the glass.
    + … hand, while the wind beats the glass.
renamed  b → b2  5 s  nothing to render
added    d       5 s  unknown
removed  c       5 s  $0.50

1 added, 1 changed, 1 renamed, 1 removed.
To render: 2 submissions, 10 s of video, $0.50 + 1 unknown.
All of it: 15 s, $1.50 → $1.00 + 1 unknown; -$0.50, 1 more at an unknown cost.
`);
  });

  it('a diff fits a narrow terminal', () => {
    const long = shot('a-shot-with-quite-a-long-name-indeed', LONG);
    const text = formatDiff(page([], [long]), { width: 32, color: false });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(32);
  });

  it('a diff says if there is no difference', () => {
    const text = formatDiff(page([shot('a', 'Sea')], [shot('a', 'Sea')]), { width: 80, color: false });
    expect(text).toBe('Film, compared with HEAD~1\n\nNo difference.\n');
  });
});

describe('a diff for a pull request', () => {
  it.each([
    ['<img src=x> @octocat #12 [x](https://a.example)', '`<img src=x> @octocat #12 [x](https://a.example)`'],
    ['a|b', '`a\\|b`'],
    ['a\\|b', '`a\\\u200b\\|b`'],
    ['`tick` and ``two``', '``` `tick` and ``two`` ```'],
    ['line\nbreak', '`line␊break`'],
  ])('a diff in Markdown shows the prompt %j as the cell %j', (prompt, cell) => {
    const text = formatDiffMarkdown(page([shot('a', 'Sea')], [shot('a', prompt)]));
    expect(text).toContain(`| changed | \`a\` | \`prompt\`: \`Sea\` → ${cell} | 5 s | $0.50 |\n`);
  });

  it('a diff in Markdown stays readable when everything changed', () => {
    const list = (word: string) =>
      Array.from({ length: 400 }, (_, index) => shot(`s${index}`, `${word} ${index}`));
    const text = formatDiffMarkdown(page(list('Sea'), list('Sky')));
    expect(text).toContain('| | … | 350 more | | |\n');
    expect(text).toContain('**To render: 400 submissions, 33 m 20 s of video, $200.00.** 400 changed.');
  });
});

describe('the differing parts of two texts', () => {
  it('the differing parts of short texts are the texts themselves', () => {
    expect(differingParts('Sea', 'Sky')).toEqual(['Sea', 'Sky']);
  });

  it('the differing parts of long texts have a few words around them', () => {
    expect(differingParts(LONG, LONG.replace('lamp', 'cat'))).toEqual([
      '… at night, his lamp in his hand …',
      '… at night, his cat in his hand …',
    ]);
  });

  it('the differing parts of writing without spaces are cut between words', () => {
    const text =
      '灯台守は夜の階段を登る、手にはランプ、嵐が窓を打ち続けている。遠くで鐘が鳴り、海は暗く静かに待っている。';
    const [before, after] = differingParts(text, text.replace('嵐', '風'));
    expect(before).toContain('嵐');
    expect(after).toContain('風');
    expect(after.length).toBeLessThan(text.length);
  });
});
