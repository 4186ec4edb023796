import type { Json } from '../../src/base/json.js';

const SAMPLE = 'https://files.example/sample.png';
const SEGMENT = {
  prompt: { type: 'string', format: 'str' },
  duration: { type: 'integer', format: 'int_slider_with_range', minimum: 3, maximum: 15, default: 5 },
};
const SEGMENTS = { type: 'array', minItems: 0, maxItems: 20 };
const ELEMENTS = {
  type: 'array',
  minItems: 0,
  maxItems: 3,
  items: {
    type: 'object',
    properties: {
      frontal_image_url: { type: 'string', format: 'image_uri' },
      reference_image_urls: {
        type: 'array',
        format: 'image_uris',
        items: { type: 'string', format: 'image_uri' },
      },
      video_url: { type: 'string', format: 'video_uri' },
    },
  },
};

/** Kling 3.0 as the service prints it: `float`, formats of its own, samples for defaults. */
function kling3(end: Record<string, Json>): Json {
  return {
    type: 'object',
    title: 'Input schema',
    required: ['prompt', 'start_image_url'],
    properties: {
      prompt: { title: 'Prompt', description: '', type: 'string', default: 'A sample of a prompt.' },
      multi_prompt: { ...SEGMENTS, items: { type: 'object', properties: SEGMENT } },
      start_image_url: { title: 'Start', type: 'string', default: SAMPLE },
      ...end,
      duration: { type: 'integer', minimum: 3, maximum: 15, default: 10 },
      generate_audio: { type: 'boolean', default: true },
      elements: ELEMENTS,
      shot_type: { type: 'string', enum: ['customize'], default: 'customize' },
      negative_prompt: { type: 'string' },
      cfg_scale: { type: 'float', minimum: 0, maximum: 1, default: 0.5 },
    },
  };
}

/** The input schemas of the five documents as they are printed, invalid as JSON Schema, reduced to what counts. */
export const LIVE_SCHEMAS: Readonly<Record<string, Json>> = {
  'kling/kling-3.0/standard/image-to-video': kling3({}),
  'kling/kling-3.0/pro/image-to-video': kling3({ end_image_url: { type: 'string' } }),
  'kling/kling-3.0/4k/image-to-video': kling3({ end_image_url: { type: 'string' } }),
  'kling/kling-video-o3/pro/image-to-video': {
    type: 'object',
    required: ['image', 'prompt'],
    properties: {
      image: { type: 'string', default: SAMPLE },
      prompt: { type: 'string', default: 'A sample of a prompt.' },
      end_image: { type: 'string' },
      duration: { type: 'integer', default: 5, minimum: 3, maximum: 15 },
      sound: { type: 'boolean', default: false },
      shot_type: { type: 'string', enum: ['customize', 'intelligent'], default: 'customize' },
      // Printed so: the fields of a segment without an object around them.
      multi_prompt: { ...SEGMENTS, items: SEGMENT },
    },
  },
  'kling/kling-video-o1/standard/image-to-video': {
    type: 'object',
    required: ['prompt', 'image'],
    properties: {
      prompt: { type: 'string', default: 'A sample of a prompt.' },
      image: { type: 'string', default: SAMPLE },
      last_image: { type: 'string' },
      duration: { type: 'integer', enum: [3, 4, 5, 6, 7, 8, 9, 10], default: 5 },
    },
  },
};
