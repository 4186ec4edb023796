import { text } from 'node:stream/consumers';
import { Exit, type ExitCode } from '../../base/exit.js';
import { storeToken, tokenProblem } from '../../runcomfy/token.js';
import { askHidden } from '../../ui/ask.js';
import { type Console, fail } from '../console.js';
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
  const answer = await service.catalog({ limit: 1 });
  await service.close();
  if (answer.kind === 'refused' && (answer.status === 401 || answer.status === 403)) {
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
  const tried = answer.kind === 'models' ? 'It works' : 'It could not be tried: the service did not answer';
  stdout.write(`Stored in ${stored.path}, readable by you only. ${tried}.\n`);
  return Exit.done;
}
