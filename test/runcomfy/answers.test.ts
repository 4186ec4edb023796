import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.js';
import { catalogPageIn, flattenError, printableLine } from '../../src/runcomfy/answers.js';
import { readCancelReply, readSubmitReply } from '../../src/runcomfy/client.js';
import { statusOfWord } from '../../src/runcomfy/meanings.js';
import { requestStateIn } from '../../src/runcomfy/request-state.js';
import { redact, tokenHider } from '../../src/runcomfy/wire.js';

it.each([
  ['in_queue', 'queued'],
  ['PENDING', 'queued'],
  ['waiting', 'queued'],
  ['queued', 'queued'],
  ['in_progress', 'rendering'],
  ['starting', 'rendering'],
  ['Processing', 'rendering'],
  ['running', 'rendering'],
  ['In-Progress', 'rendering'],
  ['inQueue', 'queued'],
  ['completed', 'completed'],
  ['succeeded', 'completed'],
  ['succeed', 'completed'],
  ['SUCCESS', 'completed'],
  ['Done', 'completed'],
  ['failed', 'failed'],
  ['error', 'failed'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['archived', 'unfamiliar'],
  ['constructor', 'unfamiliar'],
  ['', 'unfamiliar'],
  ['200', 'unfamiliar'],
])('reads the status word %s as %s', (word, status) => {
  expect(statusOfWord(word)).toBe(status);
});

describe('whatever JSON the service sends', () => {
  const hosts = { base: new URL('https://model-api.runcomfy.net/v1'), allowedHosts: [] };
  const anyJson = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        status: fc.jsonValue(),
        request_id: fc.jsonValue(),
        output: fc.jsonValue(),
        error: fc.jsonValue(),
        detail: fc.jsonValue(),
        error_code: fc.jsonValue(),
        models: fc.array(fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
  ) as fc.Arbitrary<Json>;

  it('reads or refuses any JSON and never throws', () => {
    fc.assert(
      fc.property(anyJson, fc.integer({ min: 200, max: 599 }), (json, status) => {
        const reply = { kind: 'reply', status, retryAfter: null, json } as const;
        requestStateIn(json, { requestId: 'r', status, hosts });
        catalogPageIn(json);
        readSubmitReply(reply, 'm');
        readCancelReply(reply, 'r');
      }),
    );
  });

  it('counts a submission as accepted only for a usable id in a 2xx, and as unknown for a 5xx without an error code', () => {
    fc.assert(
      fc.property(anyJson, fc.integer({ min: 200, max: 599 }), (json, status) => {
        const answer = readSubmitReply({ kind: 'reply', status, retryAfter: null, json }, 'm');
        if (answer.kind === 'accepted') {
          expect(status).toBeLessThan(300);
          expect(answer.requestId).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
        }
        const hasCode = typeof json === 'object' && json !== null && 'error_code' in json;
        if (status >= 500 && !hasCode) expect(answer.kind).toBe('unknown');
      }),
    );
  });

  it('turns any JSON of an error into one short line without control characters', () => {
    fc.assert(
      fc.property(anyJson, (json) => {
        const line = flattenError(json);
        expect(line.length).toBeLessThanOrEqual(500);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
      }),
    );
    expect(printableLine(`${'x'.repeat(498)}😀😀`)).toBe(`${'x'.repeat(498)}…`);
  });

  it('reads and redacts deeply nested JSON without exhausting the stack', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as Json;
    expect(flattenError(deep)).toBe('');
    expect(JSON.stringify(redact(deep, tokenHider('a-secret-token'))).length).toBeLessThan(200);
    const nested = `${'{"status":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const json = { status: 'archived', data: nested, output: `${'['.repeat(20_000)}${']'.repeat(20_000)}` };
    expect(requestStateIn(json, { requestId: 'r', status: 200, hosts })?.outputs).toEqual([]);
  });

  it('reads a text of a megabyte in no time', () => {
    const began = process.cpuUsage().user;
    for (const piece of ['/', '.', 'https://', '[', 'https://a..', ' ']) {
      const json = { status: 'archived', output: piece.repeat(1_000_000 / piece.length) };
      requestStateIn(json, { requestId: 'r', status: 200, hosts });
    }
    expect(process.cpuUsage().user - began).toBeLessThan(2_000_000);
  });

  it('hides the token in the values and keys of an answer', () => {
    const json = { 'a-secret-token': ['Bearer a-secret-token', { x: 1 }] };
    expect(redact(json, tokenHider('a-secret-token'))).toEqual({ '[token]': ['Bearer [token]', { x: 1 }] });
  });
});
