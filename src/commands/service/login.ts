import { text } from 'node:stream/consumers';
import { Exit, type ExitCode } from '../../base/exit.js';
import { isAccountError } from '../../runcomfy/meanings.js';
import type { BalanceAnswer, Service, ServiceError } from '../../runcomfy/service.js';
import { storeToken, tokenProblem } from '../../runcomfy/token.js';
import { askHidden } from '../../ui/ask.js';
import { visible } from '../../ui/visible.js';
import { type Console, fail } from '../console.js';
import { balanceSentence } from '../run/balance.js';
import { openService } from './provider.js';

/** `shotlist login`: tries an API token, and stores it where RunComfy's own tools look for it. */
export async function login(console: Console): Promise<ExitCode> {
  const { stdin, stdout, stderr, env } = console;
  const typed = stdin.isTTY
    ? await askHidden('RunComfy API token (runcomfy.com, Profile, API keys; it stays hidden): ', {
        input: stdin,
        output: stderr,
      })
    : await text(stdin);
  const token = typed?.trim();
  if (!token) {
    const hint = 'type it at the prompt, or pipe it: shotlist login < token.txt';
    return fail(console, { exit: Exit.usage, message: 'no token was given, and nothing was stored', hint });
  }
  const problem = tokenProblem(token);
  if (problem)
    return fail(console, { exit: Exit.usage, message: `the token ${problem}; nothing was stored` });
  const service = openService({ env, token });
  if ('exit' in service) return fail(console, service);
  const { refusal, trouble, balance } = await tryToken(service);
  await service.close();
  if (refusal) {
    return fail(console, {
      exit: Exit.account,
      message: `the service does not accept this token (${refusal.code ?? refusal.status}); nothing was stored`,
      hint: 'copy it again from your RunComfy profile, and see there that the account is active',
    });
  }
  const stored = await storeToken(env, token);
  if (stored.kind !== 'stored') {
    const exit = stored.kind === 'invalid' ? Exit.usage : Exit.cannotWrite;
    return fail(console, { exit, message: stored.message });
  }
  const tried = trouble ? `It could not be tried. ${visible(trouble.message)}` : 'It works.';
  stdout.write(`Stored in ${stored.path}, readable by you only. ${tried}\n`);
  if (balance.kind === 'balance') stdout.write(`${balanceSentence(balance)}\n`);
  return Exit.done;
}

/** Id of no request: the answer tells only if the token is accepted. */
const NO_REQUEST = 'shotlist-login';

/** Longest wait for that answer, milliseconds: a person waits. */
const PATIENCE = 5_000;

/**
 * Uses a token where that costs nothing: for the catalog, which may be public, the balance, which may be missing, and without a
 * balance for a request. `trouble` says why it could not be tried; null if it was.
 */
async function tryToken(service: Service): Promise<{
  readonly refusal: ServiceError | null;
  readonly trouble: ServiceError | null;
  readonly balance: BalanceAnswer;
}> {
  const [catalog, balance] = await Promise.all([service.catalog({ limit: 1 }), service.balance()]);
  const isKnown = balance.kind === 'balance' || catalog.kind !== 'models';
  const request = isKnown ? null : await service.status(NO_REQUEST, AbortSignal.timeout(PATIENCE));
  const isRefused = (answer: typeof catalog | typeof request) =>
    answer?.kind === 'refused' && answer.status !== 402 && isAccountError(answer) ? answer : null;
  // A 403 there may mean only that the token may not see the balance.
  const here = balance.kind === 'refused' && balance.status === 401 ? balance : null;
  return {
    refusal: here ?? isRefused(catalog) ?? isRefused(request),
    trouble: catalog.kind === 'models' || balance.kind === 'balance' ? null : catalog,
    balance,
  };
}
