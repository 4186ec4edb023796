import { text } from 'node:stream/consumers';
import { Exit, type ExitCode } from '../../base/exit.js';
import type { CatalogAnswer } from '../../runcomfy/service.js';
import { storeToken, tokenProblem } from '../../runcomfy/token.js';
import { askHidden } from '../../ui/ask.js';
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
  const [answer, balance] = await Promise.all([service.catalog({ limit: 1 }), service.balance()]);
  await service.close();
  if (isRefused(answer) || (balance.kind === 'refused' && balance.status === 401)) {
    return fail(console, {
      exit: Exit.account,
      message: 'the service does not accept this token; nothing was stored',
      hint: 'copy it again from your RunComfy profile',
    });
  }
  const stored = await storeToken(env, token);
  if (stored.kind !== 'stored') {
    const exit = stored.kind === 'invalid' ? Exit.usage : Exit.cannotWrite;
    return fail(console, { exit, message: stored.message });
  }
  const isTried = answer.kind === 'models' || balance.kind === 'balance';
  const tried = isTried ? 'It works' : 'It could not be tried: the service did not answer';
  stdout.write(`Stored in ${stored.path}, readable by you only. ${tried}.\n`);
  if (balance.kind === 'balance') stdout.write(`${balanceSentence(balance)}\n`);
  return Exit.done;
}

function isRefused(answer: CatalogAnswer): boolean {
  return answer.kind === 'refused' && (answer.status === 401 || answer.status === 403);
}
