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
  ['an id in another spelling', 200, { requestId: 'r-1' }, 'accepted'],
  ['a wrapped id', 200, { status: 'success', data: { request_id: 'r-1' } }, 'accepted'],
  [
    'an id in a link only',
    202,
    { status_url: 'https://model-api.runcomfy.net/v1/requests/r-1/status' },
    'accepted',
  ],
  ['an id by another name', 201, { id: 'r-1', status: 'in_queue' }, 'accepted'],
  ['an id of an error', 200, { id: 'trace-1', error_code: 422001 }, 'refused'],
  ['an answer in a text', 200, '{"request_id":"r-1"}', 'accepted'],
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
    'The service did not accept the token (401): invalid token. Run `shotlist login`, or set RUNCOMFY_API_TOKEN to a valid token, then run the same command again.',
  ],
  [
    402,
    {},
    'The balance of the account is too low (402). Add funds at runcomfy.com, then run the same command again.',
  ],
  [404, { detail: 'Not Found' }, 'The service does not know the model kling/x (404): Not Found.'],
  [
    400,
    { error_code: 400002, error_message: 'No remaining balance', detail: 'top up' },
    'The balance of the account is too low (400, code 400002): No remaining balance: top up. Add funds at runcomfy.com, then run the same command again.',
  ],
  [
    400,
    { error_code: 403001 },
    'The service says that the model kling/x belongs to another account (400, code 403001). Use the token of the account that sent it (`shotlist login`, or RUNCOMFY_API_TOKEN), then run the same command again.',
  ],
  [
    422,
    {
      error_code: 422001,
      detail: [{ loc: ['body', 'duration'], msg: 'must be at most 15' }, 'prompt is empty'],
    },
    'The service rejected the input (422, code 422001): duration: must be at most 15; prompt is empty.',
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

it.each<[number, Json, number, string | null]>([
  // The documented codes, as a number or a text, with any HTTP status.
  ...[200, 400, 401, 403, 404, 422, 429, 500].flatMap((http) => [
    [http, { error_code: 400001, message: 'x' }, 404, '400001'] as [number, Json, number, string],
    [http, { error_code: '400002', error_message: 'x' }, 402, '400002'] as [number, Json, number, string],
    [http, { error_code: 400004, error: 'x' }, 401, '400004'] as [number, Json, number, string],
    [http, { error_code: '10001', detail: 'x' }, 402, '10001'] as [number, Json, number, string],
  ]),
  [400, { errorCode: 400002 }, 402, '400002'],
  [400, { code: 400004, msg: 'x' }, 401, '400004'],
  [400, { error: { code: 400002, message: 'x' } }, 402, '400002'],
  [400, { detail: { error_code: '400004' } }, 401, '400004'],
  [400, { detail: [{ error_code: 400002 }] }, 402, '400002'],
  [200, { success: false, errors: [{ code: '400002' }] }, 402, '400002'],
  [400, { 'Error-Code': 400004 }, 401, '400004'],
  [400, [{ error_code: 400002 }], 402, '400002'],
  [400, { err_no: 400002 }, 402, '400002'],
  [200, { success: false, status_code: 402 }, 402, '402'],
  [400, 'Insufficient balance', 402, null],
  [400, { error_code: 'ERR-400002' }, 402, 'ERR-400002'],
  [400, { error_code: 'trace-1', request_id: 'r-1', code: 7 }, 400, 'trace-1'],
  [400, { error_code: 400002, request_id: 'trace-1' }, 402, '400002'],
  // An unknown code counts where the status says little.
  [200, { error_code: 401017 }, 401, '401017'],
  [400, { error_code: 402017 }, 402, '402017'],
  [401, { error_code: 400017 }, 401, '400017'],
  [403, { error_code: 400017 }, 403, '400017'],
  // Words count where there is no known code.
  [400, { message: 'Insufficient balance' }, 402, null],
  [403, { error_code: 'InsufficientFunds' }, 402, 'InsufficientFunds'],
  [429, { error: { code: 'insufficient_credits' } }, 402, 'insufficient_credits'],
  [400, { detail: 'Your balance is too low.' }, 402, null],
  [400, { message: 'Invalid API key provided' }, 401, null],
  [200, { error: 'invalid_token' }, 401, null],
  [400, { error_message: 'Token has expired' }, 401, null],
  [403, { message: 'The prompt violates our content policy' }, 422, null],
  [400, { message: 'the prompt has too many tokens' }, 400, null],
  [400, { message: 'Missing key: duration' }, 400, null],
  [400, { error: 'Unexpected token < in JSON' }, 400, null],
  [400, { message: 'The balance of your account is insufficient.' }, 402, null],
  [422, { detail: [{ loc: ['body', 'prompt'], msg: 'unauthorized' }] }, 422, null],
  [429, { message: 'slow down' }, 429, null],
])('takes the refusal %d %j for the status %d and keeps its code', (http, json, status, code) => {
  expect(read(http, json)).toMatchObject({ status, code });
  expect(read(http, json).kind).toBe(status === 429 ? 'not-sent' : 'refused');
});

it.each([
  ['a text', 'no balance left', 402, 'no balance left'],
  ['fields of other names', '{"err_tips":"busy"}', 400, '{"err_tips":"busy"}'],
  ['a page', '<style>p {}</style><p>Cannot <b>POST</b><script>x(', 400, 'Cannot POST'],
])('quotes the beginning of a refusal that is %s', (_words, start, status, said) => {
  const json = start.startsWith('{') ? (JSON.parse(start) as Json) : undefined;
  const reply = { kind: 'reply', status: 400, retryAfter: null, json, start } as const;
  const answer = readSubmitReply(reply, 'kling/x');
  expect(answer).toMatchObject({
    kind: 'refused',
    status,
    message: expect.stringContaining(`(400): ${said}.`),
  });
});

it('keeps an id beside trouble with the account, and tells the trouble', () => {
  expect(read(200, { request_id: 'r-1', error_code: 400002 })).toMatchObject({
    kind: 'accepted',
    requestId: 'r-1',
    trouble: { status: 402, code: '400002' },
  });
  expect(read(500, { request_id: 'r-1', error_code: 400002 })).toMatchObject({
    kind: 'unknown',
    status: 402,
  });
});

it('reports the error’s own status when a submission is answered with an error inside a 200', () => {
  expect(read(200, { error_code: 402001 })).toMatchObject({ kind: 'refused', status: 402, code: '402001' });
});
