import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Which folder of `src/` may use which, besides itself. Files that stand in `src/` itself, and what is
 * generated from the schemas, are everybody's; `commands/`, `cli/`, `cli.ts` and `index.ts` may use all.
 */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  shotlist: [],
  models: [],
  import: [],
  edit: ['shotlist'],
  runcomfy: [],
  media: [],
  manifest: [],
  plan: ['shotlist', 'models'],
  run: ['plan', 'models', 'runcomfy', 'media', 'manifest'],
  notify: ['runcomfy', 'ui'],
  emulator: ['models', 'media'],
  report: ['manifest', 'media', 'ui'],
  ui: [],
};

/** Besides, whose types: what a stage hands on is described where it is made. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  manifest: ['models', 'plan', 'media'],
  notify: ['manifest', 'run'],
  ui: ['shotlist', 'models', 'plan', 'manifest', 'run'],
};

const EVERYBODYS = ['generated', ''];
const SEES_ALL = ['commands', 'cli'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated/'));
const imports = files.flatMap(importsOf);

describe('the folders of src', () => {
  it('use only what lies before them', () => {
    const wrong = imports.filter((each) => !isAllowed(each)).map(({ from, to }) => `${from} uses ${to}`);
    expect(wrong).toEqual([]);
  });

  it('are all named in the rule', () => {
    const known = new Set([...Object.keys(MAY_USE), ...SEES_ALL, '']);
    expect(files.map(folderOf).filter((folder) => !known.has(folder))).toEqual([]);
  });

  it('leave the exit code to cli.ts, but for the second Ctrl-C', () => {
    const ends = files.filter((file) => /process\.exit(Code)?\b/.test(readFileSync(join(src, file), 'utf8')));
    expect(ends.filter((file) => file !== 'cli.ts' && file !== 'commands/signals.ts')).toEqual([]);
  });

  it.each([
    ['emulator/server.ts', 'runcomfy/client.ts', false, false],
    ['plan/plan.ts', 'run/run.ts', false, false],
    ['ui/progress.ts', 'run/events.ts', false, false],
    ['ui/progress.ts', 'run/events.ts', true, true],
    ['run/run.ts', 'plan/plan.ts', false, true],
    ['media/probe.ts', 'json.ts', false, true],
    ['json.ts', 'media/probe.ts', false, false],
    ['index.ts', 'run/run.ts', false, true],
  ])('%s using %s (types only: %s) is allowed: %s', (from, to, typeOnly, allowed) => {
    expect(isAllowed({ from, to, typeOnly })).toBe(allowed);
  });
});

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const user = folderOf(from);
  const used = folderOf(to);
  if (from === 'cli.ts' || from === 'index.ts' || SEES_ALL.includes(user) || user === used) return true;
  if (to === 'cli.ts' || to === 'index.ts') return false;
  if (EVERYBODYS.includes(used) || (MAY_USE[user] ?? []).includes(used)) return true;
  return typeOnly && (MAY_NAME[user] ?? []).includes(used);
}

function folderOf(file: string): string {
  const folder = dirname(file).split('/')[0] ?? '';
  return folder === '.' ? '' : folder;
}

function importsOf(file: string): Import[] {
  const code = readFileSync(join(src, file), 'utf8');
  // The house style writes `import type` or `export type` for types alone, and single quotes; Biome sees to both.
  const statements = code.matchAll(/^(?:import|export)\s(type\s)?[^'";]*?from\s+'(\.[^']+)'/gm);
  const dynamic = code.matchAll(/\bimport\(\s*'(\.[^']+)'/g);
  const target = (path: string) =>
    posix.normalize(posix.join(posix.dirname(file), path)).replace(/\.js$/, '.ts');
  return [
    ...[...statements].map(([, type, path = '']) => ({
      from: file,
      to: target(path),
      typeOnly: type !== undefined,
    })),
    ...[...dynamic].map(([, path = '']) => ({ from: file, to: target(path), typeOnly: false })),
  ];
}
