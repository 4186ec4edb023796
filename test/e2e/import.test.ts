import { copyFile, mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from './rig.js';

/** A project with N panels in `panels/`. */
async function withPanels(count: number): Promise<Project> {
  const project = await Project.make();
  await mkdir(project.path('panels'));
  for (let number = 1; number <= count; number += 1) {
    await copyFile(project.path('boards/board.png'), project.path('panels', `Panel ${number}.png`));
  }
  return project;
}

describe('shotlist import', () => {
  it('import turns a folder of sixty boards into a list that validates without a warning', async () => {
    const project = await withPanels(60);
    expect(await project.run(['import', 'panels'])).toEqual({
      code: 0,
      stderr: '',
      stdout: `panels.yaml: 60 shots
60 shots without words: look for “to write” in the list.
To rehearse it, free of charge: shotlist run panels.yaml --provider local
`,
    });
    expect(await project.run(['validate', 'panels.yaml'])).toMatchObject({
      code: 0,
      stdout: 'panels.yaml: 60 shots, 5 m of video, nothing wrong\n',
    });
  });

  it('import turns a Storyboarder scene into a list that rehearses', async () => {
    const project = await Project.make();
    await mkdir(project.path('chase/images'), { recursive: true });
    for (const name of ['board-1-AAAAA-posterframe.jpg', 'board-2-BBBBB-posterframe.jpg']) {
      await copyFile(project.path('boards/board.png'), project.path('chase/images', name));
    }
    const boards = [
      {
        uid: 'AAAAA',
        url: 'board-1-AAAAA.png',
        shot: '1A',
        action: 'She runs past the ${hero} sign',
        dialogue: 'ANNA: Go',
      },
      { uid: 'BBBBB', url: 'board-2-BBBBB.png', shot: '1B', duration: 2000 },
    ];
    await project.write('chase/chase.storyboarder', JSON.stringify({ defaultBoardTiming: 4000, boards }));
    expect(await project.run(['import', 'chase/chase.storyboarder'])).toMatchObject({ code: 0, stderr: '' });
    const run = await project.run(['run', 'chase/chase.yaml', '--provider', 'local']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { submissions } = await project.manifest('chase/rehearsals/chase');
    expect(submissions.map(({ id, state }) => [id, state])).toEqual([
      ['1A', 'done'],
      ['1B', 'done'],
    ]);
    expect(submissions[0]?.prompt).toContain('the ${hero} sign');
    // Rendered longer than the board lasts, with the board's own time for the cut.
    expect(submissions[1]).toMatchObject({ seconds: 3, use: [0, 2] });
  });

  it('import writes an incomplete list of a table and names the line where a value is missing', async () => {
    const project = await Project.make();
    await project.write('shots.csv', 'Shot,Action,Board,Length\na,Rain,boards/board.png,4\nb,Sun,,\n');
    const { code, stdout, stderr } = await project.run(['import', 'shots.csv']);
    expect(code).toBe(65);
    expect(stderr).toContain('shots.yaml:17:5 error SL103  `b` has no `start_image`');
    expect(stdout).toContain('The list is written but not valid yet');
  });

  it('import replaces a list only with --force', async () => {
    const project = await withPanels(1);
    await project.write('panels.yaml', 'mine');
    expect(await project.run(['import', 'panels'])).toEqual({
      code: 73,
      stdout: '',
      stderr: `shotlist: panels.yaml is already there; nothing was written
hint: --out writes another file, --force replaces this one
`,
    });
    expect(await project.read('panels.yaml')).toBe('mine');
    expect(await project.run(['import', 'panels', '--force'])).toMatchObject({ code: 0 });
  });

  it('import writes no list with images outside its tree', async () => {
    const project = await withPanels(1);
    await mkdir(project.path('other'));
    const { code, stderr } = await project.run(['import', 'panels', '--out', 'other/film.yaml']);
    expect(code).toBe(64);
    expect(stderr).toMatch(
      /^shotlist: panels\/Panel 1\.png would be outside the tree of other\/film\.yaml; nothing/,
    );
    expect(await project.files('other')).toEqual([]);
  });
});
