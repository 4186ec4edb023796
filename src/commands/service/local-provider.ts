import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit } from '../../base/exit.js';
import { startEmulator } from '../../emulator/emulator.js';
import { captionWarning, missingAbility, type Render, renderWith } from '../../emulator/render.js';
import { ffmpegWhenNeeded } from '../../media/ffmpeg.js';
import { readCatalog } from '../../models/read-catalog.js';
import { createService } from '../../runcomfy/client.js';
import type { Service } from '../../runcomfy/service.js';
import type { Failure } from '../console.js';
import type { Provider } from '../run/run-directory.js';
import { emulatorFailure } from './emulator-failure.js';

/** Where a run's submissions go. */
export interface OpenedProvider {
  readonly service: Service;
  /** Whom the run directory belongs to: `local`, or the API's origin. */
  readonly name: string;
  /** Why the run cannot go on, if so. Asked only when there is something to do; fetching needs no token. */
  obstacle(work: { readonly submissions: number }): Promise<Failure | null>;
  close(): Promise<void>;
}

export interface OpenProvider {
  readonly provider: Provider;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the list's folder, beside which there may be models. */
  readonly listFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Hears what is worth telling, such as a limit of the ffmpeg that was found. */
  readonly notice: (message: string) => void;
  /** Hears besides of each pause that the service asks for, seconds. */
  readonly onPause?: (seconds: number) => void;
  /** The emulator only answers: it renders nothing. */
  readonly rests?: boolean;
}

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
