import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  access,
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeProgram } from '../src/cli/program.js';
import { checkList } from '../src/commands/plan/check-list.js';
import type { Emulator } from '../src/emulator/emulator.js';
import type { FaultName, FaultStage } from '../src/emulator/faults.js';
import type { Render } from '../src/emulator/render.js';
import { builtIn, type Catalog, createCatalog } from '../src/models/catalog.js';
import { canRunHere, runHere } from './e2e/in-this-process.js';
import { copyOfClip, startService } from './e2e/service.js';
import { rememberingFfmpeg } from './rig/remembering-ffmpeg.js';

/*
 * The documents are true. Their tables name every field, command and flag, their shot lists are valid, and each `console` block is
 * run by the built CLI in a copy of `examples/` and prints what it shows. A document is one session from its first line to its last:
 *
 * - a `yaml` block that begins with a comment such as `# film.yaml` is written to that file;
 * - an HTML comment `<!-- sh … -->` is run by the shell and not compared;
 * - `<!-- next submit: lost-answer -->` makes the emulated service misbehave once;
 * - an id in a command stands for that of the last request that the service accepted;
 * - `<!-- the service holds its renders -->` and `<!-- the service goes on -->` stop and continue it.
 *
 * `UPDATE_DOCS=1 npx vitest run test/docs.test.ts` writes what was printed into the blocks that differ.
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const pack = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const CLI = join(ROOT, pack.bin.shotlist);
const BOARD = join(ROOT, 'test/fixtures/boards/cliff.png');

const guides = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
const GUIDES = guides.map((name) => `docs/${name}`);
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...GUIDES];
const texts = new Map(
  await Promise.all(DOCUMENTS.map(async (name) => [name, await readFile(join(ROOT, name), 'utf8')] as const)),
);

describe('the front door', () => {
  it('README.md is at most 9 KB', () => {
    expect(Buffer.byteLength(textOf('README.md'))).toBeLessThanOrEqual(9 * 1024);
  });

  it('README.md has the commands of --help with their descriptions, in that order, and no other', () => {
    const rows = textOf('README.md').matchAll(/^\| `shotlist (\w+)` \| (.*) \|$/gm);
    expect([...rows].map(([, name, description]) => [name, description])).toEqual(commands());
  });

  it.each(DOCUMENTS)(
    'every link of %s to a file or a heading of this repository leads there',
    async (name) => {
      for (const { link, file, anchor } of linksOf(name)) {
        await expect(access(join(ROOT, file)), `${link} in ${name}`).resolves.toBeUndefined();
        if (anchor !== undefined) expect(anchorsOf(textOf(file)), `${link} in ${name}`).toContain(anchor);
      }
    },
  );
});

describe('what is packed', () => {
  it.each(['README.md', 'CHANGELOG.md', 'SECURITY.md', ...GUIDES])(
    'every link of %s is in the package',
    async (name) => {
      const packed = (path: string) =>
        [path, path.split('/')[0]].some((part) => ['README.md', ...pack.files].includes(part));
      for (const { link, file } of linksOf(name)) expect(packed(file), `${link} in ${name}`).toBe(true);
    },
  );
});

describe('SECURITY.md', () => {
  const named = [...textOf('SECURITY.md').matchAll(/`((?!test\/)[a-z0-9]+\/[a-z-]*)`(?=[,\s])/g)].map(
    ([, test = '']) => test,
  );

  it.each([...new Set(named)])('SECURITY.md names the test %s, and that test exists', async (test) => {
    const path = join(ROOT, 'test', test.endsWith('/') ? test : `${test}.test.ts`);
    await expect(access(path)).resolves.toBeUndefined();
  });
});

describe('CONTRIBUTING.md', () => {
  it('every file that CONTRIBUTING.md names exists', async () => {
    const files = [...textOf('CONTRIBUTING.md').matchAll(/`((?:[a-z-]+\/)*[a-z.-]+\.(?:ts|json))`/g)];
    for (const [, file = ''] of files) {
      const places = [join(ROOT, file), join(ROOT, 'src', file)];
      const found = await Promise.all(
        places.map((place) =>
          access(place).then(
            () => true,
            () => false,
          ),
        ),
      );
      expect(found, file).toContain(true);
    }
  });
});

describe('the reference', () => {
  const language = () => textOf('docs/language.md');

  it('docs/language.md has every field of a list, and no other', async () => {
    const { properties } = await schema();
    const known = [...Object.keys(properties), 'x-…'];
    expect(namesIn(language(), 'field of the list').toSorted()).toEqual(known.toSorted());
  });

  it('docs/language.md has every field of a shot, and no other', async () => {
    const { properties } = await schema();
    const known = Object.keys(properties.shots.items.properties);
    expect(namesIn(language(), 'field of a shot').toSorted()).toEqual(known.toSorted());
  });

  it('docs/commands.md has a section for every command of --help, in that order', () => {
    const headings = [...textOf('docs/commands.md').matchAll(/^## `shotlist (\w+)/gm)].map(
      ([, name]) => name,
    );
    expect(headings).toEqual(commands().map(([name]) => name));
  });

  it('docs/commands.md has every flag of every command, and no other', () => {
    const sections = textOf('docs/commands.md')
      .split(/^##+ `shotlist /m)
      .slice(1);
    const documented = sections.map((section) => {
      const name = /^[a-z]+(?: add)?/.exec(section)?.[0] ?? '';
      return [
        name,
        namesIn(section, 'option')
          .map((option) => option.split(/[ =]/)[0])
          .toSorted(),
      ] as const;
    });
    for (const [name, flags] of documented) {
      expect({ [name]: flags }).toEqual({ [name]: flagsOf(name.split(' ')).toSorted() });
    }
  });
});

describe('the shot lists in the documents', () => {
  const lists = DOCUMENTS.flatMap((name) =>
    [...textOf(name).matchAll(/^```yaml\n(# yaml-language-server[\s\S]*?|# \w+\.yaml\n[\s\S]*?)^```$/gm)].map(
      ([, text = ''], index) => [name, index + 1, text] as const,
    ),
  );

  it.each(lists)('%s: shot list %i is valid', async (_name, _index, text) => {
    const folder = await temporary();
    await cp(join(ROOT, 'examples/boards'), join(folder, 'examples/boards'), { recursive: true });
    const images = [...text.matchAll(/(?<=[\s[])(?!examples)[\w./-]+\.png/g)].map(([name]) => name);
    for (const image of [...images, 'boards/a.png']) {
      await mkdir(dirname(join(folder, image)), { recursive: true });
      await copyFile(BOARD, join(folder, image));
    }
    await writeFile(join(folder, 'places.csv'), 'place,board\nharbour,a.png\n');
    await writeFile(join(folder, 'film.yaml'), text);
    const { ok, diagnostics } = await checkList(join(folder, 'film.yaml'));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(ok).toBe(true);
  });
});

describe('docs/api.md', () => {
  it('the program in docs/api.md is the one in test/fixtures/api.ts, whose types are checked', async () => {
    const [, program = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(textOf('docs/api.md')) ?? [];
    const checked = await readFile(join(ROOT, 'test/fixtures/api.ts'), 'utf8');
    expect(program).toBe(checked.replace('../../src/index.js', 'shotlist'));
  });
});

// The blocks are run by a POSIX shell.
describe.skipIf(process.platform === 'win32')('the console blocks in the documents', () => {
  const withBlocks = DOCUMENTS.filter((name) => /^```console$/m.test(textOf(name)));

  it.each(withBlocks)(
    'every console block of %s prints what it shows',
    async (name) => {
      const session = await Session.begin();
      let text = textOf(name);
      for (const step of stepsOf(text)) {
        const printed = await session.take(step);
        if (printed === null) continue;
        if (process.env.UPDATE_DOCS && session.normal(printed) !== session.normal(step.text)) {
          text = text.replace(step.text, () => session.shown(printed));
        }
        if (!process.env.UPDATE_DOCS) expect.soft(session.normal(printed)).toBe(session.normal(step.text));
      }
      if (process.env.UPDATE_DOCS) await writeFile(join(ROOT, name), text);
    },
    180_000,
  );
});

/** A part of a document that the session acts on. */
interface Step {
  readonly kind: 'console' | 'file' | 'sh' | 'fault' | 'hold' | 'release';
  readonly text: string;
}

