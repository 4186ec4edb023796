import { effects } from '../effects.js';
import { Exit } from '../exit.js';
import { version } from '../generated/version.js';
import { findBase } from '../runcomfy/base.js';
import { createService } from '../runcomfy/client.js';
import type { Service } from '../runcomfy/service.js';
import type { Failure } from './console.js';

/** The RunComfy API that the environment names, or what is wrong with that name. */
export function openService({ env, token }: { env: NodeJS.ProcessEnv; token: string }): Service | Failure {
  const found = findBase(env);
  if (found.kind === 'invalid') return { exit: Exit.usage, message: found.message };
  return createService({ base: found.base, token, env, deps: effects, userAgent: `shotlist/${version}` });
}
