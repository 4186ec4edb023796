import { effects } from '../../base/effects.js';
import { Exit } from '../../base/exit.js';
import { findToken } from '../../runcomfy/token.js';
import type { Failure } from '../console.js';
import type { OpenedProvider, OpenProvider } from './local-provider.js';
import { openService } from './service.js';

/** Opens the service, or starts the emulator in this process with its state in the run directory. */
export async function openProvider(options: OpenProvider): Promise<OpenedProvider | Failure> {
  if (options.provider !== 'local') return openRunComfy(options);
  // Loaded only when it is to render: an emulator takes longer to start than the client of a service.
  return (await import('./local-provider.js')).openLocal(options);
}

/** Least time between two notices of a pause, milliseconds: a service at its limit asks for one again and again. */
const PAUSES_SAID_EVERY = 30_000;

async function openRunComfy({ env, notice, ...options }: OpenProvider): Promise<OpenedProvider | Failure> {
  const found = await findToken(env);
  const token = found.kind === 'found' ? found.token : '';
  let saidAt = Number.NEGATIVE_INFINITY;
  const onPause = (seconds: number) => {
    options.onPause?.(seconds);
    if (effects.now() - saidAt < PAUSES_SAID_EVERY) return;
    saidAt = effects.now();
    notice(`The service asks us to slow down; going on in ${Math.ceil(seconds)} s.`);
  };
  const service = openService({ env, token, onPause });
  if ('exit' in service) return service;
  const obstacle: OpenedProvider['obstacle'] = async ({ submissions }) =>
    found.kind === 'found' || submissions === 0 ? null : { exit: Exit.account, message: found.message };
  return { service, name: service.origin, obstacle, close: () => service.close() };
}
