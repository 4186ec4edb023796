import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Project } from './rig.js';

const UNSET = 'hint: is a variable of the shell not set?\n';

it.each([
  [['run', 'film.yaml', '--out', ''], "error: option '--out <folder>' is empty\n"],
  [['plan', 'film.yaml', '--out='], "error: option '--out <folder>' is empty\n"],
  [['import', 'boards', '--out', ''], "error: option '--out <list>' is empty\n"],
  [['emulate', '--folder', ''], "error: option '--folder <folder>' is empty\n"],
  [['plan', 'film.yaml', '--only', 'a', '--only', ''], "error: option '--only <shots>' is empty\n"],
  [['models', '--list', '', 'add', 'x'], "error: option '--list <list>' is empty\n"],
  [['init', ''], "error: argument 'folder' is empty\n"],
  [['models', ''], "error: argument 'id' is empty\n"],
  [['validate', 'film.yaml', ''], "error: argument 'lists' is empty\n"],
])('refuses a command line with an empty value: %j', async (args, message) => {
  const project = await Project.make();
  await project.film(1);
  expect(await project.run(args)).toEqual({ code: 64, stdout: '', stderr: message + UNSET });
});

it.each(['65536', '99999', '-1', '80a', ''])('refuses the port %j of `emulate`', async (port) => {
  const project = await Project.make();
  const { code, stderr } = await project.run(['emulate', `--port=${port}`]);
  expect(code).toBe(64);
  expect(stderr).toContain('A port is a whole number from 0 to 65535.');
});

it('says how to write the name of a file that begins with a dash', async () => {
  const project = await Project.make();
  expect(await project.run(['run', '-dash.yaml'])).toEqual({
    code: 64,
    stdout: '',
    stderr:
      "error: unknown option '-dash.yaml'\nhint: a file whose name begins with a dash is written ./-dash.yaml\n",
  });
  expect((await project.run(['run', '--dash'])).stderr).not.toContain('hint');
});

it.skipIf(!existsSync('/dev/full'))(
  'brings a run to its end when standard output cannot be written',
  async () => {
    const project = await Project.make();
    await project.film(1);
    const ended = await project.runOnto('/dev/full', ['run', 'film.yaml', '--provider', 'local']);
    expect(ended.stderr).toBe('shotlist: cannot write to standard output: the disk is full\n');
    expect(ended.code).toBe(73);
    const { submissions } = await project.manifest('rehearsals/film');
    expect(submissions.map(({ state }) => state)).toEqual(['done']);
  },
);
