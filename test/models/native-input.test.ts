import { describe, expect, it } from 'vitest';
import { findModel, type Model } from '../../src/models/catalog.js';
import { neutralPath, resolveMedia, toNativeElement, toNativeInput } from '../../src/models/native-input.js';

const pro = findModel('kling-3.0/pro') as Model;
const o3 = findModel('kling-o3/pro') as Model;
const o1 = findModel('kling-o1/standard') as Model;
const file = { $file: 'a.png', sha256: 'f'.repeat(64), type: 'image/png' };

describe('toNativeInput', () => {
  const neutral = { duration: 5, end_image: 'b', prompt: 'x', start_image: 'a' };

  it("writes an input with each model's own names, in the order of its document", () => {
    expect(JSON.stringify(toNativeInput(pro, { neutral }))).toBe(
      '{"prompt":"x","start_image_url":"a","end_image_url":"b","duration":5}',
    );
    expect(JSON.stringify(toNativeInput(o3, { neutral }))).toBe(
      '{"image":"a","prompt":"x","end_image":"b","duration":5}',
    );
    expect(JSON.stringify(toNativeInput(o1, { neutral }))).toBe(
      '{"prompt":"x","image":"a","last_image":"b","duration":5}',
    );
  });

  it('keeps false, zero and empty texts in an input and adds nothing that is not written', () => {
    expect(toNativeInput(pro, { neutral: { audio: false, cfg_scale: 0, negative_prompt: '' } })).toEqual({
      generate_audio: false,
      negative_prompt: '',
      cfg_scale: 0,
    });
  });

  it("keeps the model's own fields in an input, unknown ones last, for its schema to judge", () => {
    const own = JSON.parse('{ "seed": 7, "__proto__": 1, "duration": 3 }');
    const input = toNativeInput(pro, { neutral: { prompt: 'x' }, own });
    expect(JSON.stringify(input)).toBe('{"prompt":"x","duration":3,"seed":7,"__proto__":1}');
  });
});

describe('toNativeElement', () => {
  it('writes only the present parts of an element', () => {
    expect(toNativeElement(pro, { frontal_image: file, reference_images: ['b'], video: 'c' })).toEqual({
      frontal_image_url: file,
      reference_image_urls: ['b'],
      video_url: 'c',
    });
    expect(toNativeElement(pro, { reference_images: [] })).toEqual({});
  });

  it('throws for an element of a model without elements', () => {
    expect(() => toNativeElement(o3, {})).toThrow('has no elements');
  });
});

describe('resolveMedia', () => {
  it('replaces every file and every versioned URL in an input, and nothing else', () => {
    const input = {
      prompt: 'x',
      start_image_url: file,
      elements: [
        { frontal_image_url: { $url: 'https://a', version: '2' }, reference_image_urls: [file, 'b'] },
      ],
      cfg_scale: 0.5,
      generate_audio: null,
    };
    expect(resolveMedia(input, (media) => ('$file' in media ? 'file' : 'url'))).toEqual({
      prompt: 'x',
      start_image_url: 'file',
      elements: [{ frontal_image_url: 'url', reference_image_urls: ['file', 'b'] }],
      cfg_scale: 0.5,
      generate_audio: null,
    });
  });
});

describe('neutralPath', () => {
  it('translates a path from the model’s names back to the list’s', () => {
    expect(neutralPath(pro, ['multi_prompt', 2, 'duration'])).toEqual({
      field: 'segments',
      path: ['segments', 2, 'duration'],
    });
    expect(neutralPath(o1, ['last_image']).field).toBe('end_image');
    expect(neutralPath(pro, ['seed'])).toEqual({ field: 'input', path: ['input', 'seed'] });
    expect(neutralPath(pro, [])).toEqual({ field: 'input', path: ['input'] });
  });
});
