import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import type { Start } from '../../emulator/emulator.js';
import type { Render } from '../../emulator/render.js';
import { version } from '../../generated/version.js';
import { ffmpegWhenNeeded } from '../../media/ffmpeg.js';
import { readCatalog } from '../../models/read-catalog.js';
import { serviceWords } from '../../run/messages.js';
import { type AllowedHost, findAllowedHosts } from '../../runcomfy/allowed-hosts.js';
import { findBaseUrl, findServerlessBase } from '../../runcomfy/base-url.js';
import { createService } from '../../runcomfy/client.js';
import type { Service } from '../../runcomfy/service.js';
import { findToken } from '../../runcomfy/token.js';
import { type Failure, shownPath } from '../console.js';
import type { Provider } from '../list-flags.js';

/** The service that takes a run's submissions. */
export interface OpenedProvider {
  readonly service: Service;
  /** Owner of the run directory: `local`, or the API's origin. */
  readonly name: string;
  /** Why the run cannot go on, or null. Asked only when there is something to do: fetching needs no token. */
  obstacle(work: { readonly submissions: number }): Promise<Failure | null>;
  close(): Promise<void>;
}

interface ProviderOptions {
  /** Absolute path of the run directory. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Hosts besides the service's own from which clips may be fetched; those in the environment count too. */
  readonly allowHost?: readonly string[] | undefined;
  /** Takes what a person should know, such as a limit of the ffmpeg that was found. */
  readonly notice: (message: string) => void;
  /** Called at each pause that the service asks for, seconds. */
  readonly onPause?: (seconds: number) => void;
  /** True if the emulator answers questions but renders nothing. */
  readonly answersOnly?: boolean;
}

/**
 * Opens the service, or starts the emulator in this process with its state in the run directory. `listFolder` is the absolute
 * path of the list's folder, which may have models in it.
 */
export async function openProvider(
  options: ProviderOptions & { readonly provider: Provider; readonly listFolder: string },
): Promise<OpenedProvider | Failure> {
  return options.provider === 'local' ? openLocal(options) : openRunComfy(options);
}

/**
 * Opens the service that a run directory belongs to: `local`, or the origin that the environment must still name.
 */
export async function openProviderOf(
  name: string,
  options: ProviderOptions,
): Promise<OpenedProvider | Failure> {
  const { directory } = options;
  const provider = name === 'local' ? 'local' : 'runcomfy';
  const opened = await openProvider({ ...options, provider, listFolder: directory });
  if ('exit' in opened || opened.name === name) return opened;
  await opened.close();
  return {
    exit: Exit.usage,
    message: `${shownPath(directory)} belongs to ${serviceWords(name)}, and RUNCOMFY_MODEL_API_BASE names ${opened.name}`,
    hint: 'set RUNCOMFY_MODEL_API_BASE to what it was for the run, or unset it',
  };
}

/** The RunComfy API that the environment names, or what is wrong with that name. */
export function openService(options: {
  env: NodeJS.ProcessEnv;
  token: string;
  allowedHosts?: readonly AllowedHost[];
  /** Called at each pause that the service's rate limit asks for, seconds. */
  onPause?: (seconds: number) => void;
}): Service | Failure {
  const found = findBaseUrl(options.env);
  if (found.kind === 'invalid') return { exit: Exit.usage, message: found.message };
  const serverless = findServerlessBase(options.env);
  if (serverless.kind === 'invalid') return { exit: Exit.usage, message: serverless.message };
  return createService({
    base: found.base,
    ...(serverless.kind === 'found' && { serverlessBase: serverless.base }),
    deps: effects,
    userAgent: `shotlist/${version}`,
    ...options,
  });
}

/** Least time between two notices of a pause, milliseconds: a service at its limit asks for one again and again. */
const PAUSE_NOTICE_INTERVAL = 30_000;

async function openRunComfy({
  env,
  notice,
  allowHost = [],
  ...options
}: ProviderOptions): Promise<OpenedProvider | Failure> {
  const allowed = findAllowedHosts(allowHost, env);
  if (allowed.kind === 'invalid') return { exit: Exit.usage, message: allowed.message };
  const found = await findToken(env);
  const token = found.kind === 'found' ? found.token : '';
  let noticedAt = Number.NEGATIVE_INFINITY;
  const onPause = (seconds: number) => {
    options.onPause?.(seconds);
    if (effects.now() - noticedAt < PAUSE_NOTICE_INTERVAL) return;
    noticedAt = effects.now();
    notice(`The service asks us to slow down; going on in ${Math.ceil(seconds)} s.`);
  };
  const service = openService({ env, token, allowedHosts: allowed.hosts, onPause });
  if ('exit' in service) return service;
  const obstacle: OpenedProvider['obstacle'] = async ({ submissions }) =>
    found.kind === 'found' || submissions === 0 ? null : { exit: Exit.account, message: found.message };
  return { service, name: service.origin, obstacle, close: () => service.close() };
}

/** Queue time of an emulator that only answers, seconds: longer than any command that asks it. */
const NEVER_RENDERS = 86_400;

/** Starts the emulator in this process, with its state in the run directory. */
async function openLocal(
  options: ProviderOptions & { readonly listFolder: string },
): Promise<OpenedProvider | Failure> {
  const { directory, listFolder, env, notice, answersOnly = false } = options;
  const { startEmulator } = await import('../../emulator/emulator.js');
  const { captionWarning, missingAbility, renderWith } = await import('../../emulator/render.js');
  const ffmpeg = ffmpegWhenNeeded({ env });
  const render: Render = async (shot, to) => {
    const found = await ffmpeg();
    return found.ok ? renderWith(found.ffmpeg)(shot, to) : { ok: false, message: found.message };
  };
  const { catalog } = await readCatalog(listFolder);
  const pace = { queued: answersOnly ? NEVER_RENDERS : 0 };
  const folder = join(directory, 'emulator');
  const start = await startEmulator({ folder, catalog, pace, deps: { render } });
  if (!start.ok) return emulatorFailure(start);
  const { emulator } = start;
  // The token is random because it is removed from every message: a word would be removed too. Proxies are for other machines.
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

const EMULATOR_EXITS: Readonly<Record<(Start & { ok: false })['reason'], ExitCode>> = {
  'port-in-use': Exit.usage,
  'cannot-listen': Exit.usage,
  'cannot-write': Exit.cannotWrite,
  'unreadable-state': Exit.invalid,
};

/** A server of ours that did not start, as the failure of a command. */
export function emulatorFailure({ reason, message, hint }: Start & { ok: false }): Failure {
  return { exit: EMULATOR_EXITS[reason], message, hint };
}
