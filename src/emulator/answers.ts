import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../base/json.js';

/** What is sent back: always JSON but for clips. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: Json): Answer {
  return { status: 200, body };
}

/** One field that is wrong, as 422 answers list them. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * The error body of RunComfy's API (api.md, O): `error_code`, `message`, `detail`. The code is the HTTP status and three
 * digits; 422001 and 500001 are known, the others made after them.
 */
export function problem(
  status: number,
  message: string,
  extra: Partial<Answer> & { detail?: Json } = {},
): Answer {
  return {
    status,
    headers: extra.headers,
    body: { error_code: status * 1000 + 1, message, detail: extra.detail ?? message },
  };
}

/** 422001: the input breaks the model's rules. */
export function rejected(problems: readonly FieldProblem[]): Answer {
  const detail = problems.map(({ path, message }) => ({
    loc: ['body', ...path],
    msg: message,
    type: 'value_error',
  }));
  const first = problems[0];
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const field = first && first.path.length > 0 ? `${first.path.join('.')}: ` : '';
  return problem(422, `${field}${first?.message ?? 'the input is not valid'}${more}`, { detail });
}

/** Sends an answer; whoever went away in the meantime is not told. */
export function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const text = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': text.length,
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(text);
}

/** Ends a connection without an answer, as a crashing proxy does. */
export function cut(request: IncomingMessage): void {
  request.socket.destroy();
}
