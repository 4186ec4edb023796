import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { effects } from '../../effects.js';
import { startEmulator } from '../../emulator/emulator.js';
import { captionWarning, missingAbility, type Render, renderWith } from '../../emulator/render.js';
import { Exit } from '../../exit.js';
import { ffmpegWhenNeeded } from '../../media/ffmpeg.js';
import { readCatalog } from '../../models/read-catalog.js';
import { createService } from '../../runcomfy/client.js';
import type { Failure } from '../console.js';
import { emulatorFailure } from './emulator-failure.js';
import type { OpenedProvider, OpenProvider } from './provider.js';

/** Longer than any command that only asks takes, seconds. */
const RESTING = 86_400;

/** Starts the emulator in this process, with its state in the run directory. */
export async function openLocal({
  directory,
  listFolder,
  env,
  notice,
  rests = false,
}: OpenProvider): Promise<OpenedProvider | Failure> {
  // Looked for only when there is something to render.
  const ffmpeg = ffmpegWhenNeeded({ env });
  const render: Render = async (shot, options) => {
    const found = await ffmpeg();
    return found.ok ? renderWith(found.ffmpeg)(shot, options) : { ok: false, message: found.message };
  };
  const { catalog } = await readCatalog(listFolder);
  const pace = { queued: rests ? RESTING : 0 };
  const start = await startEmulator({
    folder: join(directory, 'emulator'),
    catalog,
    pace,
    deps: { render },
  });
  if (!start.ok) return emulatorFailure(start);
  const { emulator } = start;
  // Any token will do, but not a word: it is blotted out of every message. Proxies are for other machines.
  const service = createService({ base: emulator.base, token: randomUUID(), env: {}, deps: effects });
  return {
    service,
    name: 'local',
    async obstacle() {
      const found = await ffmpeg();
      if (!found.ok) return { exit: Exit.usage, message: found.message, hint: found.hint };
      const lack = missingAbility(found.ffmpeg);
      if (lack) return { exit: Exit.usage, message: lack, hint: 'set SHOTLIST_FFMPEG to another ffmpeg' };
      const warning = captionWarning(found.ffmpeg);
      if (warning) notice(warning);
      return null;
    },
    async close() {
      await service.close();
      await emulator.close();
    },
  };
}
