import { resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode, worstExit } from '../../base/exit.js';
import { formatCount, formatNumber } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { type HeldDirectory, holdDirectory } from '../../run/directory/hold-directory.js';
import { serviceWords } from '../../run/messages.js';
import type { KeyState } from '../../run/records/render.js';
import { Silence } from '../../run/requests/ask-service.js';
import { type Cancelled, type CancelOutcome, cancelOpen, chooseToCancel } from '../../run/requests/cancel.js';
import { isAccountError } from '../../runcomfy/meanings.js';
import { askYesNo } from '../../ui/ask.js';
import { createPaint } from '../../ui/paint.js';
import { visible } from '../../ui/visible.js';
import { type Console, colorOf, type Failure, fail } from '../console.js';
import { openProviderOf } from '../service/provider.js';
import { stopOnSignals } from '../signals.js';

export interface CancelFlags {
  readonly yes?: boolean;
  readonly takeLock?: boolean;
}

interface Context {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Ids, or starts of content keys. */
  readonly names: readonly string[];
  readonly flags: CancelFlags;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** `shotlist cancel`: asks the service to cancel what a run left there, and records what it confirms. */
export async function cancel(
  run: string,
  names: readonly string[],
  { flags, console }: { flags: CancelFlags; console: Console },
): Promise<ExitCode> {
  const directory = resolve(run);
  const now = new Date(effects.now()).toISOString();
  const result = await stopOnSignals((signal) =>
    holdDirectory({ directory, now, takeLock: flags.takeLock }, (held) =>
      cancelHeld(held, { directory, names, flags, console, signal }),
    ),
  );
  if (typeof result === 'number') return result;
  const isHeld = result.exit === Exit.unfinished;
  return fail(console, {
    ...result,
    ...(isHeld && { hint: 'Ctrl-C in that run cancels what is queued, too' }),
  });
}

async function cancelHeld(held: HeldDirectory, context: Context): Promise<ExitCode | Failure> {
  const { directory, names, console, signal } = context;
  const chosen = chooseToCancel(held.state.keyStates.values(), names);
  if (typeof chosen === 'string') return { exit: Exit.usage, message: visible(chosen) };
  if (chosen.length === 0) {
    console.stdout.write('Nothing of this run is with the service.\n');
    return Exit.done;
  }
  const service = held.state.service ?? '';
  const refusal = names.length > 0 ? null : await askConsent(chosen, { service, ...context });
  if (refusal) return refusal;
  const silence = new Silence({ ...effects, stop: signal });
  const opened = await openProviderOf(service, {
    directory,
    env: console.env,
    answersOnly: true,
    notice: (message) => void console.stderr.write(`${message}\n`),
    onPause: (seconds) => silence.pause(seconds),
  });
  if ('exit' in opened) return opened;
  try {
    // Only the emulator cancels without a token.
    const obstacle = service === 'local' ? null : await opened.obstacle({ submissions: chosen.length });
    if (obstacle) return obstacle;
    const { outcomes, notes } = await cancelOpen({
      chosen,
      held,
      directory,
      silence,
      toolVersion: version,
      service: opened.service,
      deps: effects,
      onOutcome: (one) => void console.stdout.write(outcomeLine(one, console)),
    });
    for (const note of notes) console.stderr.write(`${note}\n`);
    return showTotals({ chosen, outcomes, console, signal });
  } finally {
    silence.end();
    await opened.close();
  }
}

/** Asks on a terminal before everything is cancelled; the failure if the answer is no, or if there is no terminal. */
async function askConsent(
  chosen: readonly KeyState[],
  { service, flags, console, signal }: { service: string } & Context,
): Promise<Failure | null> {
  if (flags.yes) return null;
  const what = formatCount(chosen.length, 'submission');
  if (!console.stdin.isTTY || !console.stderr.isTTY) {
    return {
      exit: Exit.usage,
      message: `this would cancel ${what}, and there is no terminal to ask on`,
      hint: 'add --yes to agree, or name those that are meant',
    };
  }
  const where = service === 'local' ? 'of this rehearsal' : `with ${serviceWords(service)}`;
  const streams = { input: console.stdin, output: console.stderr, signal };
  const agreed = await askYesNo(`Cancel ${what} ${where}?`, streams);
  return agreed ? null : { exit: Exit.interrupted, message: 'nothing was cancelled' };
}

function outcomeLine({ known, outcome }: Cancelled, console: Console): string {
  const paint = createPaint(colorOf(console.stdout, console));
  const isCancelled = outcome.kind === 'cancelled';
  const word = isCancelled ? paint.green('cancelled') : paint.yellow('not cancelled');
  const why = isCancelled ? [] : [visible(whyNot(outcome))];
  return `${[visible(known.submission.id), word, ...why].join('  ')}\n`;
}

function whyNot(outcome: Exclude<CancelOutcome, { kind: 'cancelled' }>): string {
  switch (outcome.kind) {
    case 'kept':
      return KEPT[outcome.status ?? 'unfamiliar'];
    case 'forgotten':
      return 'The service does not know it. The next run says what to do.';
    case 'unclear':
      return `${outcome.message} It may be cancelled all the same: the next run asks.`;
  }
}

const KEPT = {
  queued: 'The service did not do it, and keeps it queued. The next run follows it.',
  rendering: 'It is being rendered, which cannot be stopped. The next run fetches it.',
  completed: 'It is rendered. The next run fetches it.',
  failed: 'It has failed already.',
  cancelled: 'It was cancelled already.',
  unfamiliar: 'The service keeps it. The next run follows it.',
} as const;

/** Writes how many were cancelled; returns the exit code. */
function showTotals({
  chosen,
  outcomes,
  console,
  signal,
}: {
  readonly chosen: readonly KeyState[];
  readonly outcomes: readonly Cancelled[];
  readonly console: Console;
  readonly signal: AbortSignal;
}): ExitCode {
  const done = outcomes.filter(({ outcome }) => outcome.kind === 'cancelled').length;
  const left = chosen.length - done;
  const rest = left === 0 ? '' : `, ${formatNumber(left)} not`;
  console.stdout.write(`${formatCount(done, 'submission')} cancelled${rest}.\n`);
  if (signal.aborted) return Exit.interrupted;
  const unclear = outcomes.flatMap(({ outcome }) => (outcome.kind === 'unclear' ? [outcome] : []));
  return worstExit([
    ...(left > 0 ? [Exit.unfinished] : []),
    ...(unclear.some(isAccountError) ? [Exit.account] : []),
    ...(unclear.some(({ status }) => status === null) ? [Exit.serviceDown] : []),
  ]);
}
