import { effects } from '../../effects.js';
import { Exit } from '../../exit.js';
import type { Service } from '../../runcomfy/service.js';
import { findToken } from '../../runcomfy/token.js';
import type { Failure } from '../console.js';
import type { Provider } from '../run/run-directory.js';
import { openService } from './service.js';

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
