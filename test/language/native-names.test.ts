import { describe, expect, it } from 'vitest';
import { Workspace } from './workspace.js';

const workspace = new Workspace();

/** Messages and hints about a text. */
async function said(text: string): Promise<string[]> {
  const { diagnostics } = await workspace.check(text);
  return diagnostics.map(
    ({ line, message, hint }) => `${line} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
  );
}

const HEAD = 'version: 1\ndefaults: { model: kling-3.0/pro, duration: 6, audio: false }\n';

describe('a field by the name of another vocabulary', () => {
  it('gets one message each that says what to write, on a shot and in its segments', async () => {
    const list = `${HEAD}shots:
  - name: cliff
    image: boards/cliff.png
    tail_image_url: boards/beach.png
    multi_prompt:
      - { text: One, seconds: 3, index: 1 }
      - { prompt: Two, duration: 3 }
    sound: "on"
    guidance_scale: 7.5
    seed: 42
    aspect_ratio: 9:16
    segments:
      - { text: One, start_image: x.png }
`;
    expect(await said(list)).toEqual([
      '4 `name` is called `id` here | write `id: cliff`',
      '5 `image` is called `start_image` here | write `start_image: boards/cliff.png`',
      '6 `tail_image_url` is called `end_image` here | write `end_image: boards/beach.png`',
      '7 `multi_prompt` is called `segments` here | `segments` is already written here: keep one of them',
      '10 `sound` is called `audio` here | write `audio: true`',
      '11 `guidance_scale` is called `cfg_scale` here | write `cfg_scale:` and a number from 0 to 1; other models count on another scale',
      '12 there is no `seed` here: these models take no seed, and no render can be repeated exactly | take it out; `takes: 3` renders the shot three times to choose from; a model with a `seed` of its own takes it under `input`',
      '13 there is no `aspect_ratio` here: the start image decides the shape of the video | take it out; `aspect: 9:16` at the top of the list warns of boards of another shape',
      '15 `text` is called `prompt` here | write `prompt: One`',
      '15 `start_image` belongs to the shot, not to a segment | write it on the shot; a beat with an image or settings of its own is a shot of its own',
    ]);
  });

  it('gets it on the list, in defaults, profiles, scenes and elements', async () => {
    const list = `version: 1
model: kling-3.0/pro
fps: 24
characters: {}
defaults: { generate_audio: false }
profiles: { final: { resolution: 4k } }
scenes: { "1": { prompt: x } }
elements: { hero: { image: boards/hero.png } }
shots: [{ id: a, start_image: boards/cliff.png, prompt: A, duration: 5 }]
`;
    expect(await said(list)).toEqual([
      '2 `model` belongs to a shot, not to the list | write it on the shot, or under `defaults:` for all shots',
      '3 there is no `fps` here: the service decides the frame rate | take it out; the edit decides the frame rate of the film',
      '4 `characters` is called `elements` here | `elements` is already written here: keep one of them',
      '5 `generate_audio` is called `audio` here | write `audio: false`',
      '6 there is no `resolution` here: the model decides the size of the picture | take it out; for 4K write `model: kling-3.0/4k`, which costs more',
      '7 `prompt` belongs to the shots of a scene | write it under the scene’s `defaults:`',
      '8 `image` is called `frontal_image` here | write `frontal_image: boards/hero.png`',
    ]);
  });

  it('gets it under the model’s own input too', async () => {
    const list = `${HEAD}shots: [{ id: a, start_image: boards/cliff.png, prompt: A, input: { image_tail: x, fps: 24 } }]\n`;
    expect(await said(list)).toEqual([
      '3 kling-3.0/pro has no input `image_tail` | it is called `end_image` here: write it on the shot itself, not under `input`',
      '3 kling-3.0/pro has no input `fps`: the service decides the frame rate | take it out; the edit decides the frame rate of the film',
    ]);
  });
});

describe('a value in the words of another vocabulary', () => {
  it.each([
    ['camera: slow push in', 'write `camera: { move: slow push in }`'],
    ['transition: dissolve', 'write the seconds of the crossfade, such as `transition: 0.5`'],
    ['use: 0-4', 'write from and to in seconds: `use: [0, 4]`'],
    ['use: 1.5 to 4 s', 'write from and to in seconds: `use: [1.5, 4]`'],
    ['use: 4', 'write from and to in seconds: `use: [0, 4]`'],
    ['approved: yes', '`shotlist approve` writes it into the list'],
    ['prompt: [One, Two]', 'several prompts are segments: `segments: [{ prompt: One }, { prompt: Two }]`'],
    ['duration: 4.5', 'write `duration: 5` and `use: [0, 4.5]`'],
    ['end_image: { path: boards/beach.png }', 'write the path or URL alone: `end_image: boards/beach.png`'],
    ['camera: { movement: push_in }', 'write `move: push in`'],
    [
      'elements: [{ frontal_image_url: x }]',
      'name each under `elements:` at the top of the list, and write their names on the shot: `elements: [hero]`',
    ],
  ])('gets the hint what to type for `%s`', async (field, hint) => {
    const { diagnostics } = await workspace.check(
      `${HEAD}shots:\n  - id: a\n    start_image: boards/cliff.png\n    ${field}\n`,
    );
    expect(diagnostics.map((each) => each.hint)).toContain(hint);
  });

  it.each([
    ['budget: $25', 'write `budget: 25`, in USD'],
    ['profiles: { final: kling-3.0/4k }', 'write `final: { model: kling-3.0/4k }`'],
    [
      'scenes: [{ id: 010, title: The cliff }]',
      'each scene is a name with its fields: `"010": { title: The cliff }`',
    ],
    [
      'elements: [{ name: hero, image: a.png }]',
      'each element is a name with its fields: `hero: { frontal_image: a.png }`',
    ],
  ])('gets the hint what to type for the list’s `%s`', async (field, hint) => {
    const { diagnostics } = await workspace.check(
      `${HEAD}${field}\nshots: [{ id: a, start_image: boards/cliff.png, prompt: A }]\n`,
    );
    expect(diagnostics.map((each) => each.hint)).toEqual([hint]);
  });

  it('is an error as `{{name}}` if the list has that variable, and a warning if not', async () => {
    const list = `${HEAD}vars: { place: Sur }\nshots: [{ id: a, start_image: boards/cliff.png, prompt: "In {{ place }} at {{time}}." }]\n`;
    const { diagnostics } = await workspace.check(list);
    expect(diagnostics.map(({ code, severity, hint }) => [code, severity, hint])).toEqual([
      ['SL106', 'error', 'write `${place}`'],
      ['SL106', 'warning', 'write `${time}`, and name it under `vars:`'],
    ]);
  });
});

describe('a file that is not a list', () => {
  it.each([
    ['a body', '{"model_name": "kling-v3", "prompt": "A boat", "start_image_url": "https://x.y/z.png"}'],
    ['several bodies', '[{"prompt": "A boat"}, {"prompt": "A tree"}]'],
    ['a command', 'curl --request POST \\\n  --url https://x.y \\\n  --data \'{\n  "prompt": "A"}\'\n'],
  ])('is called a request if it is %s', async (_, text) => {
    const [first, ...others] = await said(text);
    expect(first).toMatch(
      /^1 this is a request for the API, not a shot list \| `shotlist import .*film.yaml` makes a list of it$/,
    );
    expect(others).toEqual([]);
  });

  it.each([
    ['```yaml\nversion: 1\n```', 'this line is a fence of Markdown, not a part of the list'],
    ['version: 1\n// my shots\nshots: []\n', 'a comment begins with #'],
    [
      'version: 1\nshots:\n  – id: a\n    prompt: A\n',
      'a shot begins with a dash; this is another character, –',
    ],
  ])('is explained: %j', async (text, message) => {
    const { diagnostics } = await workspace.check(text);
    expect(diagnostics[0]?.message).toBe(message);
  });
});
