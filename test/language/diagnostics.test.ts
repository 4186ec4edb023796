import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkList } from '../../src/commands/plan/check-list.js';
import { CODES, WARNINGS } from '../../src/language/diagnostic.js';
import { formatDiagnostics } from '../../src/ui/diagnostics.js';
import { FIXTURES, Workspace } from './workspace.js';

const lists = readdirSync(join(FIXTURES, 'lists')).filter((name) => name.endsWith('.yaml'));

/** Codes that no fixture shows, with the reason; `mutations.test.ts` and `files.test.ts` show them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  SL001: 'there is no file to keep',
  SL002: 'a folder or a pipe, which git does not keep',
  SL003: 'a file of 128 MiB',
  SL004: 'an editor that saves the fixture would make it text',
  SL005: 'an empty file has no frame to show',
  SL009: 'a line of thousands of brackets',
  SL110: 'said of a profile that is asked for; language.test.ts shows it',
  SL214: 'an image of 50 MiB',
  SL223: 'an image of 6 MiB',
  SL228: 'it depends on the time',
  SL306: 'images of 48 MiB',
  SL401: 'a server says it',
  SL402: 'a server says it',
  SL403: 'a server says it',
  SL411: 'said of a model file',
};

describe('diagnostics', () => {
  const workspace = new Workspace();
  const seen = new Set<string>();
  const warned = new Set<string>();

  it.each(lists)('prints exactly the expected diagnostics for the list %s', async (name) => {
    const { diagnostics } = await checkList(workspace.path(join('lists', name)), { run: {} });
    for (const { code, severity } of diagnostics) (severity === 'warning' ? warned : seen).add(code);
    const files = new Set([name, ...diagnostics.map(({ file }) => relative(workspace.path('lists'), file))]);
    const sources = new Map(
      [...files].map((file) => [file, readFileSync(join(FIXTURES, 'lists', file), 'utf8')]),
    );
    const printed = formatDiagnostics(
      diagnostics.map((each) => ({ ...each, file: relative(workspace.path('lists'), each.file) })),
      { format: 'pretty', sources, color: false, width: 100 },
    );
    await expect(printed).toMatchFileSnapshot(join(FIXTURES, 'lists', name.replace('.yaml', '.txt')));
  });

  it('shows every diagnostic code in a fixture, except those with a reason not to', () => {
    const shown = new Set([...seen, ...warned, ...Object.keys(ELSEWHERE)]);
    expect(Object.keys(CODES).filter((code) => !shown.has(code))).toEqual([]);
  });

  it('lets a list ignore every warning that a fixture shows, except the one about `ignore` itself', () => {
    const ignorable = new Set<string>([...WARNINGS, 'SL116']);
    expect([...warned].filter((code) => !ignorable.has(code))).toEqual([]);
    expect([...WARNINGS].filter((code) => seen.has(code))).toEqual([]);
  });
});
