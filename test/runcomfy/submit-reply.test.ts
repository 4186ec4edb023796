import { expect, it } from 'vitest';
import type { Json } from '../../src/base/json.js';
import { readSubmitReply } from '../../src/runcomfy/client.js';

const read = (status: number, json?: Json) =>
  readSubmitReply({ kind: 'reply', status, retryAfter: null, json }, 'kling/x');

it.each<[string, number, Json | undefined, string]>([
  ['an id', 200, { request_id: 'r-1' }, 'accepted'],
  ['an id, created', 201, { request_id: 'r-1' }, 'accepted'],
  // To drop the id could lose what was paid for; to poll it tells the truth.
  ['an id beside an error code', 200, { request_id: 'r-1', error_code: 422001 }, 'accepted'],
  ['no id', 200, {}, 'unknown'],
  ['an id that could climb out of a path', 200, { request_id: '../x' }, 'unknown'],
  ['an id that is a number', 200, { request_id: 7 }, 'unknown'],
  ['an id that is too long', 200, { request_id: 'r'.repeat(129) }, 'unknown'],
  ['nothing readable', 200, undefined, 'unknown'],
  ['a 200 that stands for 422', 200, { error_code: 422001 }, 'refused'],
  ['a 200 that stands for 401', 200, { error_code: '401' }, 'refused'],
  ['a 200 that stands for 429', 200, { error_code: 429001 }, 'not-sent'],
  ['a 200 that stands for 408', 200, { error_code: 408000 }, 'unknown'],
  ['a 200 that stands for 500', 200, { error_code: 500001 }, 'unknown'],
  ['a 200 with a code of another kind', 200, { error_code: 'E_BAD' }, 'unknown'],
  ['a 500 that stands for 422', 500, { error_code: 422001 }, 'refused'],
  [
    'a 500 that stands for 422 but names a request',
    500,
    { error_code: 422001, request_id: 'r-1' },
    'unknown',
  ],
  ['400', 400, undefined, 'refused'],
  ['401', 401, {}, 'refused'],
  ['402', 402, {}, 'refused'],
  ['403', 403, {}, 'refused'],
  ['404', 404, {}, 'refused'],
  ['408', 408, {}, 'unknown'],
  ['413', 413, undefined, 'refused'],
  ['422', 422, { detail: [] }, 'refused'],
  ['422 with an id for tracing', 422, { request_id: 'trace-1' }, 'refused'],
  ['429', 429, {}, 'not-sent'],
  ['301', 301, undefined, 'unknown'],
  ['307', 307, { request_id: 'r-1' }, 'unknown'],
  ['500', 500, {}, 'unknown'],
  ['502', 502, undefined, 'unknown'],
  ['503', 503, {}, 'unknown'],
  ['504', 504, {}, 'unknown'],
])('reads a submission answered with %s correctly', (_name, status, json, kind) => {
  expect(read(status, json).kind).toBe(kind);
});

it.each<[number, Json, string]>([
  [
    401,
    { message: 'invalid token' },
    'The service did not accept the token (401): invalid token. Run `shotlist login`, or set RUNCOMFY_API_TOKEN to a valid token.',
  ],
  [
    402,
    {},
    'The balance of the account is too low (402). Add funds at runcomfy.com, then run the same command again.',
  ],
  [404, { detail: 'Not Found' }, 'The service does not know the model kling/x (404): Not Found.'],
  [
    422,
    {
      error_code: 422001,
      detail: [{ loc: ['body', 'duration'], msg: 'must be at most 15' }, 'prompt is empty'],
    },
    'The service rejected the input (422): duration: must be at most 15; prompt is empty.',
  ],
  [
    422,
    { error_message: 'bad\u001b[31m input\n', detail: 'see above' },
    'The service rejected the input (422): bad [31m input: see above.',
  ],
  [503, { error: { message: 'busy' } }, 'The service has a fault of its own (503): busy.'],
  [502, { request_id: 'r-9' }, 'The service has a fault of its own (502). The answer names request r-9.'],
  [
    302,
    {},
    'The service answered with a redirect, which is not followed (302). Look at RUNCOMFY_MODEL_API_BASE.',
  ],
  [200, {}, 'The service answered (200), but the answer was cut off or is not in its usual form.'],
])('explains a submission answered with %d', (status, json, message) => {
  expect(read(status, json)).toMatchObject({ message });
});

it('reports the error’s own status when a submission is answered with an error inside a 200', () => {
  expect(read(200, { error_code: 402001 })).toMatchObject({ kind: 'refused', status: 402, code: '402001' });
});
