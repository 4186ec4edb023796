import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Render } from '../../src/emulator/render.js';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { Project } from './rig.js';
import { startService } from './service.js';

const LIST = `version: 1
defaults: { model: kling-3.0/standard, start_image: boards/board.png, duration: 3, audio: false }
shots:
  - { id: cliff, prompt: At the edge }
  - { id: beach, prompt: Down to the water }
  - { id: night, prompt: Nobody is there }
`;

const found = await findFfmpeg();
if (!found.ok) throw new Error(found.message);
const { ffmpeg } = found;

/** ffmpeg sources of bad clips, by words of the prompt. */
const SOURCES: readonly (readonly [RegExp, string])[] = [
  [/edge/, 'testsrc2=s=640x360:r=24:d=3'],
  [/water/, 'testsrc2=s=360x640:r=24:d=2'],
  [/Nobody/, 'color=black:s=640x360:r=24:d=3'],
];

const render: Render = async ({ segments }, { folder, to }) => {
  const [, source = ''] = SOURCES.find(([words]) => words.test(segments[0]?.prompt ?? '')) ?? [];
  await mkdir(dirname(join(folder, to)), { recursive: true });
  const coded = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-f', 'mp4'];
  const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...coded, join(folder, to)];
  const { ok, message } = await runChild(ffmpeg.path, { args });
  return ok ? { ok } : { ok, message };
};

const REPORT = ['report', 'renders/film'] as const;

describe('a clip that is not what was asked for', () => {
  it('is flagged in terminal, manifest and dailies page, is kept, and is no failure', async () => {
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    const { env } = await startService({ deps: { render } });
    const ran = await project.run(['run', 'film.yaml', '--yes'], env);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^beach {2}flagged {2}it lasts 2 s instead of 3 s, it has 360 × 640 pixels/m);
    expect(ran.stdout).toMatch(/^night {2}flagged {2}it is black all through$/m);
    expect(ran.stdout).toContain(
      '2 clips are not quite what was asked for: beach, night. To look: shotlist report renders/film\n',
    );
    const { submissions } = await project.manifest('renders', 'film');
    const codes = submissions.map(({ outputs: [output] }) => output?.check?.flags.map(({ code }) => code));
    expect(codes).toEqual([[], ['length', 'aspect'], ['black']]);
    expect(await project.run([...REPORT])).toMatchObject({ code: 0 });
    const page = await readFile(project.path('renders/film/report/index.html'), 'utf8');
    expect(page).toContain('It is black all through.');
    expect(page).toContain('stills/night.');
    const events = await project.run(['run', 'film.yaml', '--yes', '--json'], env);
    const last = JSON.parse(events.stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ event: 'run_finished', exit: 0, flagged: ['beach', 'night'] });
  });

  it('is found by `shotlist report`, which also makes its stills, if no run has inspected it', async () => {
    const project = await Project.make();
    await project.write('film.yaml', LIST);
    const { env } = await startService({ deps: { render } });
    // Without an ffmpeg, only the facts of the file are compared.
    const blind = { ...env, SHOTLIST_FFMPEG: project.path('no-ffmpeg') };
    const ran = await project.run(['run', 'film.yaml', '--yes'], blind);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('A clip could not be inspected.');
    expect(ran.stdout).toContain('1 clip is not quite what was asked for: beach.');
    expect(await project.run([...REPORT], blind)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^shotlist: 3 clips not inspected\. .+ Set it to the path of an ffmpeg/),
    });
    expect(await readdir(project.path('renders/film/stills'))).toEqual([]);
    expect(await project.run([...REPORT])).toMatchObject({ code: 0 });
    const stills = await readdir(project.path('renders/film/stills'));
    expect(stills).toHaveLength(9);
    const { submissions } = await project.manifest('renders', 'film');
    expect(submissions[2]?.outputs[0]?.check).toMatchObject({ pictures: true, flags: [{ code: 'black' }] });
    expect(await project.run(['verify', 'renders/film'])).toMatchObject({ code: 0 });
    for (const still of stills) await rm(project.path('renders/film/stills', still));
    await writeFile(project.path('renders/film/stills/mine.jpg'), 'not yours');
    const before = await readFile(project.path('renders/film/manifest.json'), 'utf8');
    await project.run([...REPORT]);
    expect(await readdir(project.path('renders/film/stills'))).toHaveLength(10);
    expect(await readFile(project.path('renders/film/manifest.json'), 'utf8')).toBe(before);
  });
});
