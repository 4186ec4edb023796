import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nullIfMissing } from '../base/files.js';
import { CompiledCode } from './compiled-code.js';

/** The file in `dist/` that `program.ts` was bundled to; the build puts its name here. */
declare const PROGRAM: string;

type Program = typeof import('./program.js');

/**
 * Loads the command line, as an earlier process of `command` compiled it where that is kept. It is kept beside the code that
 * it was made of, in `dist/compiled/`: whoever could change one could change the other, and both are removed together.
 */
export function loadProgram(command: string): Program {
  const require = createRequire(import.meta.url);
  // As for Node's own cache, which this one takes the place of.
  if (process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) return require(`./${PROGRAM}`);
  const folder = import.meta.dirname;
  const { version, platform, arch } = process;
  // What is no command's name is no file's either.
  const name = [command.replace(/[^a-z-]/g, ''), version, platform, arch].join('-');
  const code = new CompiledCode({ folder, cache: join(folder, 'compiled', name), require });
  process.once('exit', (exit) => {
    // A command that did not do what it is for has not called its functions.
    if (exit === 0 && isOurs(folder)) code.keep();
  });
  return code.load(PROGRAM) as Program;
}

/** Root, in a container that shares this folder, would leave files that its owner cannot remove. */
function isOurs(folder: string): boolean {
  const { getuid } = process;
  return getuid === undefined || nullIfMissing(() => statSync(folder))?.uid === getuid();
}