const STEP =
  /^```(console|yaml)\n([\s\S]*?)^```$|^<!-- (sh|next \w+: [\w-]+|the service holds its renders|the service goes on)\s*([\s\S]*?)-->$/gm;

function stepsOf(document: string): readonly Step[] {
  return [...document.matchAll(STEP)].flatMap(([, fence, block = '', order = '', script = '']): Step[] => {
    if (fence === 'console') return [{ kind: 'console', text: block }];
    if (fence === 'yaml') return /^# \w+\.yaml\n/.test(block) ? [{ kind: 'file', text: block }] : [];
    if (order === 'sh') return [{ kind: 'sh', text: script }];
    if (order.startsWith('next')) return [{ kind: 'fault', text: order }];
    return [{ kind: order.endsWith('renders') ? 'hold' : 'release', text: '' }];
  });
}

const REQUEST_ID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** A copy of `examples/` in a git repository, `shotlist` on the PATH, and an emulated service. */
class Session {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #emulator: Emulator;
  readonly #gate: Gate;

  private constructor(options: {
    folder: string;
    env: Record<string, string>;
    emulator: Emulator;
    gate: Gate;
  }) {
    this.#folder = options.folder;
    this.#env = options.env;
    this.#emulator = options.emulator;
    this.#gate = options.gate;
  }

