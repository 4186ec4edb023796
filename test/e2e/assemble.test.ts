import { chmod, mkdir, rm, watch } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Render } from '../../src/emulator/render.js';
import { runChild } from '../../src/media/child.js';
import { findFfmpeg } from '../../src/media/ffmpeg.js';
import { rehearsalOf } from './rehearsal.js';
import type { Project } from './rig.js';
import { startService } from './service.js';

const RUN = 'rehearsals/film';
const found = await findFfmpeg();
if (!found.ok) throw new Error(found.message);
const { ffmpeg } = found;

/** A shot list; each shot is a line of YAML without its braces. */
function filmOf(shots: readonly string[]): string {
  const defaults = '{ model: kling-3.0/standard, duration: 3, audio: false, start_image: boards/board.png }';
  const lines = shots.map((shot, index) => {
    const prompt = shot.includes('prompt:') ? '' : `prompt: Boat ${index}, `;
    return `  - { ${prompt}${shot} }\n`;
  });
  return `version: 1\ntitle: Film\ndefaults: ${defaults}\nshots:\n${lines.join('')}`;
}

/** Draws a small clip, because encoding is most of the work here. Each frame differs, and so does each number in a prompt. */
const drawSmall: Render = async ({ segments: [part], seconds, audio }, { folder, to }) => {
  const turn = Number(/\d/.exec(part?.prompt ?? '')?.[0]) * 40;
  const out = join(folder, to);
  await mkdir(dirname(out), { recursive: true });
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=320x180:r=24,hue=h=${turn}`];
  const sound = audio ? ['-f', 'lavfi', '-i', 'sine=f=440', '-c:a', 'aac'] : [];
  const coded = ['-t', String(seconds), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-f', 'mp4'];
  const { ok, message } = await runChild(ffmpeg.path, {
    args: ['-v', 'error', '-y', ...picture, ...sound, ...coded, out],
  });
  return ok ? { ok } : { ok, message };
};

/** A run with every clip that the films of these tests have. */
const withClips = rehearsalOf(
  filmOf([
    'id: a',
    'id: b',
    'id: c',
    'id: d',
    'id: loud, prompt: Boat 0, audio: true',
    'id: long, prompt: Boat 0, duration: 4',
  ]),
  async (project) => {
    const { env } = await startService({ deps: { render: drawSmall } });
    return project.run(['run', 'film.yaml', '--yes', '--out', RUN], env);
  },
);

/** A rendered film of these shots. Its clips are there already. */
async function rehearsed(...shots: readonly string[]): Promise<Project> {
  const project = await withClips();
  await list(project, ...shots);
  expect((await project.run(['manifest', 'film.yaml', '--out', RUN])).code).toBe(0);
  return project;
}

function list(project: Project, ...shots: readonly string[]): Promise<void> {
  return project.write('film.yaml', filmOf(shots));
}

/** MD5 of each frame, decoded by ffmpeg: a line of `framemd5` is stream, dts, pts, duration, size, hash. */
async function pictures(
  path: string,
): Promise<{ readonly times: readonly number[]; readonly hashes: readonly string[] }> {
  const args = ['-v', 'error', '-i', path, '-map', '0:v', '-f', 'framemd5', '-'];
  const { output, message } = await runChild(ffmpeg.path, { args, keepOutput: true });
  expect(message).toBe('');
  const rows = output
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(',').map((cell) => cell.trim()));
  return { times: rows.map(([, , pts]) => Number(pts)), hashes: rows.map((row) => row[5] ?? '') };
}

/** Output of an ffmpeg filter for the sound of a film. */
async function soundReport(path: string, filter: string): Promise<string> {
  const args = ['-hide_banner', '-nostats', '-i', path, '-map', '0:a', '-af', filter, '-f', 'null', '-'];
  return (await runChild(ffmpeg.path, { args, keepErrors: true })).output;
}

async function clipOf(project: Project, id: string): Promise<string> {
  const { submissions } = await project.manifest(RUN);
  return project.path(RUN, submissions.find((one) => one.id === id)?.outputs[0]?.file ?? '');
}

// Each test encodes in several processes, which takes longer on a busy machine.
describe('shotlist assemble', { timeout: 180_000 }, () => {
  it('assemble copies matching clips bit for bit and encodes the rest, exact to a frame', async () => {
    const project = await rehearsed(
      'id: a',
      'id: b, use: [0.5, 2.5]',
      'id: c, transition: 0.5',
      'id: d, use: [0, 2]',
    );
    const { code, stdout, stderr } = await project.run(['assemble', RUN]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      'The film: rehearsals/film/film.mp4\n4 clips, 0:09.500 (228 frames), 320×180 at 24, ',
    );
    expect(stdout).toContain('c     12 frames  the crossfade from b\n');
    expect(stdout).toContain('No sound: no clip has any.\n');
    const film = await pictures(project.path(RUN, 'film.mp4'));
    expect(film.times).toEqual(Array.from({ length: 228 }, (_, place) => place));
    const first = await pictures(await clipOf(project, 'a'));
    expect(film.hashes.slice(0, 72)).toEqual(first.hashes);
    const last = await pictures(await clipOf(project, 'd'));
    expect(film.hashes.slice(180, 225)).toEqual(last.hashes.slice(0, 45));
    expect((await project.files(RUN)).filter((file) => file.includes('.tmp'))).toEqual([]);
  });

  it('assemble names missing clips and makes no film', async () => {
    const project = await rehearsed('id: a', 'id: b');
    await list(project, 'id: a', 'id: b', 'id: c, prompt: Not rendered');
    const refused = await project.run(['assemble', RUN]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('1 clip of the film is not here:\n  c  not rendered yet\n');
    expect((await project.run(['assemble', RUN, '--except', 'c', '--only', 'a'])).stdout).toContain(
      '1 clip, 0:03.000',
    );
    await rm(await clipOf(project, 'a'));
    expect((await project.run(['assemble', RUN, '--only', 'a'])).stderr).toContain(
      '1 clip of the film is not here:\n  a  rendered, but its clip is not here\n',
    );
    expect(
      (await project.run(['assemble', RUN, '--only', 'a', '--only', 'b', '--allow-missing'])).stdout,
    ).toContain('1 clip, 1 card');
    expect((await project.run(['assemble', RUN, '--only', 'x'])).code).toBe(64);
    expect(
      (await project.run(['assemble', RUN, '--only', 'b', '--out', await clipOf(project, 'b')])).stderr,
    ).toContain('is not replaced: the film is made from it');
  });

  it.skipIf(process.platform === 'win32')(
    'assemble stopped by Ctrl-C keeps the old film and leaves no other file',
    async () => {
      const project = await rehearsed('id: a, use: [0.5, 3]');
      await project.write(`${RUN}/film.mp4`, 'an older film');
      const before = await project.files(RUN);
      const seen = watch(project.path(RUN))[Symbol.asyncIterator]();
      const first = seen.next();
      const { child, ended } = project.start(['assemble', RUN]);
      // The work folder is the first thing made there.
      expect((await first).value.filename).toMatch(/^film\.mp4\.[0-9a-f]{8}\.tmp$/);
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 130, stderr: 'shotlist: stopped; no film was written\n' });
      await seen.return?.();
      expect(await project.files(RUN)).toEqual(before);
      expect(await project.read(RUN, 'film.mp4')).toBe('an older film');
    },
  );

  it.skipIf(process.platform === 'win32')(
    'assemble reports a full disk as such, not as a damaged clip',
    async () => {
      const project = await rehearsed('id: a');
      // Fails as ffmpeg does if the disk is full at the last file.
      const script = `#!/bin/sh\ncase "$*" in *film.mp4*) echo 'film.mp4: No space left on device' >&2; exit 228;; esac\nexec '${ffmpeg.path}' "$@"\n`;
      await project.write('ffmpeg.sh', script);
      await chmod(project.path('ffmpeg.sh'), 0o755);
      const full = await project.run(['assemble', RUN], { SHOTLIST_FFMPEG: project.path('ffmpeg.sh') });
      expect(full).toEqual({
        code: 73,
        stdout: '',
        stderr:
          'shotlist: rehearsals/film/film.mp4 cannot be written: the disk is full\n' +
          'hint: to write it elsewhere: --out <film.mp4>\n',
      });
    },
  );

  it('assemble brings the sound to the wanted loudness, with music under it', async () => {
    const project = await rehearsed('id: a, audio: true', 'id: b');
    const made = await runChild(ffmpeg.path, {
      args: ['-v', 'error', '-f', 'lavfi', '-i', 'sine=f=880:d=1', project.path("the bed's.wav")],
    });
    expect(made.message).toBe('');
    const args = [
      'assemble',
      RUN,
      '--music',
      "the bed's.wav",
      '--loudness',
      '-20',
      '--out',
      'cut/film 1.mp4',
    ];
    const { code, stdout, stderr } = await project.run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      'Sound: AAC, brought to -20.0 LUFS (EBU R 128). 1 clip without sound is silent.',
    );
    const film = project.path('cut/film 1.mp4');
    expect(
      Number(/I: +(-[\d.]+) LUFS/.exec((await soundReport(film, 'ebur128')).slice(-600))?.[1]),
    ).toBeCloseTo(-20, 0);
    // The second clip is silent, so the music is louder there; at the end it has faded out.
    expect(
      Number(/mean_volume: (-[\d.]+)/.exec(await soundReport(film, 'atrim=3:4,volumedetect'))?.[1]),
    ).toBeGreaterThan(-30);
    expect(
      Number(/mean_volume: (-[\d.]+)/.exec(await soundReport(film, 'atrim=5.9:6,volumedetect'))?.[1]),
    ).toBeLessThan(-40);
  });

  it('assemble puts slates before shots, and cards of the right length in place of missing clips', async () => {
    const project = await rehearsed('id: a, notes: Hold on the boat', 'id: b, transition: 1');
    await list(
      project,
      'id: a, notes: Hold on the boat',
      'id: b, transition: 1',
      'id: c, prompt: Not rendered, use: [0.5, 2]',
    );
    const { code, stdout, stderr } = await project.run(['assemble', RUN, '--slate', '--allow-missing']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // 3 slates of 48 frames, two clips of 72 and a card of 36.
    expect(stdout).toContain('2 clips, 4 cards, 0:13.500 (324 frames)');
    expect(stdout).toContain('All pictures of clips are copied as they are.\nNo sound');
    const film = project.path(RUN, 'film.mp4');
    const { hashes } = await pictures(film);
    expect(hashes.slice(48, 120)).toEqual((await pictures(await clipOf(project, 'a'))).hashes);
    expect(new Set([hashes[24], hashes[140], hashes[260], hashes[300]]).size).toBe(4);
  });

  it('assemble joins clips of every kind and keeps each sound with its picture', async () => {
    const project = await rehearsed('id: a, duration: 4', 'id: b', 'id: c, use: [1, 2.5]', 'id: d');
    const flash = (kind: string, rate: string, size: string) => [
      // White, with a tone, during the second second of each clip; the sound is longer than the picture.
      ...[
        '-f',
        'lavfi',
        '-i',
        `color=black:s=${size}:r=${rate}:d=3,drawbox=t=fill:c=white:enable='between(t,1,1.99)'`,
      ],
      ...['-f', 'lavfi', '-i', `sine=f=1000:r=44100:d=4.7,volume='between(t,1,2)':eval=frame`],
      ...['-c:v', kind, '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-y'],
    ];
    for (const [id, kind, rate, size] of [
      ['b', 'libx264', '30', '180x320'],
      ['c', 'mpeg4', '25', '160x120'],
      ['d', 'libx264', '24000/1001', '320x180'],
    ] as const) {
      const args = ['-v', 'error', ...flash(kind, rate, size), await clipOf(project, id)];
      expect((await runChild(ffmpeg.path, { args })).message).toBe('');
    }
    const { code, stdout, stderr } = await project.run(['assemble', RUN, '--loudness', 'off']);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^note: b is not the clip that was fetched: [^\n]*\nnote: c [^\n]*\nnote: d [^\n]*\n$/,
    );
    expect(stdout).toContain('4 clips, 0:11.500 (276 frames), 320×180 at 24, ');
    expect(stdout).toContain('b     all of it  180×320, fitted into 320×180\n');
    expect(stdout).toContain('d     all of it  23.976 frames a second, brought to 24\n');
    const film = project.path(RUN, 'film.mp4');
    const blacks = await runChild(ffmpeg.path, {
      args: ['-i', film, '-vf', 'crop=50:50,blackdetect=d=0.1:pix_th=0.2', '-an', '-f', 'null', '-'],
      keepErrors: true,
    });
    const silences = await soundReport(film, 'atrim=4,asetpts=PTS,silencedetect=n=-50dB:d=0.1');
    const ends = (text: string, name: string) =>
      [...text.matchAll(new RegExp(`${name}: ?([\\d.]+)`, 'g'))].map(([, time]) => Number(time));
    const lightAt = ends(blacks.output, 'black_end');
    const soundAt = ends(silences, 'silence_end');
    // Start of the flash in each clip: 4 + 1, 7 + 0 (the use starts in the flash), and 8.5 + 1.
    expect(lightAt.map((time) => Math.round(time * 24) / 24).slice(0, 3)).toEqual([5, 7, 9.5]);
    for (const [index, time] of soundAt.slice(0, 3).entries()) {
      expect(Math.abs(time - (lightAt[index] ?? 0))).toBeLessThan(1 / 24);
    }
  });
});
