import { execFileSync } from 'node:child_process';
import { access, chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/media/ffmpeg.js';

/** Environment variable that holds the folder of the answers, for all test files of one run. */
const FOLDER = 'SHOTLIST_TEST_FFMPEG';

/** Environment of the test run. A command in the process of a test has another one while it runs. */
const ENV = { ...process.env };

/** Makes the folder of the answers. Vitest calls it before all test files. */
export async function setup(): Promise<void> {
  process.env[FOLDER] = await mkdtemp(join(tmpdir(), 'shotlist-ffmpeg-'));
}

/** Removes the folder of the answers. Vitest calls it after all test files. */
export async function teardown(): Promise<void> {
  await rm(process.env[FOLDER] ?? '', { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Path of a stand-in for ffmpeg that draws each animatic and inspects each clip once in a whole test run, and then copies
 * the result. It ignores the captions, so the clips of two prompts may be the same file. On Windows, which cannot run a
 * script in place of a program, it is ffmpeg itself.
 */
export async function rememberingFfmpeg(): Promise<string> {
  const found = await findFfmpeg({ env: ENV });
  if (!found.ok) throw new Error(found.message);
  const { path } = found.ffmpeg;
  if (process.platform === 'win32') return path;
  const folder = ENV[FOLDER] ?? tmpdir();
  const script = join(folder, 'ffmpeg');
  if (
    await access(script).then(
      () => true,
      () => false,
    )
  )
    return script;
  const draft = `${script}.${process.pid}`;
  // The stand-in may be put on the PATH as `ffmpeg`, and would then call itself.
  const program = execFileSync('sh', ['-c', 'command -v "$0"', path], { env: ENV, encoding: 'utf8' }).trim();
  await writeFile(draft, scriptOf(program, folder));
  await chmod(draft, 0o755);
  await rename(draft, script);
  return script;
}

/** An animatic and an inspection are told by their arguments; every other call goes to the program itself. */
function scriptOf(program: string, folder: string): string {
  return `#!/bin/sh
export LC_ALL=C
case "$*" in
  '-hide_banner -version' | '-hide_banner -filters' | '-hide_banner -encoders')
    answer='${folder}'/answer$2
    [ -f "$answer" ] || { '${program}' "$@" >"$answer.$$" && mv "$answer.$$" "$answer"; }
    exec cat "$answer" ;;
  *' -map_metadata -1 '*' work/'*.mp4 | *'split=4[a][b][c][d]'*) ;;
  *) exec '${program}' "$@" ;;
esac

is_output() {
  case "$before $1" in
    '-i '*) return 1 ;;
    *.mp4 | *.jpg | *.gray | *.pcm) return 0 ;;
  esac
  return 1
}

# The names of files differ from call to call: inputs count by what is in them, without the name at the end of a copied clip.
key=$(
  for each; do
    if [ "$before" = -i ]; then cat "$each"; elif ! is_output "$each"; then echo "$each"; fi
    before=$each
  done | sed 's|work/[0-9a-f]*||g; s|freeclips/[^/]*$||' | cksum | tr ' ' -
)
kept='${folder}'/$key
before='' number=0
if [ -d "$kept" ]; then
  for each; do
    if is_output "$each"; then
      number=$((number + 1))
      if [ -f "$kept/$number" ]; then cp "$kept/$number" "$each"; fi
    fi
    before=$each
  done
  cat "$kept/errors" >&2
  exit 0
fi

draft=$kept.$$
mkdir "$draft"
'${program}' "$@" 2>"$draft/errors"
code=$?
cat "$draft/errors" >&2
for each; do
  if is_output "$each"; then
    number=$((number + 1))
    if [ -f "$each" ]; then cp "$each" "$draft/$number"; fi
  fi
  before=$each
done
if [ "$code" = 0 ] && [ ! -d "$kept" ]; then mv "$draft" "$kept"; else rm -r "$draft"; fi
exit "$code"
`;
}
