import { effects } from '../../base/effects.js';
import { Exit } from '../../base/exit.js';
import { version } from '../../generated/version.js';
import { findBase } from '../../runcomfy/base.js';
import { createService } from '../../runcomfy/client.js';
import type { Service } from '../../runcomfy/service.js';
import type { Failure } from '../console.js';

/** The RunComfy API that the environment names, or what is wrong with that name. */
export function openService(options: {
  env: NodeJS.ProcessEnv;
  token: string;
  /** Hears of each pause that the service's rate limit asks for, seconds. */
  onPause?: (seconds: number) => void;
}): Service | Failure {
  const found = findBase(options.env);
  if (found.kind === 'invalid') return { exit: Exit.usage, message: found.message };
  return createService({ base: found.base, deps: effects, userAgent: `shotlist/${version}`, ...options });
}
