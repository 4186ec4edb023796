import type { IncomingMessage } from 'node:http';
import { isFileError, whyNotWritten } from '../base/files.js';
import type { Json, JsonObject } from '../base/json.js';
import { toMillionths } from '../base/units.js';
import { type Catalog, type Model, validateInput } from '../models/catalog.js';
import {
  type Answer,
  CODE,
  codedAnswer,
  errorAnswer,
  INTERNAL_ERROR,
  okAnswer,
  readJson,
  rejectedAnswer,
} from './answers.js';
import type { FaultName, Faults } from './faults.js';
import { type Extracted, extractMedia } from './pictures.js';
import type { RateLimit } from './queue.js';
import { clipOf, inputHash, type Request, type Requests } from './requests.js';
import { ruleProblems } from './shot.js';

/** State of the server that the calls need. */
export interface ApiState {
  readonly catalog: Catalog;
  readonly requests: Requests;
  readonly faults: Faults;
  readonly rateLimit: RateLimit;
  /** Balance of the account before its first request, USD; null if it has no end. */
  readonly balance: number | null;
}

/** An answer, an answer that is sent late, or `cut`: the connection is closed without an answer. */
export type Outcome = Answer | 'cut' | { readonly late: Answer };

/** `POST /v1/models/{model_id}`: accepts a request or refuses it. `origin` begins the URLs in the answer. */
export async function submit(
  state: ApiState,
  call: { readonly modelId: string; readonly request: IncomingMessage; readonly origin: string },
): Promise<Outcome> {
  const model = state.catalog.find(call.modelId);
  // The body is read even for an unknown model: a client that is still sending would not read the answer.
  const body = await readJson(call.request);
  // The service knows full ids only; short names are our own.
  if (!model || model.id !== call.modelId) return unknownModel(call.modelId);
  if (!body.ok) return body.answer;
  const checked = checkInput(model, body.value);
  if ('status' in checked) return checked;
  if (balanceOf(state) <= 0) return NO_BALANCE;
  const wait = state.rateLimit.admit();
  if (wait > 0) return tooMany(wait);
  const hash = inputHash(body.value);
  const fault = state.faults.pick('submit', hash);
  const early = refusal(fault);
  if (early) return early;
  try {
    return submitAnswer(fault, await state.requests.accept(model, checked, hash), call.origin);
  } catch (error) {
    if (!isFileError(error)) throw error;
    // Not a 5xx, which would leave open if the request was accepted: it was not.
    return errorAnswer(
      400,
      `Nothing was accepted: the emulator cannot write its state; ${whyNotWritten(error)}.`,
    );
  }
}

/** Answer 400001 for a model that is not in the catalog. */
export function unknownModel(id: string): Answer {
  return codedAnswer(CODE.unknownModel, `There is no model "${id}".`);
}

/** Answer 400004 for a token that is missing or not accepted. */
export function badToken(message: string): Answer {
  return codedAnswer(CODE.badToken, message);
}

const NO_BALANCE = codedAnswer(CODE.noBalance, 'The account has no remaining balance.');

/** Balance that is shown for an account without end, USD. */
const ENDLESS_BALANCE = 100;

/** Balance of the account, USD: the one at first, without the costs of all requests in this folder. */
export function balanceOf({ balance, requests }: Pick<ApiState, 'balance' | 'requests'>): number {
  return balance === null ? ENDLESS_BALANCE : toMillionths(balance - requests.billed());
}

/** The input with references in place of its media, or the answer that refuses it. */
function checkInput(model: Model, json: Json): Extracted | Answer {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    return rejectedAnswer([{ path: [], message: 'the body must be a JSON object' }]);
  }
  const input = json as JsonObject;
  const broken = validateInput(model, input);
  if (broken.length > 0) return rejectedAnswer(broken);
  const extracted = extractMedia(model, input);
  const problems = [...extracted.problems, ...ruleProblems(model, input)];
  return problems.length > 0 ? rejectedAnswer(problems) : extracted;
}

