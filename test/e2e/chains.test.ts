import { createHash } from 'node:crypto';
import { readFile, truncate } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Project } from './rig.js';
import { startService } from './service.js';

const FILM = `version: 1
defaults: { model: kling-3.0/standard, duration: 3, audio: false }
shots:
  - { id: end, prompt: The sea, start_image: { last_frame_of: walk } }
  - { id: cliff, prompt: A cliff, start_image: boards/board.png }
  - { id: walk, prompt: She walks, start_image: { last_frame_of: cliff } }
`;

it('a killed chain continues without a second POST and takes its torn frame again', async () => {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.write('film.yaml', FILM);
  const killed = project.start(['run', 'film.yaml', '--yes', '--json'], env);
  await killed.says(/"id":"walk"[^\n]*"state":"queued"/);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(emulator.requests()).toHaveLength(2);
  const [torn] = await project.files('renders/film/frames');
  await truncate(torn ?? '', 20);

  expect(await project.run(['run', 'film.yaml', '--yes'], env)).toMatchObject({ code: 0, stderr: '' });
  expect(emulator.requests()).toHaveLength(3);
  const { submissions } = await project.manifest('renders/film');
  const [end, , walk] = submissions;
  const sha256 = walk?.outputs[0]?.sha256;
  expect(end?.input.start_image_url).toMatchObject({ $last_frame_of: 'walk', clip_sha256: sha256 });
  const frame = await readFile(project.path('renders/film/frames', `${walk?.key.slice(0, 8)}.png`));
  expect(end?.input.start_image_url).toMatchObject({
    type: 'image/png',
    sha256: createHash('sha256').update(frame).digest('hex'),
  });

  const before = await project.read('renders/film/manifest.json');
  await emulator.close();
  expect(await project.run(['run', 'film.yaml', '--yes'], env)).toMatchObject({ code: 0, stderr: '' });
  expect(await project.read('renders/film/manifest.json')).toBe(before);
});

it('a list with chains is refused before anything is spent if no ffmpeg can be used', async () => {
  const { emulator, env } = await startService();
  const project = await Project.make();
  await project.write('film.yaml', FILM);
  const without = { ...env, SHOTLIST_FFMPEG: '/no/such/ffmpeg' };
  const refused = await project.run(['run', 'film.yaml', '--yes'], without);
  expect(refused).toMatchObject({ code: 64, stdout: '' });
  expect(refused.stderr).toContain('the list has chained shots, which need an ffmpeg');
  expect(emulator.requests()).toEqual([]);
});
