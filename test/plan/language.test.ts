import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadOptions, loadShotList } from '../../src/language/load.js';
import { makePlan } from '../../src/plan/make-plan.js';
import type { Submission } from '../../src/plan/plan.js';

const BOARD = fileURLToPath(new URL('../fixtures/boards/cliff.png', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotlist-language-'));
  await copyFile(BOARD, join(folder, 'board.png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return join(folder, 'film.yaml');
}

async function load(
  text: string,
  { files = {}, ...options }: LoadOptions & { files?: Record<string, string> } = {},
) {
  const file = await write({ ...files, 'film.yaml': `version: 1\n${text}` });
  const loaded = await loadShotList(file, options);
  const value = loaded.ok ? loaded.value : loaded.partial;
  if (!value) return { loaded, planned: null, diagnostics: loaded.diagnostics };
  const planned = makePlan(value);
  return { loaded, planned, diagnostics: [...loaded.diagnostics, ...planned.diagnostics] };
}

/** The plan of a list without errors. */
async function plan(text: string, options: Parameters<typeof load>[1] = {}): Promise<readonly Submission[]> {
  const { planned, diagnostics } = await load(text, options);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ code, line, message }) => `${code} ${line} ${message}`)).toEqual([]);
  if (!planned?.ok) throw new Error('not planned');
  return planned.value.submissions;
}

/** Code and line of each error. */
async function errors(text: string, options: Parameters<typeof load>[1] = {}): Promise<readonly string[]> {
  const { diagnostics } = await load(text, options);
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, line }) => `${code} ${line}`);
}

const SHOT = 'prompt: She waits, start_image: board.png';
const DEFAULTS = 'defaults: { model: kling-3.0/pro, prompt: She waits, start_image: board.png, duration: 5 }';

describe('use', () => {
  const withUse = (to: number) => `${DEFAULTS}\nshots:\n  - { id: a, use: [1, ${to}] }\n`;

  it('allows a `use` range that ends exactly where the clip ends', async () => {
    expect((await plan(withUse(5)))[0]?.use).toEqual([1, 5]);
  });

  it('refuses a `use` range that ends after the clip', async () => {
    expect(await errors(withUse(5.1))).toEqual(['SL112 4']);
  });
});

describe('precedence', () => {
  const layers = `
defaults: { model: kling-3.0/pro, start_image: board.png, prompt: from defaults, duration: 3, takes: 4, select: 4 }
scenes:
  "010": { defaults: { prompt: from the scene, duration: 4 } }
profiles:
  final: { prompt: from the profile, duration: 6, model: kling-3.0/4k, takes: 2, select: 1 }
shots:
  - { id: a }
  - { id: b, scene: "010" }
  - { id: c, scene: "010", prompt: from the shot, duration: 7, model: kling-3.0/standard, takes: 3, select: 3 }
  - { id: d, scene: "010", prompt: from the shot, takes: null, select: null, duration: null }
`;
  // As the README's table has it: later layers win, but for what a profile is there to change.
  it.each([
    ['a', undefined, 'from defaults', 3, 'kling-3.0/pro', 4, 4],
    ['b', undefined, 'from the scene', 4, 'kling-3.0/pro', 4, 4],
    ['c', undefined, 'from the shot', 7, 'kling-3.0/standard', 3, 3],
    ['d', undefined, 'from the shot', 10, 'kling-3.0/pro', 1, 1],
    ['a', 'final', 'from the profile', 6, 'kling-3.0/4k', 2, 1],
    ['b', 'final', 'from the profile', 6, 'kling-3.0/4k', 2, 1],
    ['c', 'final', 'from the shot', 7, 'kling-3.0/4k', 2, 1],
    ['d', 'final', 'from the shot', 10, 'kling-3.0/4k', 2, 1],
  ])('resolves shot %s with profile %s', async (id, profile, prompt, seconds, model, takes, select) => {
    const own = (await plan(layers, { profile })).filter(({ shot }) => shot === id);
    expect(own).toHaveLength(takes);
    expect(own.map(({ selected }) => selected).indexOf(true) + 1).toBe(select);
    expect(own[0]).toMatchObject({ prompt, seconds, model: `kling/${model}/image-to-video` });
  });

  it('refuses a profile that the list does not have', async () => {
    expect(await errors(layers, { profile: 'finl' })).toEqual(['SL110 6']);
  });
});

