import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/media/ffmpeg.js';

/**
 * The environment in which an emulator draws one clip with ffmpeg and copies it ever after: all its shots must be of one
 * length. What happens around the picture is then as fast as the disk. On Windows, which cannot run a script in place of
 * a program, it draws them all.
 */
export async function quickFfmpeg(folder: string): Promise<Readonly<Record<string, string>>> {
  const found = await findFfmpeg();
  if (!found.ok) throw new Error(found.message);
  if (process.platform === 'win32') return { SHOTLIST_FFMPEG: found.ffmpeg.path };
  const script = join(folder, 'quick-ffmpeg');
  const clip = `${script}.mp4`;
  await writeFile(
    script,
    `#!/bin/sh
case "$2" in -version|-filters|-encoders) exec '${found.ffmpeg.path}' "$@";; esac
for out; do :; done
[ -f '${clip}' ] && exec cp '${clip}' "$out"
'${found.ffmpeg.path}' "$@" && cp "$out" '${clip}'.$$ && mv '${clip}'.$$ '${clip}'
`,
  );
  await chmod(script, 0o755);
  return { SHOTLIST_FFMPEG: script };
}
