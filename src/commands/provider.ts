import { join } from 'node:path';
import { effects } from '../effects.js';
import { type Start, startEmulator } from '../emulator/emulator.js';
import { Exit, type ExitCode } from '../exit.js';
import { findFfmpeg } from '../media/ffmpeg.js';
import { createService } from '../runcomfy/client.js';
import type { Service } from '../runcomfy/service.js';
import { findToken } from '../runcomfy/token.js';
import type { Failure } from './console.js';
import type { Provider } from './run-directory.js';
import { openService } from './service.js';

/** Where a run's submissions go. */
export interface OpenedProvider {
  readonly service: Service;
  /** Whom the run directory belongs to: `local`, or the API's origin. */
  readonly name: string;
  /** Why nothing can be submitted, if so. Asked only when there is something to submit. */
  obstacle(): Promise<Failure | null>;
  close(): Promise<void>;
}

/** Opens the service, or starts the emulator in this process with its state in the run directory. */
export async function openProvider(options: {
  provider: Provider;
  directory: string;
  env: NodeJS.ProcessEnv;
}): Promise<OpenedProvider | Failure> {
  return options.provider === 'local' ? openLocal(options.directory) : openRunComfy(options.env);
}

async function openRunComfy(env: NodeJS.ProcessEnv): Promise<OpenedProvider | Failure> {
  const found = await findToken(env);
  const service = openService({ env, token: found.kind === 'found' ? found.token : '' });
  if ('exit' in service) return service;
  const obstacle = async () =>
    found.kind === 'found' ? null : { exit: Exit.account, message: found.message };
  return { service, name: service.origin, obstacle, close: () => service.close() };
}

async function openLocal(directory: string): Promise<OpenedProvider | Failure> {
  const start = await startEmulator({ folder: join(directory, 'emulator') });
  if (!start.ok) return emulatorFailure(start);
  const { emulator } = start;
  // Proxies are for the way out of this machine, and any token will do.
  const service = createService({ base: emulator.base, token: 'rehearsal', env: {}, deps: effects });
  return {
    service,
    name: 'local',
    async obstacle() {
      const found = await findFfmpeg();
      return found.ok ? null : { exit: Exit.usage, message: found.message, hint: found.hint };
    },
    async close() {
      await service.close();
      await emulator.close();
    },
  };
}

const EXITS: Readonly<Record<(Start & { ok: false })['reason'], ExitCode>> = {
  'port-in-use': Exit.usage,
  'cannot-listen': Exit.usage,
  'cannot-write': Exit.cannotWrite,
  'unreadable-state': Exit.invalid,
};

/** Why the emulator did not start, for a command. */
export function emulatorFailure({ reason, message, hint }: Start & { ok: false }): Failure {
  return { exit: EXITS[reason], message, hint };
}
