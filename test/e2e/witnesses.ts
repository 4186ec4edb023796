import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { rememberingFfmpeg } from '../rig/remembering-ffmpeg.js';

/** Programs that the CLI starts. */
const PROGRAMS = ['ffmpeg', 'git'];

/** Stand-ins for the programs that the CLI starts: they log their arguments and become the real programs. */
export interface Witnesses {
  /** PATH for the CLI. */
  readonly path: string;
  /** Arguments and environments of all programs started so far. */
  seen(): Promise<string>;
}

/** Puts the stand-ins before the programs of this machine; none on Windows, where a script cannot replace a program. */
export async function placeWitnesses(): Promise<Witnesses> {
  const path = process.env.PATH ?? '';
  if (process.platform === 'win32') return { path, seen: async () => '' };
  const folder = await mkdtemp(join(tmpdir(), 'shotlist-witnesses-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, 'seen');
  for (const program of PROGRAMS) {
    const real = await placeOf(program);
    if (real === null) continue;
    const script = `#!/bin/sh\n{ printf '%s\\n' "$0" "$@"; env; } >> '${log}'\nexec '${real}' "$@"\n`;
    await writeFile(join(folder, program), script);
    await chmod(join(folder, program), 0o755);
  }
  return {
    path: `${folder}${delimiter}${path}`,
    seen: () => readFile(log, 'utf8').catch(() => ''),
  };
}

const places = new Map<string, Promise<string | null>>();

/** Absolute path of a program; null if this machine has none. */
function placeOf(program: string): Promise<string | null> {
  const known = places.get(program) ?? findProgram(program);
  places.set(program, known);
  return known;
}

async function findProgram(program: string): Promise<string | null> {
  if (program === 'ffmpeg') return rememberingFfmpeg();
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}
