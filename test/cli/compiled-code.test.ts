import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CompiledCode } from '../../src/cli/compiled-code.js';

let folder: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  cache = join(folder, 'compiled', 'greet');
  write(
    'main.cjs',
    "const { name } = require('./name.cjs'); exports.greet = () => 'Hello ' + name(require('node:path'));",
  );
  write('name.cjs', "exports.name = ({ basename }) => basename('/films/cliff');");
});

function write(name: string, code: string): void {
  writeFileSync(join(folder, name), code);
}

function open(): CompiledCode {
  return new CompiledCode({ folder, cache, require: createRequire(import.meta.url) });
}

/** What a process says, which keeps what it compiled. */
function greeting(): string {
  const code = open();
  const said = (code.load('main.cjs') as { greet(): string }).greet();
  code.keep();
  return said;
}

describe('code that is kept compiled', () => {
  it('does what it did before it was kept, and is not written again', () => {
    expect(greeting()).toBe('Hello cliff');
    const { ino } = statSync(cache);
    expect(greeting()).toBe('Hello cliff');
    expect(statSync(cache).ino).toBe(ino);
    expect(readdirSync(join(folder, 'compiled'))).toEqual(['greet']);
  });

  it('is kept whole again where a file comes to it', () => {
    greeting();
    const { size } = statSync(cache);
    write('more.cjs', 'exports.more = 1;');
    const code = open();
    code.load('main.cjs');
    code.load('more.cjs');
    code.keep();
    expect(statSync(cache).size).toBeGreaterThan(size);
  });

  it('is compiled anew, and kept, where a byte of it is another or its end is missing', () => {
    greeting();
    const whole = readFileSync(cache);
    for (let at = 0; at < whole.length; at += 97) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      writeFileSync(cache, damaged);
      expect(greeting()).toBe('Hello cliff');
      writeFileSync(cache, whole.subarray(0, at));
      expect(greeting()).toBe('Hello cliff');
    }
  });

  it('is done without, silently, where it can be neither read nor written', () => {
    mkdirSync(cache, { recursive: true });
    expect(greeting()).toBe('Hello cliff');
    writeFileSync(join(folder, 'file'), '');
    cache = join(folder, 'file', 'greet');
    expect(greeting()).toBe('Hello cliff');
  });

  it('names its file and the place in it where it throws', () => {
    write('main.cjs', "exports.greet = () => { throw new Error('lost'); };");
    const stack = (): string => {
      const code = open();
      try {
        (code.load('main.cjs') as { greet(): string }).greet();
      } catch (error) {
        code.keep();
        return (error as Error).stack ?? '';
      }
      return '';
    };
    const place = `at exports.greet (${join(folder, 'main.cjs')}:1:31)`;
    expect(stack()).toContain(place);
    expect(stack()).toContain(place);
  });
});
