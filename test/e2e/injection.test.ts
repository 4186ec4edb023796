import { copyFile, mkdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { reply, startRawServer } from '../rig/raw-server.js';
import { Project } from './rig.js';
import { TOKEN } from './secrets.js';

/** Texts that terminals, logs of GitHub workflows, Markdown and spreadsheets obey. */
const NASTY = [
  '::error::pwned',
  '\u001b]0;pwned\u0007\u001b[2J\u009b31m\u007f\b\r',
  'a\n::add-mask::pwned\n##[error]pwned',
  '\u202epwned\u2066\u200e\ufeff',
  '| @everyone <b>pwned</b> [a](https://evil.example) `x`',
  '%0A::error::pwned',
].join(' ');

// biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them.
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Expects no line that a terminal or the log of a workflow obeys, except our own annotations. */
function expectHarmless({ stdout, stderr }: { stdout: string; stderr: string }): void {
  // A table for spreadsheets begins with a byte order mark, and its lines end as RFC 4180 has it.
  for (const line of `${stdout.replace(/^\ufeff/, '')}\n${stderr}`.split(/\r?\n/)) {
    expect(line).not.toMatch(OBEYED);
    expect(line).not.toContain('##[');
    if (line.trimStart().startsWith('::')) expect(line).toMatch(/^::(error|warning) file=/);
  }
}

const text = JSON.stringify(NASTY);
/** For a prompt, in which one `@` calls an element. */
const prompt = JSON.stringify(NASTY.replaceAll('@', '@@'));

/** A list with a hostile text in every free field. */
const LIST = `version: 1
title: ${text}
look: ${prompt}
x-note: ${text}
scenes: { "010": { title: ${text}, notes: ${text} } }
defaults: { model: kling-3.0/standard, duration: 3, audio: false, scene: "010", start_image: "boards/::board ##[x].png" }
shots:
  - { id: a, prompt: ${prompt}, camera: { size: ${prompt} }, negative_prompt: ${text}, notes: ${text} }
`;

/** A list with an invalid value in every field, which the diagnostics quote. */
const WRONG = `version: ${text}
title: [${text}]
${text}: 1
include: [${text}]
profiles: { ${text}: { duration: 3 } }
elements: { ${text}: { frontal_image: ${text} } }
shots:
  - { id: ${text}, model: ${text}, prompt: "@${'x'}", scene: ${text}, start_image: ${text}, duration: ${text} }
  - { id: b, model: kling-3.0/standard, prompt: x, each: ${text}, elements: [${text}], ${text}: 1, input: { ${text}: 1 } }
`;

describe('control characters and commands in the texts of lists and servers', () => {
  let project: Project;
  beforeEach(async () => {
    project = await Project.make();
    await copyFile(project.path('boards/board.png'), project.path('boards/::board ##[x].png'));
    await project.write('film.yaml', LIST);
    await project.write('old.yaml', LIST.replace('title:', 'x-title:').replaceAll('pwned', 'changed'));
    await project.write('wrong.yaml', WRONG);
  });

  it('a list with hostile texts validates', async () => {
    expect(await project.run(['validate', 'film.yaml'])).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['validate', 'film.yaml', 'wrong.yaml'],
    ['validate', 'wrong.yaml', '--format', 'github'],
    ['validate', 'wrong.yaml', '--format', 'json'],
    ['plan', 'film.yaml'],
    ['plan', 'film.yaml', '--prompts'],
    ['plan', 'film.yaml', '--json'],
    ['plan', 'film.yaml', '--csv'],
    ['plan', 'film.yaml', '--by', 'scene'],
    ['plan', 'film.yaml', '--only', NASTY],
    ['plan', 'film.yaml', '--profile', NASTY],
    ['plan', 'film.yaml', '--set', `${NASTY}=1`],
    ['plan', NASTY],
    ['diff', 'old.yaml', 'film.yaml'],
    ['diff', 'old.yaml', 'film.yaml', '--markdown'],
    ['diff', 'old.yaml', 'film.yaml', '--json'],
    ['fmt', 'wrong.yaml', 'film.yaml', '--check'],
    ['select', 'film.yaml', `${NASTY}=1`],
    ['approve', 'film.yaml', NASTY],
    ['import', NASTY],
    ['models', NASTY],
    ['verify', NASTY],
  ])('shotlist %s %s %s %s prints nothing that a terminal or a workflow log obeys', async (...args) => {
    const ended = await project.run(args.filter((each) => each !== undefined));
    expect(ended.code).not.toBe(70);
    expectHarmless(ended);
  });

  it('a comment for a pull request contains no markup of a list', async () => {
    const { stdout } = await project.run(['diff', 'old.yaml', 'film.yaml', '--markdown']);
    const outside = stdout.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
    expect(outside).not.toMatch(/@|<b>|\]\(/);
  });

  it('an imported table with hostile texts, and its list, are printed harmless', async () => {
    await project.write(
      'shots.csv',
      `Shot,Action\n"${NASTY.replaceAll('"', '')}",${text.replaceAll(',', '')}\n`,
    );
    expectHarmless(await project.run(['import', 'shots.csv']));
    expectHarmless(await project.run(['validate', 'shots.yaml']));
  });

  it('a model file with hostile texts is printed harmless', async () => {
    const model = { id: 'a/b', name: 'b', title: NASTY, [NASTY]: 1 };
    await mkdir(project.path('models'));
    await project.write('models/x.json', JSON.stringify(model));
    expectHarmless(await project.run(['models']));
    expectHarmless(await project.run(['validate', 'film.yaml']));
  });

  it.each(['--allow-unknown-cost', '--json'])(
    'hostile texts of a service are printed harmless with %s',
    async (flag) => {
      const server = await startRawServer((request, socket) => {
        if (request.method === 'POST')
          reply(socket, 422, { error_code: NASTY, message: NASTY, detail: [{ msg: NASTY }] });
        else reply(socket, 404, { message: NASTY });
      });
      onTestFinished(() => server.close());
      const env = { RUNCOMFY_MODEL_API_BASE: `${server.origin}/v1`, RUNCOMFY_API_TOKEN: TOKEN };
      const ended = await project.run(['run', 'film.yaml', '--yes', flag], env);
      expect(ended.code).toBe(1);
      expectHarmless(ended);
    },
  );
});