describe('variables', () => {
  it('fills variables into any text, keeps the type of a whole value, and lets --set win', async () => {
    const text = `
vars: { place: Big Sur, length: 7 }
shots:
  - { id: a, model: kling-3.0/pro, prompt: "Fog over \${place}, $\${place}", start_image: board.png, duration: "\${length}" }
`;
    expect((await plan(text))[0]).toMatchObject({ prompt: 'Fog over Big Sur, ${place}', seconds: 7 });
    const set = new Map([['place', 'Monterey']]);
    expect((await plan(text, { set }))[0]?.prompt).toBe('Fog over Monterey, ${place}');
    expect(await errors(text, { set: new Map([['plaice', 'x']]) })).toEqual(['SL106 3']);
  });

  it('converts variables to the type of their field, also from --set and from other variables', async () => {
    const text = `
vars: { length: 7, film: Coast, look: "\${film}, dusk" }
look: \${look}
shots:
  - { id: a, model: kling-3.0/pro, ${SHOT}, duration: "\${length}", scene: "\${length}" }
`;
    const set = new Map([
      ['length', '8'],
      ['film', 'Fog'],
    ]);
    expect((await plan(text, { set }))[0]).toMatchObject({
      prompt: 'She waits. Fog, dusk',
      seconds: 8,
      scene: '8',
    });
  });

  it('never sends a variable unfilled, in whatever form it is written', async () => {
    const files = { 'products.csv': 'sku,price\nx1,5\n' };
    const text = `
vars: { currency: $ }
${DEFAULTS}
shots:
  - { id: "p-\${ row.sku }", each: products.csv, prompt: "for \${currency}\${row.price}", duration: "\${ row.price }" }
`;
    expect((await plan(text, { files }))[0]).toMatchObject({ id: 'p-x1', prompt: 'for $5', seconds: 5 });
    const video = 'elements: { a: { video: "https://a.com/${row.x}" } }';
    expect(await errors(`${video}\n${DEFAULTS}\nshots: [{ id: a }]`)).toEqual(['SL106 2']);
  });

  it('does not read variables from the environment', async () => {
    expect(await errors(`${DEFAULTS}\nshots:\n  - { id: a, prompt: "\${HOME} \${env.HOME}" }`)).toEqual([
      'SL106 4',
      'SL106 4',
    ]);
  });
});

describe('a budget', () => {
  const budgetOf = async (text: string, options: Parameters<typeof load>[1] = {}) => {
    const { planned, diagnostics } = await load(`${text}\n${DEFAULTS}\nshots: [{ id: a }]`, options);
    return {
      codes: diagnostics.map(({ code, line }) => `${code} ${line}`),
      plan: planned?.ok && planned.value,
    };
  };

  it('takes the budget from the list, also as a variable', async () => {
    expect((await budgetOf('budget: 25')).plan).toMatchObject({ budget: 25 });
    expect((await budgetOf('budget: ${most}\nvars: { most: 12.5 }')).plan).toMatchObject({ budget: 12.5 });
    const set = new Map([['most', '8']]);
    expect((await budgetOf('budget: ${most}\nvars: { most: 12.5 }', { set })).plan).toMatchObject({
      budget: 8,
    });
    expect((await budgetOf('')).plan).toMatchObject({ budget: null });
  });

  it('refuses a budget that is no number above zero', async () => {
    for (const wrong of ['0', '-5', '$25', '.inf', 'yes']) {
      expect((await budgetOf(`budget: ${wrong}`)).codes).toEqual(['SL101 2']);
    }
  });

  it('refuses a budget in an included file, where it would have no effect', async () => {
    const files = { 'cast.yaml': 'budget: 25\n' };
    expect((await budgetOf('include: [cast.yaml]', { files })).codes).toEqual(['SL222 1']);
  });
});

