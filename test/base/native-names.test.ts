import { describe, expect, it } from 'vitest';
import { elementField, isRequest, meaningOf } from '../../src/base/native-names.js';
import { valueHere } from '../../src/base/native-values.js';

/** Names in the words of Kling, RunComfy, fal, Replicate, Runway and ComfyUI, by the field of a shot with that meaning. */
const NAMES = {
  start_image:
    'image image_url start_image_url first_frame_image startImageUrl promptImage init_image input_image_path last_frame_of',
  end_image:
    'last_image tail_image_url end_image_url image_tail last_frame end_frame_image tail_image lastFrameUrl',
  prompt: 'text promptText prompt_text description positive_prompt positive',
  negative_prompt: 'negativePrompt negative neg_prompt',
  segments: 'multi_prompt prompt_segments prompts multi_shots storyboard',
  duration: 'length seconds video_length duration_s clip_duration',
  audio: 'generate_audio sound with_audio enable_sound',
  cfg_scale: 'guidance_scale cfg guidance',
  camera: 'camera_control camera_movement movement zoom shot_size',
  elements: 'kling_elements element_list reference_image_urls subject_references characters',
  takes: 'num_videos n batch_size num_outputs sampleCount',
  model: 'model_name model_id endpoint version',
  id: 'external_task_id name shot_id',
  look: 'style style_preset',
};

/** Names of which these models have nothing. */
const NOTHING = `aspect_ratio seed fps frame_rate resolution width height mode num_frames static_mask dynamic_masks callback_url
  webhook_url voice_list voice_ids watermark_info num_inference_steps motion_bucket_id enhance_prompt enable_safety_checker
  sync_mode loop video_url audio_url api_key images effect_scene
  personGeneration concepts`;

describe('names of other vocabularies', () => {
  it.each(Object.entries(NAMES))('know %s by each of its other names', (field, names) => {
    expect(names.split(' ').map((name) => [name, meaningOf(name)])).toEqual(
      names.split(' ').map((name) => [name, { field }]),
    );
  });

  it('have a reason and a way out where these models have nothing of the kind', () => {
    for (const name of NOTHING.split(/\s+/)) {
      const meaning = meaningOf(name);
      expect(meaning, name).toMatchObject({ why: expect.stringMatching(/\w/) });
      expect(meaning && 'why' in meaning && meaning.instead('x'), name).toMatch(/\w/);
    }
  });

  it('are not found in names that mean nothing', () => {
    expect(['foo', 'bar_baz', 'x', ''].filter((name) => meaningOf(name))).toEqual([]);
  });

  it.each([
    ['audio', 'sound', 'on', true],
    ['audio', 'sound', 'off', false],
    ['audio', 'mute', true, false],
    ['duration', 'duration', '5s', 5],
    ['duration', 'duration_ms', 5000, 5],
    ['cfg_scale', 'guidance_scale', 0.4, 0.4],
    ['cfg_scale', 'guidance_scale', 7.5, undefined],
    ['start_image', 'image', { url: 'a.png' }, 'a.png'],
    ['start_image', 'last_frame_of', 'cliff', { last_frame_of: 'cliff' }],
    ['segments', 'multi_prompt', ['One', 'Two'], [{ prompt: 'One' }, { prompt: 'Two' }]],
    [
      'segments',
      'multi_prompt',
      '[{"index":1,"prompt":"One","duration":"3"}]',
      [{ prompt: 'One', duration: 3 }],
    ],
    ['camera', 'camera_control', { type: 'forward_up' }, { move: 'forward up' }],
    ['camera', 'camera_control', { type: 'simple', config: { zoom: 5 } }, undefined],
    ['camera', 'zoom', 'in', { move: 'zoom in' }],
  ] as const)('translate the value for %s from %s: %j', (field, name, value, here) => {
    expect(valueHere(field, name, value)).toEqual(here);
  });

  it('know the fields of an element', () => {
    const names = ['image', 'frontal_image_url', 'reference_image_urls', 'refer_images', 'video_url', 'mood'];
    expect(names.map(elementField)).toEqual([
      'frontal_image',
      'frontal_image',
      'reference_images',
      'reference_images',
      'video',
      undefined,
    ]);
  });

  it.each([
    [{ prompt: 'A boat', image: 'x' }, true],
    [{ input: { prompt: 'A boat' } }, true],
    [[{ prompt: 'A boat' }, { prompt: 'A tree' }], true],
    ['curl --request POST --url x', true],
    [{ version: 1, prompt: 'A boat' }, false],
    [{ shots: [], image: 'x' }, false],
    [{ title: 'A film' }, false],
    [['a', 'b'], false],
    ['curled hair', false],
  ])('tell a request from a list: %j', (value, isOne) => {
    expect(isRequest(value)).toBe(isOne);
  });
});
