import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';

const LIST = `version: 1
title: Coast
defaults: { model: kling-3.0/standard, audio: false, start_image: boards/board.png, duration: 3 }
shots:
  # opens the film
  - id: cliff
    prompt: At the edge
    takes: 3

  - { id: beach, prompt: Down to the water, takes: 2 }   # flow
  - id: tints
    prompt: A tint
    matrix: { cfg_scale: [0.3, 0.5] }
  - id: after
    start_image: { last_frame_of: cliff }
    prompt: Goes on
`;

async function withList(text = LIST): Promise<Project> {
  const project = await Project.make();
  await project.write('film.yaml', text);
  return project;
}

describe('shotlist select', () => {
  it('select writes the choice and leaves every other byte alone', async () => {
    const project = await withList(`\ufeff${LIST.replaceAll('\n', '\r\n')}`);
    expect(await project.run(['select', 'film.yaml', 'cliff=2', 'beach=1'])).toEqual({
      code: 0,
      stdout: 'cliff: take 2\nbeach: take 1\n',
      stderr: '',
    });
    const chosen = LIST.replace('takes: 3\n', 'takes: 3\n    select: 2\n').replace(
      'takes: 2 }',
      'takes: 2, select: 1 }',
    );
    expect(await project.read('film.yaml')).toBe(`\ufeff${chosen.replaceAll('\n', '\r\n')}`);
    expect(await project.run(['select', 'film.yaml', 'cliff=', 'beach='])).toMatchObject({ code: 0 });
    expect(await project.read('film.yaml')).toBe(`\ufeff${LIST.replaceAll('\n', '\r\n')}`);
  });

  it.each([
    ['cliff=0', 'shotlist: cliff has 3 takes, and no take 0\nhint: takes are counted from 1\n'],
    ['cliff=9', 'shotlist: cliff has 3 takes, and no take 9\nhint: raise its `takes` to render more\n'],
    ['clif=1', 'shotlist: there is no shot clif\nhint: did you mean cliff?\n'],
    [
      'tints.cfg_scale-0.3=1',
      'shotlist: tints.cfg_scale-0.3 is one of the 2 variants of `tints`\nhint: they are one entry in the list: name tints\n',
    ],
  ])('select refuses %s', async (choice, stderr) => {
    const project = await withList();
    expect(await project.run(['select', 'film.yaml', 'beach=2', choice])).toEqual({
      code: 64,
      stdout: '',
      stderr,
    });
    expect(await project.read('film.yaml')).toBe(LIST);
  });
});

describe('shotlist approve', () => {
  it('approve writes the key that a plan would send, and writes it again after a change', async () => {
    const project = await withList();
    const first = await project.run(['approve', 'film.yaml']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^cliff: approved as \w{8}\nbeach: .*\ntints: left out; it has 2 variants\nafter: approved as \w{8}\n$/,
    );
    expect(await project.run(['validate', 'film.yaml'])).toMatchObject({ code: 0 });
    const { stdout } = await project.run(['plan', 'film.yaml', '--json']);
    const { submissions } = JSON.parse(stdout) as { submissions: { id: string; key: string }[] };
    const key = submissions.find(({ id }) => id === 'cliff')?.key.slice(0, 8);
    expect(first.stdout).toContain(`cliff: approved as ${key}\n`);

    // Another take is another video, for the shot that starts from it too.
    await project.run(['select', 'film.yaml', 'cliff=3']);
    expect(await project.run(['validate', 'film.yaml'])).toMatchObject({ code: 65 });
    const again = await project.run(['approve', 'film.yaml', 'cliff', 'after']);
    expect(again.stdout).toMatch(/^cliff: approved as \w{8}\nafter: approved as \w{8}\n$/);
    expect(await project.run(['validate', 'film.yaml'])).toMatchObject({ code: 0 });
    await project.run(['approve', 'film.yaml', '--remove']);
    await project.run(['select', 'film.yaml', 'cliff=']);
    expect(await project.read('film.yaml')).toBe(LIST);
  });

  it('approve refuses a list with another error', async () => {
    const project = await withList(LIST.replace('boards/board.png', 'boards/bord.png'));
    const { code, stderr } = await project.run(['approve', 'film.yaml', 'cliff']);
    expect(code).toBe(65);
    expect(stderr).toContain('error SL211');
  });

  it('approve refuses a shot that has several variants', async () => {
    const project = await withList();
    expect(await project.run(['approve', 'film.yaml', 'tints'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('`tints` has 2 variants'),
    });
  });
});

describe('shotlist fmt', () => {
  it('fmt writes a list in the one layout, and fmt --check names lists that are not in it', async () => {
    const project = await withList();
    await project.write('wild.yaml', '\ufeffshots:\r\n- {id: a,prompt:   "b"} # c\r\n');
    expect(await project.run(['fmt', '--check', 'film.yaml', 'wild.yaml'])).toEqual({
      code: 1,
      stdout: 'wild.yaml: not formatted\n',
      stderr: 'hint: shotlist fmt wild.yaml\n',
    });
    expect(await project.run(['fmt', 'film.yaml', 'wild.yaml'])).toEqual({
      code: 0,
      stdout: 'wild.yaml: formatted\n',
      stderr: '',
    });
    expect(await project.read('wild.yaml')).toBe('shots:\n  - { id: a, prompt: "b" } # c\n');
    expect(await project.read('film.yaml')).toBe(LIST);
    expect(await project.run(['fmt', '--check', 'film.yaml', 'wild.yaml'])).toEqual({
      code: 0,
      stdout: '2 lists, all formatted\n',
      stderr: '',
    });
  });

  it('fmt leaves a file alone that YAML cannot read, and formats the other lists', async () => {
    const project = await withList('shots:\n- id: "a\n');
    await project.write('other.yaml', 'a:   1\n');
    const { code, stderr } = await project.run(['fmt', 'film.yaml', 'other.yaml']);
    expect(code).toBe(65);
    expect(stderr).toContain('film.yaml:2:7 error SL006');
    expect(await project.read('film.yaml')).toBe('shots:\n- id: "a\n');
    expect(await project.read('other.yaml')).toBe('a: 1\n');
  });
});