describe('look and camera', () => {
  it('adds camera and look in words to the prompt and to every segment', async () => {
    const [shot] = await plan(`
look: 35mm anamorphic
${DEFAULTS}
shots:
  - id: a
    camera: { size: MS, angle: low angle, move: push in }
    segments: [{ prompt: She walks, duration: 4 }, { prompt: She stops., duration: 3 }]
    prompt: null
`);
    const added = 'Medium shot, low angle, push in. 35mm anamorphic';
    expect(shot?.segments.map(({ prompt }) => prompt)).toEqual([
      `She walks. ${added}`,
      `She stops. ${added}`,
    ]);
    expect(shot?.prompt).toBe(`She walks\nShe stops. ${added}`);
  });

  it('sends a prompt without the blanks at the ends of its lines and the line break at its end', async () => {
    const [shot] = await plan(`${DEFAULTS}\nshots:\n  - id: a\n    prompt: |
      She waits.
      She goes. 
`);
    expect(shot?.input.prompt).toBe('She waits.\nShe goes.');
  });

  it('leaves the look out with `look: none`', async () => {
    const list = `look: 35mm\n${DEFAULTS}\nshots:\n  - { id: a, look: none }\n  - { id: b }`;
    expect((await plan(list)).map(({ prompt }) => prompt)).toEqual(['She waits', 'She waits. 35mm']);
  });
});

describe('profiles in included files', () => {
  it('points at the field of a wrong camera or look', async () => {
    const files = { 'profile.yaml': 'profiles:\n  final: { model: kling-9 }\n' };
    const text = `include: [profile.yaml]\nprofiles: { final: { takes: 2 } }\n${DEFAULTS}\nshots: [{ id: a }]`;
    const { diagnostics } = await load(text, { files, profile: 'final' });
    expect(diagnostics).toMatchObject([{ code: 'SL201', line: 2, file: join(folder, 'profile.yaml') }]);
  });
});

describe('includes', () => {
  const files = {
    'shared/cast.yaml':
      'vars: { weather: rain }\nelements:\n  hero: { frontal_image: hero.png }\ndefaults: { negative_prompt: "${weather}" }\n',
    'shared/hero.png': '',
    'shared/wrong.yaml': 'elements:\n  hero: { frontal_image: nobody.png }\n',
    'shared/loop.yaml': 'include: [loop.yaml]\n',
  };

  it('merges included files, lets the list win, and resolves paths from the file that has them', async () => {
    await mkdir(join(folder, 'shared'), { recursive: true });
    await copyFile(BOARD, join(folder, 'shared/hero.png'));
    const { 'shared/hero.png': _, ...texts } = files;
    const text = `include: [shared/cast.yaml]\nvars: { weather: snow }\n${DEFAULTS}\nshots:\n  - { id: a, elements: [hero], prompt: "@hero" }`;
    const [shot] = await plan(text, { files: texts });
    expect(shot?.input).toMatchObject({
      negative_prompt: 'snow',
      elements: [{ frontal_image_url: { $file: 'shared/hero.png' } }],
    });
  });

  it('reports errors of included files in them, and refuses files that include themselves', async () => {
    const { 'shared/hero.png': _, ...texts } = files;
    const wrong = await load(`include: [shared/wrong.yaml]\n${DEFAULTS}\nshots: [{ id: a }]`, {
      files: texts,
    });
    expect(wrong.diagnostics[0]).toMatchObject({
      code: 'SL211',
      line: 2,
      file: join(folder, 'shared/wrong.yaml'),
    });
    const loop = await load(`include: [shared/loop.yaml]\n${DEFAULTS}\nshots: [{ id: a }]`, { files: texts });
    expect(loop.diagnostics[0]).toMatchObject({
      code: 'SL222',
      line: 1,
      file: join(folder, 'shared/loop.yaml'),
    });
  });
});

