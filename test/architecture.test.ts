import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

/**
 * Folders of `src/` that a folder may use besides itself. Every folder may use `base/` and `generated/`;
 * `commands/`, `cli/`, `cli.ts` and `index.ts` may use every folder.
 */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  language: [],
  models: [],
  import: ['models'],
  edit: ['language'],
  http: [],
  runcomfy: ['http'],
  media: [],
  manifest: ['media'],
  plan: ['language', 'models'],
  run: ['plan', 'models', 'runcomfy', 'media', 'manifest'],
  notify: ['http', 'ui'],
  emulator: ['models', 'media'],
  dailies: ['manifest', 'media', 'ui'],
  cut: ['manifest', 'media', 'ui'],
  ui: [],
};

/** Folders of which a folder may also use the types: a stage describes what it hands on. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  manifest: ['models', 'plan', 'media'],
  notify: ['manifest', 'run'],
  ui: ['language', 'models', 'plan', 'manifest', 'run'],
};

const USED_BY_ALL = ['base', 'generated'];
const USES_ALL = ['commands', 'cli', 'cli.ts', 'index.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated/'));
const textOf = (file: string) => readFileSync(join(src, file), 'utf8');
const imports = files.flatMap((file) => importsOf(file, textOf(file)));

describe('the folders of src', () => {
  it('import only from the folders that the table allows', () => {
    const wrong = imports.filter((each) => !isAllowed(each)).map(({ from, to }) => `${from} uses ${to}`);
    expect(wrong).toEqual([]);
  });

  it('are all named in the table', () => {
    const known = new Set([...Object.keys(MAY_USE), ...USES_ALL]);
    expect(files.map(folderOf).filter((folder) => !known.has(folder))).toEqual([]);
  });

  it('have no import cycle, imports of types included', () => {
    expect(cyclesIn(imports)).toEqual([]);
  });

  it('leave the exit code to cli.ts, except for the second Ctrl-C', () => {
    const ends = files.filter((file) => /process\.exit(Code)?\b/.test(textOf(file)));
    expect(ends.filter((file) => file !== 'cli.ts' && file !== 'commands/signals.ts')).toEqual([]);
  });

  it.each([
    ['emulator/server.ts', 'runcomfy/client.ts', false, false],
    ['plan/plan.ts', 'run/run.ts', false, false],
    ['ui/progress.ts', 'run/events.ts', false, false],
    ['ui/progress.ts', 'run/events.ts', true, true],
    ['run/run.ts', 'plan/plan.ts', false, true],
    ['media/probe.ts', 'base/json.ts', false, true],
    ['base/json.ts', 'media/probe.ts', false, false],
    ['index.ts', 'run/run.ts', false, true],
  ])('let %s use %s (types only: %s): %s', (from, to, typeOnly, allowed) => {
    expect(isAllowed({ from, to, typeOnly })).toBe(allowed);
  });
});

describe('the reader of imports', () => {
  it.each([
    ["import { a } from './b.js';", false],
    ["import type { A } from './b.js';", true],
    ["import { type A } from './b.js';", true],
    ["import { type A, a } from './b.js';", false],
    ["import './b.js';", false],
    ["export { a } from './b.js';", false],
    ["export type { A } from './b.js';", true],
    ["export * from './b.js';", false],
    ["const b = await import('./b.js');", false],
    ["let b: import('./b.js').B;", true],
  ])('finds the import in %s (types only: %s)', (code, typeOnly) => {
    expect(importsOf('x/a.ts', code)).toEqual([{ from: 'x/a.ts', to: 'x/b.ts', typeOnly }]);
  });

  it('finds no import in a comment or a text, nor one of a package', () => {
    const code =
      "// import { a } from './b.js';\nconst text = `import './b.js'`;\nimport { join } from 'node:path';";
    expect(importsOf('x/a.ts', code)).toEqual([]);
  });

  it('finds a cycle of two files that import only types of each other', () => {
    const typeOnly = true;
    const cycle = [
      { from: 'a.ts', to: 'b.ts', typeOnly },
      { from: 'b.ts', to: 'a.ts', typeOnly },
      { from: 'b.ts', to: 'c.ts', typeOnly },
    ];
    expect(cyclesIn(cycle)).toEqual([['a.ts', 'b.ts']]);
  });
});

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const user = folderOf(from);
  const used = folderOf(to);
  if (USES_ALL.includes(user) || user === used || USED_BY_ALL.includes(used)) return true;
  if ((MAY_USE[user] ?? []).includes(used)) return true;
  return typeOnly && (MAY_NAME[user] ?? []).includes(used);
}

/** First part of a path: `run` of `run/run.ts`, `cli.ts` of `cli.ts`. */
function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** Imports and re-exports of other files of ours, as the TypeScript parser sees them. */
function importsOf(file: string, code: string): Import[] {
  const found: Import[] = [];
  const add = (path: string | undefined, typeOnly: boolean) => {
    if (!path?.startsWith('.')) return;
    const to = posix.normalize(posix.join(dirname(file), path)).replace(/\.js$/, '.ts');
    found.push({ from: file, to, typeOnly });
  };
  const { module, program } = parseSync(file, code);
  for (const { moduleRequest, entries } of module.staticImports) {
    add(moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType));
  }
  for (const { entries } of module.staticExports) {
    add(
      entries[0]?.moduleRequest?.value,
      entries.every(({ isType }) => isType),
    );
  }
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === 'Literal') add(String(source.value), false);
    },
    TSImportType({ source }) {
      add(source.value, true);
    },
  }).visit(program);
  return found;
}

/** Groups of files that reach each other by imports (strongly connected components, Tarjan 1972), sorted. */
function cyclesIn(edges: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): number => {
    const place = order.size;
    order.set(file, place);
    stack.push(file);
    let low = place;
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === place) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) cycles.push(group.sort());
    }
    return low;
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return cycles;
}