  static async begin(): Promise<Session> {
    const home = await temporary();
    const folder = join(home, 'films');
    const lists = (await readdir(join(ROOT, 'examples'))).filter(
      (name) => !/^(rehearsals|renders)$/.test(name),
    );
    for (const name of lists) {
      await cp(join(ROOT, 'examples', name), join(folder, 'examples', name), { recursive: true });
    }
    await writeFile(join(home, 'shotlist'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
    await chmod(join(home, 'shotlist'), 0o755);
    const gate = new Gate();
    const { emulator, env } = await startService({
      catalog: withStorm(builtIn),
      concurrency: 1,
      deps: { render: gate.held(copyOfClip) },
    });
    const session = new Session({
      folder,
      emulator,
      gate,
      env: {
        PATH: [home, process.env.PATH].join(delimiter),
        HOME: home,
        NO_COLOR: '1',
        SHOTLIST_FFMPEG: await rememberingFfmpeg(),
        RUNCOMFY_MODEL_API_BASE: emulator.base,
        RUNCOMFY_API_TOKEN: env.RUNCOMFY_API_TOKEN ?? '',
      },
    });
    await session.#print(
      'git init -q && git add . && git -c user.name=a -c user.email=a@b.c commit -qm Lists',
    );
    return session;
  }

  /** Does a step; the transcript of a console block, null for the others. */
  async take({ kind, text }: Step): Promise<string | null> {
    switch (kind) {
      case 'console':
        return this.#transcript(text);
      case 'file':
        await writeFile(join(this.#folder, /^# (\S+)/.exec(text)?.[1] ?? ''), text);
        return null;
      case 'sh':
        // Line by line, so that commands need no process; a here-document stays whole.
        for (const part of text.includes('<<') ? [text] : text.trim().split('\n')) await this.#print(part);
        return null;
      case 'fault': {
        const [, stage, fault] = /^next (\w+): (\S+)/.exec(text) ?? [];
        this.#emulator.next(stage as FaultStage, fault as FaultName);
        return null;
      }
      case 'hold':
        this.#gate.close();
        return null;
      case 'release':
        this.#gate.open();
        return null;
    }
  }

  async #transcript(block: string): Promise<string> {
    let transcript = '';
    for (const [, command = '', shown = ''] of block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
      const serves = / emulate\b| --serve\b/.test(command);
      const lines = serves ? shown.split('\n').length - 1 : null;
      const id = this.#emulator.requests().at(-1)?.id ?? '';
      const real = command.replace('--port 8787', '--port 0').replace(REQUEST_ID, id);
      transcript += `$ ${command}\n${await this.#print(real, lines)}`;
    }
    return transcript;
  }

  /** Output of a command. One that serves is stopped as soon as it has printed that many lines. */
  async #print(command: string, lines: number | null = null): Promise<string> {
    const place = { folder: this.#folder, env: this.#env };
    const [, plain] = /^shotlist ([^"'$;|&<>*\n]+)$/.exec(command) ?? [];
    if (plain !== undefined && lines === null && canRunHere(place)) {
      const { stdout, stderr } = await runHere(plain.split(' '), place);
      return stdout + stderr;
    }
    const child = spawn('sh', ['-c', lines === null ? `{ ${command}\n} 2>&1` : `exec ${command} 2>&1`], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (lines === null || output.split('\n').length <= lines) return;
      output = `${output.split('\n').slice(0, lines).join('\n')}\n`;
      child.stdout.removeAllListeners('data').resume();
      child.kill('SIGINT');
    });
    await once(child, 'close');
    return output;
  }

  /** The text as a document shows it: paths of this machine begin with /films. */
  shown(text: string): string {
    return text.replaceAll(this.#folder, '/films').replaceAll(dirname(this.#folder), '');
  }

  /**
   * The text without what differs from run to run: ids, ports, days, ages, bytes, the columns they widen, the cost so far of a slow
   * run, and the order in which shots are sent and done.
   */
  normal(text: string): string {
    return this.shown(text)
      .replace(/^cost: .*\n/gm, '')
      .replace(REQUEST_ID, 'ID')
      .replace(/127\.0\.0\.1:\d+(\/[0-9a-f]{32})?/g, '127.0.0.1:PORT')
      .replace(/\b2\d{3}-\d\d-\d\d( \d\d:\d\d:\d\d)?/g, 'DAY')
      .replace(/\b(\d+ (d|h|min|s)|\d+[hms]\d*)(?= {2})/g, 'AGE')
      .replace(/\b[\d.,]+ (bytes|kB|MB)( instead of [\d,]+)?\b/g, 'SIZE')
      .replace(/\b[\d.,]+ (frames?)\b/g, 'N $1')
      .replace(/ {2,}/g, '  ')
      .replace(/(^\S+ {2}(submitted|done) .*\n)+/gm, (lines) => lines.split('\n').toSorted().join('\n'));
  }
}

/** Holds renders until it is opened. */
class Gate {
  #opened: Promise<void> = Promise.resolve();
  #open = () => {};

  close(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  held(render: Render): Render {
    return async (shot, options) => {
      await this.#opened;
      return render(shot, options);
    };
  }
}

/** The catalog with a model that does not come with Shotlist. */
function withStorm(catalog: Catalog): Catalog {
  const [model] = catalog.models.filter(({ name }) => name === 'kling-3.0/standard');
  if (!model) throw new Error('there is no kling-3.0/standard');
  const storm = { ...model, id: 'acme/storm-2/image-to-video', name: 'storm-2', title: 'Storm 2' };
  return createCatalog([...catalog.models, storm]);
}

const program = makeProgram({ console: process, end: () => {} });

/** Names and descriptions of the commands in the order of `--help`. */
function commands(): readonly (readonly [name: string, description: string])[] {
  const rows = [...program.helpInformation().matchAll(/^ {2}([a-z]+) .*? {2,}(\S.*)$/gm)];
  return rows.map(([, name = '', text = '']) => [name, text] as const).filter(([name]) => name !== 'help');
}

/** The flags of a command in its `--help`, without `--help` itself. */
function flagsOf(names: readonly string[]): readonly string[] {
  const command = names.reduce<Command | undefined>(
    (parent, name) => parent?.commands.find((each) => each.name() === name),
    program,
  );
  const help = command?.helpInformation() ?? '';
  const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = '']) => flag);
  return flags.filter((flag) => flag !== '--help');
}

/** Names in backticks in the first column of the table under a heading cell. */
function namesIn(text: string, heading: string): readonly string[] {
  const [, table = ''] = text.split(`| ${heading} |`);
  const rows = (table.split('\n\n')[0] ?? '').split('\n').filter((row) => row.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
}

/** Links of a document into this repository: the file, relative to the root, and the heading. */
function linksOf(name: string): readonly { link: string; file: string; anchor: string | undefined }[] {
  const links = textOf(name).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g);
  return [...links].map(([link, path = '', anchor]) => {
    return { link, file: path === '' ? name : join(dirname(name), path), anchor };
  });
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

function textOf(name: string): string {
  return texts.get(name) ?? '';
}

async function schema() {
  return JSON.parse(await readFile(join(ROOT, 'schemas/shotlist.schema.json'), 'utf8'));
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-docs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