describe('takes, matrix and each', () => {
  it('names submissions after matrix, then take, then part', async () => {
    const variants = await plan(`
${DEFAULTS}
shots:
  - id: cliff
    takes: 2
    split: true
    prompt: null
    matrix: { cfg_scale: [0.3, 0.7], model: [kling-3.0/standard, kling-3.0/pro] }
    segments: [{ prompt: a, duration: 15 }, { prompt: b, duration: 4 }]
`);
    const ids = variants.map(({ id }) => id);
    expect(ids).toHaveLength(16);
    expect(new Set(variants.map(({ variant_of }) => variant_of))).toEqual(new Set(['cliff']));
    expect(ids.slice(0, 4)).toEqual([
      'cliff.cfg_scale-0.3.model-1.part1',
      'cliff.cfg_scale-0.3.model-1.part2',
      'cliff.cfg_scale-0.3.model-1.take2.part1',
      'cliff.cfg_scale-0.3.model-1.take2.part2',
    ]);
    expect(new Set(ids).size).toBe(16);
  });

  it('makes one shot of each row and reads numbers from cells', async () => {
    const files = {
      'products.csv': '\ufeffsku;name;seconds;sound\r\na1;"Bottle; blue";4;true\r\nb2;Mug;;\r\n',
    };
    const list = `${DEFAULTS}\nshots:\n  - { id: "p-\${row.sku}", each: products.csv, prompt: "\${row.name}", duration: "\${row.seconds}", audio: "\${row.sound}" }`;
    const rows = await plan(list, { files });
    expect(rows.map(({ id, prompt, seconds, audio }) => [id, prompt, seconds, audio])).toEqual([
      ['p-a1', 'Bottle; blue', 4, true],
      ['p-b2', 'Mug', 10, true],
    ]);
    const json = { 'products.json': '[{"sku":"x","seconds":6}]' };
    const [one] = await plan(
      `${DEFAULTS}\nshots:\n  - { id: p, each: products.json, duration: "\${row.seconds}" }`,
      { files: json },
    );
    expect([one?.id, one?.seconds]).toEqual(['p.row1', 6]);
  });

  it('reads row variables only with a table and keeps escaped ones', async () => {
    const files = { 'products.csv': 'sku\nx1\n' };
    expect(await errors(`${DEFAULTS}\nshots:\n  - { id: a, prompt: "\${row.sku}" }`, { files })).toEqual([
      'SL106 4',
    ]);
    const escaped = `${DEFAULTS}\nshots:\n  - { id: "b-\${row.sku}", each: products.csv, prompt: "$\${place} $\${row.sku} \${row.sku}" }`;
    expect((await plan(escaped, { files }))[0]).toMatchObject({
      id: 'b-x1',
      prompt: '${place} ${row.sku} x1',
    });
  });

  it('takes the scene of a shot from its row, with the scene’s fields', async () => {
    const files = { 'products.csv': 'sku,scene\na,010\nb,020\nc,\n' };
    const text = `
scenes: { "010": { defaults: { prompt: ten } }, "020": {} }
${DEFAULTS}
shots:
  - { id: "p-\${row.sku}", each: products.csv, scene: "\${row.scene}" }
`;
    const shots = await plan(text, { files });
    expect(shots.map(({ scene, prompt }) => [scene, prompt])).toEqual([
      ['010', 'ten'],
      ['020', 'She waits'],
      [null, 'She waits'],
    ]);
    files['products.csv'] = 'sku,scene\na,011\n';
    expect(await errors(text, { files })).toEqual(['SL109 6']);
  });

  it('reads a column that some rows of a JSON file leave out as empty cells', async () => {
    const files = {
      'products.json': '[{"sku":1,"name":"Mug"},{"sku":2},{"sku":3,"name":null,"tags":["a"]}]',
    };
    const list = (text: string) =>
      `${DEFAULTS}\nshots:\n  - { id: "p-\${row.sku}", each: products.json, prompt: "a \${row.${text}}" }`;
    expect((await plan(list('name'), { files })).map(({ prompt }) => prompt)).toEqual(['a Mug', 'a', 'a']);
    expect(await errors(list('tags'), { files })).toEqual(['SL106 4']);
  });

  it('reads the empty columns, rows and row ends that spreadsheets write', async () => {
    const files = { 'products.csv': 'sku,name,,\na,Mug,,\n,,,\nb\n' };
    const list = `${DEFAULTS}\nshots:\n  - { id: "p-\${row.sku}", each: products.csv, prompt: "a \${row.name}" }`;
    expect((await plan(list, { files })).map(({ id }) => id)).toEqual(['p-a', 'p-b']);
    expect(await errors(list, { files: { 'products.csv': 'sku,name\na,Mug, blue\n' } })).toEqual(['SL221 4']);
  });

  it('refuses ids that a take, part or variant of another shot can have', async () => {
    const files = { 'products.csv': 'sku\na.take2\n..\n' };
    expect(
      await errors(
        `${DEFAULTS}\nshots:\n  - { id: a, takes: 2 }\n  - { id: "\${row.sku}", each: products.csv }`,
        {
          files,
        },
      ),
    ).toEqual(['SL101 5', 'SL101 5']);
    const crossed = `${DEFAULTS}\nshots:\n  - { id: a, takes: 2, matrix: { negative_prompt: [x, x.take2] } }`;
    const ids = (await plan(crossed)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  it('crosses segments in a matrix without the inherited duration', async () => {
    const segments = '[{ prompt: a, duration: 4 }, { prompt: b, duration: 4 }]';
    const [both, none] = await plan(
      `${DEFAULTS}\nshots:\n  - { id: a, matrix: { segments: [${segments}, null] } }`,
    );
    expect([both?.seconds, none?.seconds]).toEqual([8, 5]);
  });

  it('leaves the fields that a shot or its scene sets out of an inherited matrix', async () => {
    const text = `
defaults: { model: kling-3.0/pro, duration: 5, prompt: x, start_image: board.png, matrix: { cfg_scale: [0.3, 0.7], audio: [true, false] } }
scenes: { "1": { defaults: { audio: false } } }
shots:
  - { id: a, cfg_scale: 0.5 }
  - { id: b, cfg_scale: null, audio: true }
  - { id: c, scene: "1" }`;
    const shots = await plan(text);
    expect(shots.map(({ id }) => id)).toEqual([
      'a.audio-true',
      'a.audio-false',
      'b',
      'c.cfg_scale-0.3',
      'c.cfg_scale-0.7',
    ]);
    expect(shots[0]?.input).toMatchObject({ cfg_scale: 0.5 });
    expect(shots[2]?.input).not.toHaveProperty('cfg_scale');
  });

  it('removes a matrix with a profile that sets it to null', async () => {
    const text = `profiles: { draft: { takes: null, select: null } }\n${DEFAULTS}\nshots:\n  - { id: a, takes: 3, select: 2 }`;
    expect((await plan(text, { profile: 'draft' })).map(({ id }) => id)).toEqual(['a']);
  });

  it('lets a profile reduce a matrix to one video, under the ids that chains name', async () => {
    const text = `
${DEFAULTS}
profiles: { final: { model: kling-3.0/4k } }
shots:
  - { id: a, matrix: { model: [kling-3.0/standard, kling-3.0/pro] } }
`;
    const shots = await plan(text, { profile: 'final' });
    expect(shots.map(({ id, model, same_as }) => [id, model, same_as])).toEqual([
      ['a.model-1', 'kling/kling-3.0/4k/image-to-video', null],
      ['a.model-2', 'kling/kling-3.0/4k/image-to-video', 'a.model-1'],
    ]);
  });

  it('gives each take from the second on a key of its own', async () => {
    const [first, second] = await plan(`${DEFAULTS}\nshots:\n  - { id: a, takes: 2 }`);
    const [alone] = await plan(`${DEFAULTS}\nshots:\n  - { id: b }`);
    expect(first?.key).toBe(alone?.key);
    expect(second?.key).not.toBe(first?.key);
  });
});

describe('chains', () => {
  it('chains a shot to the selected take and includes its key', async () => {
    const list = (select: number) => `
${DEFAULTS}
shots:
  - { id: beach, start_image: { last_frame_of: cliff } }
  - { id: cliff, takes: 2, select: ${select} }
`;
    const [one, , take2] = await plan(list(2));
    expect(one?.input.start_image_url).toEqual({ $last_frame_of: 'cliff.take2', key: take2?.key });
    const [other] = await plan(list(1));
    expect(other?.key).not.toBe(one?.key);
  });

  it('shares an end image without waiting for the other shot', async () => {
    const [, second] = await plan(`
${DEFAULTS}
shots:
  - { id: a, end_image: board.png }
  - { id: b, start_image: { end_image_of: a } }
`);
    expect(second?.input.start_image_url).toMatchObject({ $file: 'board.png' });
  });

  it('plans a chain of thousands of shots', async () => {
    const shots = Array.from(
      { length: 5000 },
      (_, n) => `  - { id: s${n + 1}, start_image: { last_frame_of: s${n} } }`,
    );
    const planned = await plan(`${DEFAULTS}\nshots:\n  - { id: s0 }\n${shots.join('\n')}`);
    expect(planned).toHaveLength(5001);
  });
});

describe('split', () => {
  it('splits a shot into chained parts and gives the end image to the last one', async () => {
    const parts = await plan(`
${DEFAULTS}
shots:
  - id: long
    split: true
    prompt: null
    end_image: board.png
    use: [10, 20]
    transition: 1
    notes: In one go
    segments: [{ prompt: a, duration: 8 }, { prompt: b, duration: 5 }, { prompt: c, duration: 9 }]
`);
    expect(parts.map(({ id, seconds, use }) => [id, seconds, use])).toEqual([
      ['long.part1', 13, [10, 13]],
      ['long.part2', 9, [0, 7]],
    ]);
    expect(parts.map(({ transition, notes }) => [transition, notes])).toEqual([
      [1, 'In one go'],
      [0, 'In one go'],
    ]);
    expect(parts[0]?.input.end_image_url).toBeUndefined();
    expect(parts[1]?.input).toMatchObject({
      start_image_url: { $last_frame_of: 'long.part1', key: parts[0]?.key },
      end_image_url: { $file: 'board.png' },
    });
  });

  it('does not split a shot that its model takes whole', async () => {
    const list = `${DEFAULTS}\nshots:\n  - { id: a, split: true, segments: [{ prompt: x, duration: 4 }, { prompt: y, duration: 4 }] }`;
    expect((await plan(list)).map(({ id, part }) => [id, part])).toEqual([['a', null]]);
  });
});

describe('approval', () => {
  it('accepts an approval that begins the key and refuses any other', async () => {
    const [shot] = await plan(`${DEFAULTS}\nshots:\n  - { id: a }`);
    const start = shot?.key.slice(0, 8);
    await plan(`${DEFAULTS}\nshots:\n  - { id: a, approved: "${start}" }`);
    expect(await errors(`${DEFAULTS}\nshots:\n  - { id: a, approved: "${start}", duration: 6 }`)).toEqual([
      'SL113 4',
    ]);
  });
});

describe('approval under a profile', () => {
  const list = (approved: string, prompt = 'She waits') => `
${DEFAULTS}
profiles: { final: { model: kling-3.0/4k } }
shots:
  - { id: a, prompt: ${prompt}, approved: "${approved}" }
`;

  it('accepts an approval of the shot with the profile or without it', async () => {
    const { planned } = await load(list('00000000'));
    const draft = planned && 'partial' in planned ? planned.partial?.submissions[0]?.key : undefined;
    await plan(list(draft?.slice(0, 8) ?? ''), { profile: 'final' });
    const final = await load(list('00000000'), { profile: 'final' });
    const key =
      final.planned && 'partial' in final.planned ? final.planned.partial?.submissions[0]?.key : undefined;
    await plan(list(key?.slice(0, 8) ?? ''), { profile: 'final' });
    expect(await errors(list(draft?.slice(0, 8) ?? '', 'She runs'), { profile: 'final' })).toEqual([
      'SL113 6',
    ]);
  });
});

describe('keys', () => {
  it('keeps keys when shots are reordered, renamed and annotated, and changes them with sent values', async () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 3, maxLength: 3 });
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    const shots = [
      `${SHOT}, model: kling-3.0/pro, duration: 5, matrix: { cfg_scale: [0.1, 0.9] }`,
      `${SHOT}, model: kling-3.0/pro, takes: 3`,
      `prompt: x, model: kling-o3/pro, split: true, start_image: board.png, segments: [{ prompt: a, duration: 9 }, { prompt: b, duration: 9 }]`,
    ];
    const keysOf = async (text: string) => (await plan(text)).map(({ key }) => key).toSorted();
    const expected = await keysOf(
      `shots:\n${shots.map((shot, n) => `  - { id: s${n}, ${shot} }`).join('\n')}`,
    );
    await fc.assert(
      fc.asyncProperty(ids, order, fc.string(), async (names, places, text) => {
        const notes = text.replaceAll('${', '$${');
        const lines = places.map(
          (n) => `  - { id: id-${names[n]}, notes: ${JSON.stringify(notes)}, ${shots[n]} }\n`,
        );
        expect(await keysOf(`title: ${JSON.stringify(notes)}\nshots:\n${lines.join('')}`)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
    const changed = await keysOf(
      `look: dusk\nshots:\n${shots.map((shot, n) => `  - { id: s${n}, ${shot} }`).join('\n')}`,
    );
    expect(changed.filter((key) => expected.includes(key))).toEqual([]);
  });
});
