import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { checkList } from '../../src/commands/plan/check-list.js';
import type { Checked, Diagnostic } from '../../src/language/diagnostic.js';
import type { Plan, Submission } from '../../src/plan/plan.js';

export const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** A temporary repository with the fixtures `boards/` and `lists/`; deleted when the tests of the file end. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'shotlist-'));

  constructor() {
    cpSync(FIXTURES, this.folder, { recursive: true });
    mkdirSync(join(this.folder, '.git'));
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Uint8Array): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Loads and plans a text as `film.yaml`, beside the folder `boards/`. */
  check(text: string | Uint8Array): Promise<Checked<Plan>> {
    return checkList(this.write('film.yaml', text));
  }

  /** The submissions of a list without mistakes; throws if there are mistakes. */
  async plan(text: string): Promise<readonly Submission[]> {
    const checked = await this.check(text);
    if (!checked.ok) throw new Error(checked.diagnostics.map(({ message }) => message).join('\n'));
    return checked.value.submissions;
  }
}

/** A diagnostic as `SL101 9:15`. */
export function inShort({ code, line, column }: Diagnostic): string {
  return `${code} ${line}:${column}`;
}
