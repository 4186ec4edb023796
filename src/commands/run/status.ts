import { join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode, worstExit } from '../../base/exit.js';
import { formatCount } from '../../base/units.js';
import { type LedgerState, readLedger } from '../../emulator/ledger.js';
import { readDirectory } from '../../run/directory/hold-directory.js';
import type { KeyState } from '../../run/records/render.js';
import { type Answers, type Ask, askService, isOpen, Silence } from '../../run/requests/ask-service.js';
import { isAccountError } from '../../runcomfy/meanings.js';
import type { Balance, RequestState, ResultAnswer, Service, ServiceError } from '../../runcomfy/service.js';
import { findToken } from '../../runcomfy/token.js';
import { createStatusLine, type StatusLine } from '../../ui/status-line.js';
import { jsonText, visible } from '../../ui/visible.js';
import { type Console, colorOf, type Failure, fail, widthOf } from '../console.js';
import { openProviderOf, openService } from '../service/provider.js';
import { stopOnSignals } from '../signals.js';
import { balanceIn, balanceJson, balanceSentence } from './balance.js';
import { formatStatus, type StatusRow } from './status-table.js';

export interface StatusFlags {
  readonly json?: boolean;
}

interface Context {
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** `local`, or the API's origin. */
  readonly service: string;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * `shotlist status`: asks the service about every open submission of a run directory. Takes no lock, writes nothing and submits
 * nothing, so it may be called during a run.
 */
export async function status(run: string, flags: StatusFlags, console: Console): Promise<ExitCode> {
  const directory = resolve(run);
  const state = await readDirectory(directory);
  if (state.kind === 'refused') return fail(console, state.refused);
  const all = [...state.keyStates.values()].filter(({ state }) => state !== 'planned');
  const open = all.filter(isOpen);
  const service = state.service ?? '';
  const [asked, balance] = await stopOnSignals((signal) =>
    Promise.all([
      askAbout(open, { directory, service, console, signal }),
      askBalance({ service, console, signal }),
    ]),
  );
  const rows = open.map((known) => ({ known, answer: asked.by.get(known.key) ?? null }));
  const failure = asked.failure ?? failureOf(asked.trouble);
  const exit = exitFor(rows, failure);
  const { stdout } = console;
  const free = service === 'local';
  const screen = {
    now: effects.now(),
    place: run,
    free,
    width: widthOf(stdout),
    color: colorOf(stdout, console),
  };
  stdout.write(
    flags.json
      ? asJson(rows, { all, directory, service, failure, exit, balance })
      : formatStatus(rows, { all, screen }),
  );
  if (balance && !flags.json) stdout.write(`${balanceSentence(balance)}\n`);
  return failure ? fail(console, { ...failure, exit }) : exit;
}

/**
 * Balance of the account that a run directory is billed to; null for a rehearsal, without a token for that service, and if the
 * service does not say.
 */
async function askBalance({
  service: name,
  console: { env },
  signal,
}: Omit<Context, 'directory'>): Promise<Balance | null> {
  const found = name === '' || name === 'local' ? null : await findToken(env);
  if (found?.kind !== 'found') return null;
  const service = openService({ env, token: found.token });
  if ('exit' in service) return null;
  try {
    return service.origin === name ? balanceIn(await service.balance(signal)) : null;
  } finally {
    await service.close();
  }
}

type Asked = Answers & { readonly failure: Failure | null };

async function askAbout(open: readonly KeyState[], context: Context): Promise<Asked> {
  const nothing = { by: new Map(), trouble: null };
  if (!open.some(({ requestId }) => requestId !== null)) return { ...nothing, failure: null };
  const { service, signal, console } = context;
  const line = createStatusLine(console.stderr, effects.now);
  line.show(`Asking about ${formatCount(open.length, 'submission')}`);
  const silence = new Silence({ ...effects, stop: signal });
  try {
    const answers =
      service === 'local'
        ? await askEmulatorFiles(open, context, silence)
        : await askRunComfy(open, context, { silence, line });
    if ('exit' in answers) return { ...nothing, failure: answers };
    const stopped = { exit: Exit.interrupted, message: 'stopped before all was asked' } as const;
    return { ...answers, failure: signal.aborted ? stopped : null };
  } finally {
    line.clear();
    silence.end();
  }
}

async function askRunComfy(
  open: readonly KeyState[],
  { directory, service: name, console }: Context,
  { silence, line }: { readonly silence: Silence; readonly line: StatusLine },
): Promise<Answers | Failure> {
  const opened = await openProviderOf(name, {
    directory,
    env: console.env,
    notice: (message) => {
      line.clear();
      console.stderr.write(`${message}\n`);
    },
    onPause: (seconds) => silence.pause(seconds),
  });
  if ('exit' in opened) return opened;
  try {
    const obstacle = await opened.obstacle({ submissions: open.length });
    return obstacle ?? (await askService(open, { ask: statusAndCost(opened.service), silence }));
  } finally {
    await opened.close();
  }
}

/** Asks for the status and the place in the queue; for a finished request also for its cost, which only `result` has. */
function statusAndCost(service: Service): Ask {
  return async (requestId, signal) => {
    const answer = await service.status(requestId, signal);
    const isDone = answer.kind === 'state' && answer.request.status === 'completed';
    return isDone ? service.result(requestId, signal) : answer;
  };
}

/** Reads the answers from the files of the emulator, which is only there during a run. */
async function askEmulatorFiles(
  open: readonly KeyState[],
  { directory }: Context,
  silence: Silence,
): Promise<Answers | Failure> {
  const requests = await readLedger(join(directory, 'emulator'));
  if (typeof requests === 'string') return { exit: Exit.invalid, message: requests };
  return askService(open, { ask: async (id) => peekedAnswer(id, requests.get(id)), silence });
}

function peekedAnswer(requestId: string, peeked: LedgerState | undefined): ResultAnswer {
  if (!peeked) return { kind: 'forgotten', status: 404, code: null, message: 'There is no such request.' };
  const none = {
    isCertain: true,
    outputs: [],
    code: null,
    cost: null,
    createdAt: null,
    finishedAt: null,
    error: null,
  };
  const known = { ...none, requestId, rawStatus: peeked.status, queuePosition: null };
  if (peeked.status === 'open') return { kind: 'state', request: { ...known, status: 'queued' } };
  const { status, cost, error } = peeked;
  return { kind: 'state', request: { ...known, status, cost, error } };
}

function failureOf(trouble: ServiceError | null): Failure | null {
  if (trouble === null) return null;
  const exit = isAccountError(trouble) ? Exit.account : Exit.serviceDown;
  return { exit, message: visible(trouble.message), hint: 'what this directory says of them is above' };
}

/** The exit code of all; wrong settings, which `worstExit` does not rank, count before everything else. */
function exitFor(rows: readonly StatusRow[], failure: Failure | null): ExitCode {
  if (failure && worstExit([failure.exit]) === Exit.done) return failure.exit;
  return worstExit([...(failure ? [failure.exit] : []), ...rows.map(exitOf)]);
}

/** The exit code of one open submission. */
function exitOf({ known, answer }: StatusRow): ExitCode {
  return known.state === 'unknown' || answer?.kind === 'forgotten' ? Exit.unknown : Exit.unfinished;
}

function asJson(
  rows: readonly StatusRow[],
  options: {
    readonly all: readonly KeyState[];
    readonly directory: string;
    readonly service: string;
    readonly failure: Failure | null;
    readonly exit: ExitCode;
    readonly balance: Balance | null;
  },
): string {
  const { all, directory, service, failure, exit, balance } = options;
  const counts: Record<string, number> = {};
  for (const { state } of all) counts[state] = (counts[state] ?? 0) + 1;
  const open = rows.map(({ known, answer }) => ({
    id: known.submission.id,
    key: known.key,
    state: known.state,
    cancelling: known.cancelling,
    request_id: known.requestId,
    sent: known.sentAt,
    now: answer === null ? null : nowOf(answer),
    cost: {
      estimate: known.submission.cost.usd,
      actual: (answer?.kind === 'state' ? answer.request.cost : null) ?? known.cost,
    },
  }));
  const trouble = failure && { exit: failure.exit, message: failure.message };
  return `${jsonText({ directory, service, open, counts, balance: balanceJson(balance), trouble, exit }, 2)}\n`;
}

function nowOf(answer: ResultAnswer): object {
  const nothing = { queue_position: null, error: null };
  if (answer.kind !== 'state') {
    const status = answer.kind === 'forgotten' ? 'not_known' : 'no_answer';
    return { ...nothing, status, error: answer.message };
  }
  const { status, rawStatus, queuePosition, error } = answer.request satisfies RequestState;
  return { status: status === 'unfamiliar' ? rawStatus : status, queue_position: queuePosition, error };
}
