import { expect, it } from 'vitest';
import { findBaseUrl } from '../../src/runcomfy/base-url.js';
import { mayServe } from '../../src/runcomfy/result-file.js';

it.each([
  [undefined, 'https://model-api.runcomfy.net/v1'],
  ['', 'https://model-api.runcomfy.net/v1'],
  [' https://api.example/v1/ ', 'https://api.example/v1'],
  ['https://api.example/gateway/v1', 'https://api.example/gateway/v1'],
  ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'],
  ['http://localhost:8000/v1', 'http://localhost:8000/v1'],
  ['http://[::1]:8000/v1', 'http://[::1]:8000/v1'],
])('reads the base URL %j as %s', (text, base) => {
  const found = findBaseUrl({ RUNCOMFY_MODEL_API_BASE: text });
  expect(found).toEqual({ kind: 'found', base, origin: new URL(base).origin });
});

it.each([
  ['api.example', 'is not a URL'],
  ['ftp://api.example/v1', 'is not an https URL'],
  [
    'http://api.example/v1',
    'begins with http: the token would be sent unencrypted, so only https is accepted',
  ],
  [
    'http://127.0.0.1.example/v1',
    'begins with http: the token would be sent unencrypted, so only https is accepted',
  ],
  ['https://api.example', 'does not end in /v1; perhaps https://api.example/v1 is meant'],
  ['https://api.example/v2', 'does not end in /v1; perhaps https://api.example/v2/v1 is meant'],
  ['https://api.example/v1/models', 'does not end in /v1; perhaps https://api.example/v1 is meant'],
  [
    'https://api.example/gateway/v1/models/kling/kling-3.0/pro/image-to-video',
    'does not end in /v1; perhaps https://api.example/gateway/v1 is meant',
  ],
  ['https://me:secret@api.example/v1', 'holds a user name or password; leave them out'],
  ['https://api.example/v1?x=1', 'holds a query; it ends after /v1'],
])('explains what is wrong with the base URL %s', (text, problem) => {
  expect(findBaseUrl({ RUNCOMFY_MODEL_API_BASE: text })).toEqual({
    kind: 'invalid',
    message: `RUNCOMFY_MODEL_API_BASE ${problem}. Correct it, or unset it to use https://model-api.runcomfy.net/v1.`,
  });
});

it('refuses an impossible proxy before the first call', () => {
  expect(findBaseUrl({ HTTPS_PROXY: 'ftp://x' })).toMatchObject({ kind: 'invalid' });
});

it.each([
  ['https://cdn.runcomfy.net/a.mp4', true],
  ['https://a.b.runcomfy.com/a.mp4?sig=1', true],
  ['https://CDN.RunComfy.net/a.mp4', true],
  ['http://cdn.runcomfy.net/a.mp4', false],
  ['https://runcomfy.net.evil.example/a.mp4', false],
  ['https://evilruncomfy.net/a.mp4', false],
  ['https://user@cdn.runcomfy.net/a.mp4', false],
  ['https://127.0.0.1/a.mp4', false],
  ['http://localhost/a.mp4', false],
  ['https://10.0.0.1/a.mp4', false],
  ['file:///etc/passwd', false],
])('allows a result at %s for the public API: %s', (url, may) => {
  expect(mayServe(new URL(url), new URL('https://model-api.runcomfy.net/v1'))).toBe(may);
});

it.each([
  ['http://127.0.0.1:9/a.mp4', true],
  ['http://2130706433/a.mp4', true],
  ['http://[::1]:9/a.mp4', true],
  ['https://localhost/a.mp4', true],
  ['https://cdn.runcomfy.net/a.mp4', true],
  ['http://10.0.0.1/a.mp4', false],
  ['ftp://127.0.0.1/a.mp4', false],
])('allows a result at %s for an API on this machine: %s', (url, may) => {
  expect(mayServe(new URL(url), new URL('http://127.0.0.1:8000/v1'))).toBe(may);
});
