import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readFcp7 } from '../cut/delivery/fcp7-rules.js';
import { readOtio } from '../cut/delivery/otio-rules.js';
import { rehearsalOf } from './rehearsal.js';
import type { Project } from './rig.js';

const RUN = 'rehearsals/film';
const DEFAULTS = '{ model: kling-3.0/standard, duration: 3, audio: true, start_image: boards/board.png }';

function filmOf(shots: readonly string[]): string {
  const lines = shots.map((shot) => `  - { ${shot} }\n`);
  return `version: 1\ndefaults: ${DEFAULTS}\nshots:\n${lines.join('')}`;
}

/**
 * A rehearsal with every clip that these tests deliver. The last prompt moves the camera: the stand-in for ffmpeg ignores
 * captions, and this clip must differ from the others.
 */
const withClips = rehearsalOf(
  filmOf(['id: a, prompt: One', 'id: b, prompt: Two', 'id: c, prompt: Pan left']),
);

async function list(project: Project, ...shots: readonly string[]): Promise<void> {
  await project.write('film.yaml', filmOf(shots));
}

/** Runs a list of these shots. Their clips are there already, so the run renders none. */
async function render(project: Project, ...shots: readonly string[]): Promise<void> {
  await list(project, ...shots);
  expect((await project.run(['run', 'film.yaml', '--provider', 'local'])).code).toBe(0);
}

const deliver = (project: Project, ...flags: readonly string[]) =>
  project.run(['deliver', RUN, '--to', 'edit', ...flags]);

// The first test renders the clips, which takes longer on a busy machine.
it('deliver adds new clips under the next version, and neither renames nor overwrites a file', {
  timeout: 180_000,
}, async () => {
  const project = await withClips();
  await render(project, 'id: a, prompt: One', 'id: b, prompt: Two, transition: 0.5');
  const first = await deliver(project);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain(
    'Delivered to edit: 2 new clips.\nThe timeline: film_v001.xml, film_v001.otio\n',
  );
  const files = ['SHa_v001.mp4', 'SHb_v001.mp4', 'delivery.json', 'film_v001.otio', 'film_v001.xml'];
  expect((await readdir(project.path('edit'))).toSorted()).toEqual(files);
  const xml = readFcp7(await readFile(project.path('edit/film_v001.xml'), 'utf8'));
  const otio = readOtio(await readFile(project.path('edit/film_v001.otio'), 'utf8'));
  expect([xml.length, ...otio.tracks.map(({ length }) => length)]).toEqual([132, 132, 132]);
  const record = await readFile(project.path('edit/delivery.json'), 'utf8');
  expect((await deliver(project)).stdout).toContain('Nothing new for edit.');
  expect(await readFile(project.path('edit/delivery.json'), 'utf8')).toBe(record);

  await render(project, 'id: a, prompt: Pan left', 'id: b, prompt: Two, transition: 0.5');
  await appendFile(project.path('edit/SHb_v001.mp4'), 'x');
  await rm(project.path('edit/SHa_v001.mp4'));
  const second = await deliver(project, '--for', 'premiere');
  expect(second.code).toBe(1);
  expect(second.stdout).toContain('1 new clip, 1 clip there already.\nThe timeline: film_v002.xml\n');
  expect(second.stdout).toContain('  SHa_v001.mp4  gone\n  SHb_v001.mp4  changed\n');
  expect(await readdir(project.path('edit'))).toContain('SHa_v002.mp4');
  expect(await readdir(project.path('edit'))).not.toContain('SHa_v001.mp4');
});

it('deliver continues an interrupted delivery, and does not touch other files', async () => {
  const project = await withClips();
  await render(project, 'id: a, prompt: One');
  await deliver(project);
  await rm(project.path('edit/delivery.json'));
  expect((await deliver(project)).stdout).toContain('film_v002.xml');
  await mkdir(project.path('other'));
  await project.write('other/SHa_v001.mp4', 'mine');
  expect(await project.run(['deliver', RUN, '--to', 'other'])).toMatchObject({ code: 0 });
  expect(await readFile(project.path('other/SHa_v001.mp4'), 'utf8')).toBe('mine');
  expect(await readdir(project.path('other'))).toContain('SHa_v002.mp4');
  await mkdir(project.path('third'));
  await project.write('third/a.mp4', 'mine');
  const refused = await project.run(['deliver', RUN, '--to', 'third', '--name', '{shot}']);
  expect(refused).toMatchObject({ code: 73, stdout: '' });
  expect(refused.stderr).toContain('there is another file called third/a.mp4');
  expect(await readFile(project.path('third/a.mp4'), 'utf8')).toBe('mine');
});

it('deliver never gives a version twice, in two deliveries together or after a killed one', async () => {
  const project = await withClips();
  await render(project, 'id: a, prompt: One', 'id: b, prompt: Two');
  const both = await Promise.all([deliver(project, '--only', 'a'), deliver(project, '--only', 'b')]);
  expect(both.map(({ code }) => code)).toContain(0);
  for (const { code, stderr } of both) {
    if (code !== 0) expect([code, stderr]).toEqual([75, expect.stringContaining('meanwhile')]);
  }
  expect((await deliver(project)).code).toBe(0);
  const record = JSON.parse(await readFile(project.path('edit/delivery.json'), 'utf8'));
  expect(record.clips.map(({ file }: { file: string }) => file).toSorted()).toEqual([
    'SHa_v001.mp4',
    'SHb_v001.mp4',
  ]);
  // Copied but not recorded, and then rendered again: the version is taken.
  await rm(project.path('edit/delivery.json'));
  await render(project, 'id: a, prompt: Pan left', 'id: b, prompt: Two');
  expect((await deliver(project)).code).toBe(0);
  const files = await readdir(project.path('edit'));
  expect(files.filter((file) => file.endsWith('.mp4')).toSorted()).toEqual([
    'SHa_v001.mp4',
    'SHa_v002.mp4',
    'SHb_v001.mp4',
  ]);
});

it('deliver names missing clips, leaves gaps for them, and refuses names that cannot work', async () => {
  const project = await withClips();
  await render(project, 'id: a, prompt: One');
  await list(project, 'id: a, prompt: One', 'id: b, prompt: Not rendered');
  const { code, stdout } = await deliver(project);
  expect(code).toBe(75);
  expect(stdout).toContain('6.000 s (144 frames)');
  expect(stdout).toContain('  b  not rendered yet\n');
  expect((await deliver(project, '--name', '{shot}_{x}')).stderr).toContain('there is no {x}');
  expect((await deliver(project, '--start-timecode', '01:00:00;00')).code).toBe(64);
  expect((await project.run(['deliver', RUN, '--to', `${RUN}/videos`])).code).toBe(64);
  expect((await project.run(['deliver', RUN, '--to', 'film.yaml'])).stderr).toContain('is not a folder');
  await appendFile(project.path((await clips(project))[0] ?? ''), 'x');
  const spoilt = await project.run(['deliver', RUN, '--to', 'new', '--only', 'a']);
  expect(spoilt.code).toBe(1);
  expect(spoilt.stderr).toContain('the clip of a cannot be read');
  expect(await readdir(project.path('new')).catch(() => [])).toEqual([]);
});

async function clips(project: Project): Promise<readonly string[]> {
  const { submissions } = await project.manifest(RUN);
  return submissions.flatMap(({ outputs }) => outputs.map(({ file }) => `${RUN}/${file}`));
}
