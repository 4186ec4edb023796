import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { ShotFields } from '../../src/language/shot-list.js';
import { models, type NeutralField } from '../../src/models/catalog.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly then?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const file = fileURLToPath(new URL('../../schemas/shotlist.schema.json', import.meta.url));
const schema: Schema = JSON.parse(readFileSync(file, 'utf8'));
const inShot = Object.keys(schema.properties?.shots?.items?.properties ?? {});
const inDefaults = Object.keys(schema.definitions?.fields?.properties ?? {});

/** All fields of the type `ShotFields`: the compiler reports a missing one. */
const FIELDS = Object.keys({
  model: true,
  prompt: true,
  camera: true,
  look: true,
  start_image: true,
  end_image: true,
  duration: true,
  segments: true,
  audio: true,
  elements: true,
  negative_prompt: true,
  cfg_scale: true,
  shot_type: true,
  split: true,
  takes: true,
  select: true,
  use: true,
  transition: true,
  notes: true,
  retries: true,
  approved: true,
  ignore: true,
  input: true,
} satisfies Record<keyof ShotFields, true>);

/** Names in a shot that are not fields of the type: its scene, and what makes several shots of it. */
const BESIDES = ['scene', 'matrix', 'each'];

describe('the schema', () => {
  it('has exactly the fields of the type ShotFields', () => {
    expect(inDefaults.toSorted()).toEqual([...FIELDS, ...BESIDES].sort());
  });

  it('lets the defaults set every field of a shot except its id', () => {
    expect(inShot.filter((field) => field !== 'id').sort()).toEqual(inDefaults.toSorted());
  });

  it("has a field for each neutral name of the models' inputs", () => {
    const names = new Set(models.flatMap(({ fields }) => Object.keys(fields) as NeutralField[]));
    expect([...names].filter((name) => !inShot.includes(name))).toEqual([]);
  });

  it('lets null remove every field that a shot may inherit', () => {
    const definitions = Object.entries(schema.definitions ?? {}).filter(([name]) =>
      inDefaults.includes(name),
    );
    expect(definitions.filter(([, { type }]) => !type?.includes('null')).map(([name]) => name)).toEqual([]);
  });

  it('has a title and a description for every field', () => {
    const silent: string[] = [];
    const look = ({ $ref, title, description, properties, ...rest }: Schema, path: string): void => {
      if (path && !$ref && !(title && description)) silent.push(path);
      for (const [name, part] of Object.entries(properties ?? {})) look(part, `${path}/${name}`);
      for (const part of [rest.items, rest.then]) {
        for (const [name, field] of Object.entries(part?.properties ?? {})) look(field, `${path}/${name}`);
      }
    };
    look(schema, '');
    for (const [name, part] of Object.entries(schema.definitions ?? {})) look(part, name);
    expect(silent).toEqual([]);
  });

  it('is valid JSON Schema draft-07 in strict mode', () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
    ajv.addVocabulary(['patternErrorMessage']);
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  });
});
