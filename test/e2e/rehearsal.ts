import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, Project } from './rig.js';

/**
 * Gives projects in which a list is rehearsed already. The list is rendered for the first one only; each project has a copy
 * of its own. A test that writes another list finds the clips of the shots that both have. `rehearse` fills
 * `rehearsals/film`; without it, animatics do.
 */
export function rehearsalOf(list: string, rehearse = rehearseHere): () => Promise<Project> {
  let rendered: Promise<string> | undefined;
  return async () => {
    const project = await Project.make();
    await project.write('film.yaml', list);
    rendered ??= render(project, rehearse);
    await cp(await rendered, project.path('rehearsals'), { recursive: true });
    return project;
  };
}

function rehearseHere(project: Project): Promise<Ended> {
  return project.run(['run', 'film.yaml', '--provider', 'local']);
}

/** Rehearses `film.yaml`; returns a copy of the run directory that outlives the project. */
async function render(project: Project, rehearse: typeof rehearseHere): Promise<string> {
  const { code, stderr } = await rehearse(project);
  if (code !== 0) throw new Error(stderr);
  const kept = await mkdtemp(join(tmpdir(), 'shotlist-rehearsal-'));
  await cp(project.path('rehearsals'), kept, { recursive: true });
  return kept;
}