/** Answers to faults that are refusals, at any stage. */
const REFUSALS: Readonly<Partial<Record<FaultName, Answer>>> = {
  '400001': codedAnswer(CODE.unknownModel, 'Unknown model (an emulated fault).'),
  '400002': codedAnswer(CODE.noBalance, 'No remaining balance (an emulated fault).'),
  '400004': codedAnswer(CODE.badToken, 'The token has expired (an emulated fault).'),
  '402': errorAnswer(402, 'Insufficient balance (an emulated fault).'),
  '403001': codedAnswer(CODE.otherUser, 'The request belongs to another user (an emulated fault).'),
  '404001': errorAnswer(404, 'There is no such request (an emulated fault).'),
  '429': tooMany(1),
  '500': INTERNAL_ERROR,
};

/** Outcome of a fault that refuses a submission; null for other faults. */
function refusal(fault: FaultName | null): Outcome | null {
  if (fault === 'lost-request') return 'cut';
  if (fault === '200-error') return { ...errorAnswer(422, 'Rejected (an emulated fault).'), status: 200 };
  return (fault && REFUSALS[fault]) ?? null;
}

/** Answer to an accepted request, changed by the fault. */
function submitAnswer(fault: FaultName | null, request: Request, origin: string): Outcome {
  const answer = okAnswer({ request_id: request.id, status: request.status, ...urlsOf(request, origin) });
  if (fault === 'lost-answer') return 'cut';
  if (fault === '500-accepted') return INTERNAL_ERROR;
  if (fault === 'no-id') return okAnswer({ status: request.status });
  return fault === 'slow-answer' ? { late: answer } : answer;
}

function tooMany(seconds: number): Answer {
  return errorAnswer(429, 'Too many requests. Try again later.', {
    headers: { 'retry-after': String(seconds) },
  });
}

/** URLs of a request. Not stored: the port may change after a restart. */
function urlsOf(request: Request, origin: string): JsonObject {
  const at = `${origin}/v1/requests/${request.id}`;
  return { status_url: `${at}/status`, result_url: `${at}/result`, cancel_url: `${at}/cancel` };
}

/** Calls about a request that was accepted. */
export type RequestVerb = 'status' | 'result' | 'cancel';

/** A call about a request. */
export interface RequestCall {
  readonly verb: RequestVerb;
  readonly id: string;
  /** Beginning of the URLs in the answer. */
  readonly origin: string;
  readonly query: URLSearchParams;
}

/** `GET /v1/requests/{id}/status`, `GET …/result`, `POST …/cancel`. A cancel may throw an error of the file system. */
export async function answerRequestCall(state: ApiState, call: RequestCall): Promise<Outcome> {
  const request = state.requests.get(call.id);
  if (!request) return errorAnswer(404, `There is no request "${call.id}".`);
  const fault = state.faults.pick('read', request.inputSha256);
  if (fault === 'reset') return 'cut';
  const refused = fault && REFUSALS[fault];
  if (refused) return refused;
  if (fault === '200-error') return { ...INTERNAL_ERROR, status: 200 };
  const answer = await requestAnswer(state, request, call);
  if (fault === 'unknown-status') return okAnswer({ ...(answer.body as JsonObject), status: 'warming_up' });
  return fault === 'slow-answer' ? { late: answer } : answer;
}

async function requestAnswer(state: ApiState, request: Request, call: RequestCall): Promise<Answer> {
  if (call.verb === 'cancel') {
    const cancelled = request.status === 'in_queue' && (await state.requests.cancel(request.id));
    return okAnswer({
      request_id: request.id,
      status: request.status,
      outcome: cancelled || request.status === 'cancelled' ? 'cancelled' : 'not_cancellable',
    });
  }
  const position = request.status === 'in_queue' ? state.requests.position(request.id) : null;
  const common = {
    request_id: request.id,
    status: request.status,
    ...(position === null ? {} : { queue_position: position }),
  };
  if (call.verb === 'status') return okAnswer({ ...common, ...urlsOf(request, call.origin) });
  return okAnswer({
    ...common,
    model_id: request.model,
    created_at: request.acceptedAt,
    finished_at: request.finishedAt,
    output: request.status === 'completed' ? { video: `${call.origin}/${clipOf(request.id)}` } : null,
    error: request.error,
    // The cost is known only at the end.
    ...(call.query.get('include_cost') === 'true' && request.finishedAt !== null
      ? { cost: request.cost }
      : {}),
  });
}
