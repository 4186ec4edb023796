import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** Around the code of a CommonJS file: what Node puts there too. */
const [OPENING, CLOSING] = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];

/** What V8 made of the code of files, by their names. */
type Compiled = ReadonlyMap<string, Buffer>;

/**
 * Loads CommonJS files of one folder with what V8 made of them in an earlier process, and keeps that for the next one. A file's
 * name has to change with its content. Node's `enableCompileCache`, which Node 20 lacks, gains less than half of what this does.
 */
export class CompiledCode {
  readonly #folder: string;
  readonly #cache: string;
  readonly #require: NodeJS.Require;
  readonly #compiled: Compiled;
  readonly #modules = new Map<string, { exports: unknown }>();
  readonly #scripts = new Map<string, Script>();
  #isAllKept = true;

  /** `require` loads what is none of the folder's files; `cache` is the file to keep things in. */
  constructor({ folder, cache, require }: { folder: string; cache: string; require: NodeJS.Require }) {
    this.#folder = folder;
    this.#cache = cache;
    this.#require = require;
    this.#compiled = read(cache);
  }

  /** What a file of the folder exports. */
  load(name: string): unknown {
    const known = this.#modules.get(name);
    if (known) return known.exports;
    const module = { exports: {} };
    this.#modules.set(name, module);
    const path = join(this.#folder, name);
    const require = (id: string) => (id.startsWith('./') ? this.load(id.slice(2)) : this.#require(id));
    this.#compile(name, path).runInThisContext()(module.exports, require, module, path, this.#folder);
    return module.exports;
  }

  #compile(name: string, path: string): Script {
    const cachedData = this.#compiled.get(name);
    const script = new Script(OPENING + readFileSync(path, 'utf8') + CLOSING, {
      filename: path,
      columnOffset: -OPENING.length,
      ...(cachedData && { cachedData }),
    });
    // V8 refuses what another version of it made, or the same with other flags.
    if (!cachedData || script.cachedDataRejected) this.#isAllKept = false;
    this.#scripts.set(name, script);
    return script;
  }

  /** Keeps what was compiled so far, if anything was compiled anew: functions that were not called are not in it. */
  keep(): void {
    if (this.#isAllKept) return;
    try {
      write(
        this.#cache,
        new Map([...this.#scripts].map(([name, script]) => [name, script.createCachedData()])),
      );
    } catch {
      // A folder of somebody else, or a full disk: the next process compiles again.
    }
  }
}

/** Empty where there is nothing, or something that is not whole: V8 would run what is damaged. */
function read(cache: string): Compiled {
  try {
    const [digest, rest] = firstLine(readFileSync(cache));
    if (digest !== hash('sha256', rest)) return new Map();
    const [index, code] = firstLine(rest);
    const ends: [name: string, start: number, end: number][] = JSON.parse(index);
    return new Map(ends.map(([name, start, end]) => [name, code.subarray(start, end)]));
  } catch {
    return new Map();
  }
}

/** Whole or not at all: what two processes mix that write at a time has not its digest. */
function write(cache: string, compiled: Compiled): void {
  let end = 0;
  const index = [...compiled].map(([name, { length }]) => {
    end += length;
    return [name, end - length, end];
  });
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...compiled.values()]);
  mkdirSync(dirname(cache), { recursive: true });
  writeFileSync(`${cache}.tmp`, Buffer.concat([Buffer.from(`${hash('sha256', rest)}\n`), rest]));
  renameSync(`${cache}.tmp`, cache);
}

function firstLine(bytes: Buffer): [string, Buffer] {
  const end = bytes.indexOf('\n');
  return [bytes.toString('latin1', 0, end), bytes.subarray(end + 1)];
}
