import { describe, expect, it } from 'vitest';
import { resolveMedia } from '../../src/models/native-input.js';
import { Workspace } from '../language/workspace.js';

const workspace = new Workspace();

/** The body that would be sent for a list's one shot, files by their names. */
async function body(fields: string): Promise<string> {
  const [submission] = await workspace.plan(`version: 1
elements:
  hero: { frontal_image: https://example.com/hero.png, video: https://example.com/hero.mp4 }
  boat: { reference_images: [https://example.com/a.png, https://example.com/b.png] }
shots:
  - { id: a, ${fields} }
`);
  return JSON.stringify(
    submission && resolveMedia(submission.input, (media) => ('$file' in media ? media.$file : '')),
  );
}

// Each document begins with a request of a prompt and a start image: these fields, in this order, and no others.
describe("each document's own request", () => {
  it.each([
    ['kling-3.0/standard', '{"prompt":"Waves roll in","start_image_url":"https://example.com/board.png"}'],
    ['kling-3.0/pro', '{"prompt":"Waves roll in","start_image_url":"https://example.com/board.png"}'],
    ['kling-3.0/4k', '{"prompt":"Waves roll in","start_image_url":"https://example.com/board.png"}'],
    ['kling-o3/pro', '{"image":"https://example.com/board.png","prompt":"Waves roll in"}'],
    ['kling-o1/standard', '{"prompt":"Waves roll in","image":"https://example.com/board.png"}'],
  ])('%s', async (model, expected) => {
    const order = ['prompt: Waves roll in', 'start_image: https://example.com/board.png', `model: ${model}`];
    expect(await body(order.join(', '))).toBe(expected);
    expect(await body(order.toReversed().join(', '))).toBe(expected);
  });
});

describe('a request with all that its model takes', () => {
  const common = 'prompt: "@boat, @hero", start_image: boards/cliff.png, audio: false';
  const segments = 'segments: [{ prompt: "@hero", duration: 4 }, { prompt: b }], duration: 9';

  it('kling-3.0/standard', async () => {
    const fields = `cfg_scale: 0, negative_prompt: text, shot_type: customize, elements: [hero, boat]`;
    expect(await body(`model: kling-3.0/standard, ${fields}, ${segments}, ${common}`)).toBe(
      JSON.stringify({
        prompt: '@Element2, @Element1',
        multi_prompt: [
          { prompt: '@Element1', duration: 4 },
          { prompt: 'b', duration: 5 },
        ],
        start_image_url: 'boards/cliff.png',
        duration: 9,
        generate_audio: false,
        elements: [
          { frontal_image_url: 'https://example.com/hero.png', video_url: 'https://example.com/hero.mp4' },
          { reference_image_urls: ['https://example.com/a.png', 'https://example.com/b.png'] },
        ],
        shot_type: 'customize',
        negative_prompt: 'text',
        cfg_scale: 0,
      }),
    );
  });

  it.each(['pro', '4k'])('kling-3.0/%s, which takes an end image besides', async (name) => {
    const fields = 'elements: [hero, boat], cfg_scale: 1, end_image: boards/beach.png';
    expect(await body(`model: kling-3.0/${name}, ${fields}, ${common}`)).toBe(
      JSON.stringify({
        prompt: '@Element2, @Element1',
        start_image_url: 'boards/cliff.png',
        end_image_url: 'boards/beach.png',
        generate_audio: false,
        elements: [
          { frontal_image_url: 'https://example.com/hero.png', video_url: 'https://example.com/hero.mp4' },
          { reference_image_urls: ['https://example.com/a.png', 'https://example.com/b.png'] },
        ],
        cfg_scale: 1,
      }),
    );
  });

  it('kling-o3/pro', async () => {
    const fields = 'shot_type: intelligent, end_image: boards/beach.png, audio: true, prompt: x';
    expect(await body(`model: kling-o3/pro, ${fields}, start_image: boards/cliff.png, duration: 3`)).toBe(
      JSON.stringify({
        image: 'boards/cliff.png',
        prompt: 'x',
        end_image: 'boards/beach.png',
        duration: 3,
        sound: true,
        shot_type: 'intelligent',
      }),
    );
  });

  it('kling-o1/standard', async () => {
    const fields = 'prompt: x, start_image: boards/cliff.png, end_image: boards/beach.png, duration: 4';
    expect(await body(`model: kling-o1/standard, ${fields}`)).toBe(
      JSON.stringify({ prompt: 'x', image: 'boards/cliff.png', last_image: 'boards/beach.png', duration: 4 }),
    );
  });

  it('joins the prompts of the segments, one per line, when the shot has no prompt', async () => {
    const fields = 'segments: [{ prompt: One }, { prompt: Two }], start_image: boards/cliff.png';
    expect(JSON.parse(await body(`model: kling-3.0/pro, ${fields}`))).toMatchObject({
      prompt: 'One\nTwo',
      duration: 10,
    });
  });
});

describe('what the plan says of a request', () => {
  it('reports a default that the service assumes, with its cost', async () => {
    const [submission] = await workspace.plan(`version: 1
shots:
  - { id: a, model: kling-3.0/standard, prompt: x, start_image: boards/cliff.png }
`);
    expect(submission).toMatchObject({ seconds: 10, audio: true, cost: { usd: 1.26, rate: 0.126 } });
    expect(submission?.defaults).toEqual([
      { field: 'duration', value: 10, usd: null },
      { field: 'audio', value: true, usd: 0.42 },
      { field: 'cfg_scale', value: 0.5, usd: null },
      { field: 'shot_type', value: 'customize', usd: null },
    ]);
  });
});
