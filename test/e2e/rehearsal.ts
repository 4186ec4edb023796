import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Project } from './rig.js';

/**
 * Gives projects in which a list is rehearsed already. The list is rendered for the first one only; each project has a copy
 * of its own. A test that writes another list finds the clips of the shots that both have.
 */
export function rehearsalOf(list: string): () => Promise<Project> {
  let rendered: Promise<string> | undefined;
  return async () => {
    const project = await Project.make();
    await project.write('film.yaml', list);
    rendered ??= render(project);
    await cp(await rendered, project.path('rehearsals'), { recursive: true });
    return project;
  };
}

/** Rehearses `film.yaml`; returns a copy of the run directory that outlives the project. */
async function render(project: Project): Promise<string> {
  const { code, stderr } = await project.run(['run', 'film.yaml', '--provider', 'local']);
  if (code !== 0) throw new Error(stderr);
  const kept = await mkdtemp(join(tmpdir(), 'shotlist-rehearsal-'));
  await cp(project.path('rehearsals'), kept, { recursive: true });
  return kept;
}
