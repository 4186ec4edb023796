import type { JsonObject } from '../base/json.js';
import { type Answer, ok, problem } from './answers.js';
import { clipOf, type Request } from './requests.js';
import { type Desk, type Outcome, urlsOf } from './submit.js';

/** The three things a client asks of a request it has submitted. */
export type Verb = 'status' | 'result' | 'cancel';

export interface ReadCall {
  readonly verb: Verb;
  readonly id: string;
  /** Where the URLs in the answer begin. */
  readonly origin: string;
  readonly query: URLSearchParams;
}

/** `GET /v1/requests/{id}/status`, `GET …/result`, `POST …/cancel`. Throws the file system's error from a cancel. */
export async function read(desk: Desk, call: ReadCall): Promise<Outcome> {
  const request = desk.requests.get(call.id);
  if (!request) return problem(404, `There is no request "${call.id}".`);
  const fault = desk.faults.pick('read', request.inputSha256);
  if (fault === 'reset') return 'cut';
  if (fault === '429') return problem(429, 'Too many requests.', { headers: { 'retry-after': '1' } });
  if (fault === '500') return problem(500, 'Internal error (an emulated fault).');
  if (fault === '200-error') return { ...problem(500, 'Internal error (an emulated fault).'), status: 200 };
  const answer = await answerTo(desk, request, call);
  if (fault === 'unknown-status') return ok({ ...(answer.body as JsonObject), status: 'warming_up' });
  return fault === 'slow-answer' ? { late: answer } : answer;
}

async function answerTo(desk: Desk, request: Request, call: ReadCall): Promise<Answer> {
  if (call.verb === 'cancel') {
    const cancelled = request.status === 'in_queue' && (await desk.requests.cancel(request.id));
    return ok({
      request_id: request.id,
      status: request.status,
      outcome: cancelled || request.status === 'cancelled' ? 'cancelled' : 'not_cancellable',
    });
  }
  const position = request.status === 'in_queue' ? desk.requests.position(request.id) : null;
  const common = {
    request_id: request.id,
    status: request.status,
    ...(position === null ? {} : { queue_position: position }),
  };
  if (call.verb === 'status') return ok({ ...common, ...urlsOf(request, call.origin) });
  return ok({
    ...common,
    model_id: request.model,
    created_at: request.acceptedAt,
    finished_at: request.finishedAt,
    output: request.status === 'completed' ? { video: `${call.origin}/${clipOf(request.id)}` } : null,
    error: request.error,
    // Known only at the end, as a bill is.
    ...(call.query.get('include_cost') === 'true' && request.finishedAt !== null
      ? { cost: request.cost }
      : {}),
  });
}
