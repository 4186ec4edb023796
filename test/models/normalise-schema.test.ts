import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.js';
import { documents } from '../../src/generated/documents.js';
import { findModel } from '../../src/models/catalog.js';
import { mapFields } from '../../src/models/live-model.js';
import { normaliseSchema } from '../../src/models/normalise-schema.js';

const ajv = () => new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });

describe('a live schema', () => {
  it.each(Object.keys(documents))(
    'turns the catalog schema of %s into valid JSON Schema with the fields of its document',
    (id) => {
      const schema = normalised(documents[id] as Json);
      const known = findModel(id);
      expect(() => ajv().compile(schema)).not.toThrow();
      expect(Object.keys(schema.properties as object)).toEqual(
        Object.keys(known?.input.properties as object),
      );
      expect(schema.required).toEqual(known?.input.required);
      expect(mapFields(schema.properties as JsonObject).fields).toEqual(known?.fields);
      expect(mapFields(schema.properties as JsonObject).element).toEqual(known?.element);
    },
  );

  it.each(Object.keys(documents))('of %s accepts and refuses what the shipped one does', (id) => {
    const known = findModel(id);
    const [live, shipped] = [
      ajv().compile(normalised(documents[id] as Json)),
      ajv().compile(known?.input as object),
    ];
    const image = known?.fields.start_image as string;
    const base = { prompt: 'She turns', [image]: 'https://boards.example/a.png' };
    for (const more of [
      ...[{}, { duration: 10 }, { duration: 2 }, { duration: 16 }, { duration: 5.5 }, { duration: '5' }],
      ...[{ cfg_scale: 0.25 }, { cfg_scale: 2 }, { shot_type: 'customize' }, { shot_type: 'wild' }],
      ...[{ multi_prompt: [{ prompt: 'a', duration: 5 }] }, { multi_prompt: [{ duration: 1 }] }],
      ...[{ multi_prompt: [{ prompt: 'a', lenght: 5 }] }, { multi_prompt: Array(21).fill({ prompt: 'a' }) }],
      ...[
        { generate_audio: 'yes' },
        { sound: true },
        { elements: [{ frontal_image_url: 1 }] },
        { nonsense: 1 },
      ],
      { elements: [{}, {}, {}, {}] },
    ]) {
      const input = { ...base, ...more };
      expect([more, live(input)]).toEqual([more, shipped(input)]);
    }
  });

  it('drops sample prompts and pictures from a catalog schema and keeps the real defaults', () => {
    const schema = normalised({
      properties: {
        prompt: { type: 'string', default: 'A sample.' },
        image: { type: 'str', default: 'https://files.example/sample.png' },
        duration: { type: 'int', default: 5 },
        negative_prompt: { type: 'string', default: 'blurry' },
        resolution: { enum: ['720p', '1080p'], default: '720p' },
        strength: { type: 'float', minimum: 0, maximum: 1, default: 7 },
        mode: { enum: ['a'], default: 'b' },
      },
      required: ['prompt'],
    });
    const defaults = Object.entries(schema.properties as Record<string, JsonObject>).map(([name, field]) => [
      name,
      field.default,
    ]);
    expect(Object.fromEntries(defaults)).toEqual({
      duration: 5,
      negative_prompt: 'blurry',
      resolution: '720p',
    });
  });

  it('finds a catalog schema in its wrapper and resolves references and alternatives', () => {
    const schema = normalised({
      input: {
        properties: {
          mode: { $ref: '#/$defs/Mode' },
          seed: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
        },
        $defs: { Mode: { type: 'string', enum: ['fast', 'slow'] } },
      },
    });
    expect(schema.properties).toEqual({
      mode: { type: 'string', enum: ['fast', 'slow'] },
      seed: { type: 'integer' },
    });
  });

  it('leaves unknown types of a catalog schema open and drops impossible limits', () => {
    const { properties } = normalised({
      properties: {
        mask: { type: 'rle_mask' },
        size: { type: 'int', minimum: 9, maximum: 1, multipleOf: 0 },
        count: { type: 'integer', enum: ['1', '2'] },
        name: { type: 'string', pattern: '(a+)+$', minLength: -1, maxLength: 'many' },
        list: { type: 'array', items: { type: 'image_uri' }, maxItems: 1.5 },
      },
    });
    expect(properties).toEqual({
      mask: {},
      size: { type: 'integer' },
      count: { enum: ['1', '2'] },
      name: { type: 'string' },
      list: { type: 'array', items: { type: 'string' } },
    });
  });

  it('bounds a catalog schema with circular references, deep nesting or endless fields', () => {
    const ring = normalised({
      properties: { a: { $ref: '#/$defs/A' } },
      $defs: { A: { $ref: '#/$defs/A' } },
    });
    expect(ring.properties).toEqual({ a: {} });
    const self = normalised({
      properties: { a: { $ref: '#/$defs/A' } },
      $defs: { A: { type: 'object', properties: { x: { $ref: '#/$defs/A' }, y: { $ref: '#/$defs/A' } } } },
    });
    expect(JSON.stringify(self).length).toBeLessThan(200_000);
    let deep: JsonObject = { type: 'string' };
    for (let depth = 0; depth < 5000; depth += 1) deep = { type: 'array', items: deep };
    expect(() => normaliseSchema({ properties: { deep } })).not.toThrow();
    const wide = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`f${index}`, { type: 'int' }]),
    );
    expect(Object.keys(normalised({ properties: wide }).properties as object)).toHaveLength(1000);
  });

  it.each([
    [null],
    [[]],
    [3],
    ['text'],
    [{}],
    [{ properties: {} }],
    [{ properties: { a: 1 } }],
    [{ type: 'object' }],
  ])('makes no model, or an open field, of the catalog schema %j', (garbage) => {
    const schema = normaliseSchema(garbage as Json);
    if (schema !== null) expect(schema.properties).toEqual({ a: {} });
  });

  it('turns any JSON into nothing or into a schema that compiles', () => {
    const words = [
      'type',
      'properties',
      'items',
      'enum',
      'anyOf',
      '$ref',
      'required',
      'minimum',
      'default',
      'a',
      '__proto__',
    ];
    const values = ['object', 'array', 'float', 'string', '#/$defs/A', 1, -1, null, true];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        fc.constantFrom(...values),
        tie('map'),
        tie('list'),
      ),
      map: fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 6 }),
      list: fc.array(tie('tree'), { maxLength: 4 }),
    }));
    fc.assert(
      fc.property(tree, (json) => {
        const schema = normaliseSchema(json as Json);
        if (schema !== null) ajv().compile(schema);
      }),
      { numRuns: 1000 },
    );
  });
});

function normalised(json: Json): JsonObject {
  const schema = normaliseSchema(json);
  if (schema === null) throw new Error('no fields were found');
  return schema;
}
