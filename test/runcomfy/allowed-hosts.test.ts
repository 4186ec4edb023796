import { expect, it } from 'vitest';
import { findAllowedHosts, hostToAllow } from '../../src/runcomfy/allowed-hosts.js';
import { mayServe } from '../../src/runcomfy/result-file.js';

const API = new URL('https://model-api.runcomfy.net/v1');

function isServed(url: string, flags: readonly string[], variable?: string): boolean {
  const found = findAllowedHosts(flags, { SHOTLIST_ALLOW_HOST: variable });
  if (found.kind === 'invalid') throw new Error(found.message);
  return mayServe(new URL(url), API, found.hosts);
}

it.each([
  ['cdn.example.com', 'https://cdn.example.com/a.mp4', true],
  ['CDN.Example.com', 'https://cdn.example.com/a.mp4', true],
  ['cdn.example.com', 'https://cdn.example.com:8443/a.mp4', true],
  ['cdn.example.com:8443', 'https://cdn.example.com:8443/a.mp4', true],
  ['cdn.example.com:8443', 'https://cdn.example.com/a.mp4', false],
  ['cdn.example.com:443', 'https://cdn.example.com/a.mp4', true],
  ['cdn.example.com', 'https://a.cdn.example.com/a.mp4', false],
  ['cdn.example.com', 'https://evilcdn.example.com/a.mp4', false],
  ['cdn.example.com', 'https://user@cdn.example.com/a.mp4', false],
  ['*.example.com', 'https://a.b.example.com/a.mp4', true],
  ['*.example.com', 'https://example.com/a.mp4', false],
  ['*.example.com', 'https://evilexample.com/a.mp4', false],
  ['https://cdn.example.com/a.mp4?signature=1', 'https://cdn.example.com/b.mp4', true],
  ['cdn.example.com', 'http://cdn.example.com/a.mp4', false],
  ['http://cdn.example.com', 'http://cdn.example.com/a.mp4', true],
  ['http://cdn.example.com', 'http://cdn.example.com:81/a.mp4', false],
  ['http://10.0.0.5:8080', 'http://10.0.0.5:8080/a.mp4', true],
  ['cdn.example.com', 'ftp://cdn.example.com/a.mp4', false],
  ['127.0.0.1', 'http://127.0.0.1:9/a.mp4', true],
  ['[::1]', 'http://[::1]:9/a.mp4', true],
  ['localhost:9', 'http://localhost:8/a.mp4', false],
])('--allow-host %s allows a result at %s: %s', (host, url, may) => {
  expect(isServed(url, [host])).toBe(may);
});

it('SHOTLIST_ALLOW_HOST takes several hosts, and adds to those of --allow-host', () => {
  const variable = 'one.example.com, two.example.com';
  expect(isServed('https://two.example.com/a.mp4', ['three.example.com'], variable)).toBe(true);
  expect(isServed('https://three.example.com/a.mp4', ['three.example.com'], variable)).toBe(true);
  expect(isServed('https://four.example.com/a.mp4', [], variable)).toBe(false);
});

it.each([
  '*',
  '*.com',
  'cdn.example.com/a',
  'a b',
  'user@cdn.example.com',
  'ftp://cdn.example.com',
  'a.*.com',
])('--allow-host %s is refused, and the message shows how a host is written', (host) => {
  const message = expect.stringContaining('is no host; it is written like cdn.example.com');
  expect(findAllowedHosts([host], {})).toMatchObject({ kind: 'invalid', message });
});

it.each([
  'https://cdn.example.com/a.mp4',
  'https://cdn.example.com:8443/a.mp4',
  'http://10.0.0.5:8080/a.mp4',
  'http://10.0.0.5/a.mp4',
  'http://[::1]:9/a.mp4',
])('the host that a message names for %s allows it', (url) => {
  expect(isServed(url, [])).toBe(false);
  expect(isServed(url, [hostToAllow(new URL(url))])).toBe(true);
});
