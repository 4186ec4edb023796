import type { IncomingMessage } from 'node:http';
import { isFileTrouble, whyNotWritten } from '../base/files.js';
import type { Json, JsonObject } from '../base/json.js';
import { type Catalog, validateInput } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import { type Answer, ok, problem, rejected } from './answers.js';
import { readJson } from './body.js';
import type { FaultName, Faults } from './faults.js';
import { extractPictures } from './pictures.js';
import type { RateLimit } from './rate-limit.js';
import { inputHash, type Request, type Requests } from './requests.js';
import { segmentProblem } from './shot.js';

/** What submitting needs. */
export interface Desk {
  readonly catalog: Catalog;
  readonly requests: Requests;
  readonly faults: Faults;
  readonly rateLimit: RateLimit;
}

/** An answer, or `cut`: the connection ends without one. */
export type Outcome = Answer | 'cut' | { readonly late: Answer };

/** `POST /v1/models/{model_id}`: takes a request on, or says why not. `origin` is where its own URLs begin. */
export async function submit(
  desk: Desk,
  call: { readonly modelId: string; readonly request: IncomingMessage; readonly origin: string },
): Promise<Outcome> {
  const model = desk.catalog.find(call.modelId);
  // Read even when the model is wrong: a client that is still sending would not hear the answer.
  const body = await readJson(call.request);
  // Short names are Shotlist's own; the service knows full ids.
  if (!model || model.id !== call.modelId) return unknownModel(call.modelId);
  if (!body.ok) return body.answer;
  const checked = check(model, body.value);
  if ('status' in checked) return checked;
  const wait = desk.rateLimit.take();
  if (wait > 0) return tooMany(wait);
  const hash = inputHash(body.value);
  const fault = desk.faults.pick('submit', hash);
  const early = refusal(fault);
  if (early) return early;
  try {
    return answerOf(fault, await desk.requests.accept(model, checked, hash), call.origin);
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    // Not a 5xx: that would leave open whether it was accepted, and it was not.
    return problem(
      400,
      `Nothing was accepted: the emulator cannot write its state; ${whyNotWritten(error)}.`,
    );
  }
}

export function unknownModel(id: string): Answer {
  return problem(404, `There is no model "${id}".`);
}

/** The input with its pictures taken out, or the answer that refuses it. */
function check(model: Model, input: Json): ReturnType<typeof extractPictures> | Answer {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) {
    return rejected([{ path: [], message: 'the body must be a JSON object' }]);
  }
  const broken = validateInput(model, input);
  if (broken.length > 0) return rejected(broken);
  const extracted = extractPictures(input);
  if (extracted.problems.length > 0) return rejected(extracted.problems);
  const segments = segmentProblem(model, input as JsonObject);
  return segments ? rejected([{ path: [segments.field], message: segments.message }]) : extracted;
}

/** Faults that come before anything is accepted. */
function refusal(fault: FaultName | null): Outcome | null {
  if (fault === 'lost-request') return 'cut';
  if (fault === '429') return tooMany(1);
  if (fault === '500') return problem(500, 'Internal error (an emulated fault).');
  if (fault === '402') return problem(402, 'Insufficient balance (an emulated fault).');
  if (fault === '200-error') return { ...problem(422, 'Rejected (an emulated fault).'), status: 200 };
  return null;
}

/** The answer to an accepted request, or what a fault makes of it. */
function answerOf(fault: FaultName | null, request: Request, origin: string): Outcome {
  const answer = ok({ request_id: request.id, status: request.status, ...urlsOf(request, origin) });
  if (fault === 'lost-answer') return 'cut';
  if (fault === '500-accepted') return problem(500, 'Internal error (an emulated fault).');
  if (fault === 'no-id') return ok({ status: request.status });
  return fault === 'slow-answer' ? { late: answer } : answer;
}

function tooMany(seconds: number): Answer {
  return problem(429, 'Too many requests. Try again later.', { headers: { 'retry-after': String(seconds) } });
}

/** Where a request is asked about. Made when they are told: after a restart the port may be another. */
export function urlsOf(request: Request, origin: string): JsonObject {
  const at = `${origin}/v1/requests/${request.id}`;
  return { status_url: `${at}/status`, result_url: `${at}/result`, cancel_url: `${at}/cancel` };
}
