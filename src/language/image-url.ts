import { isAddress, isPrivateAddress } from '../base/addresses.js';
import type { Finding } from './finding.js';

/** Whether a reference is written as a URL rather than as a path; `C:\boards` is a path. */
export function isUrl(reference: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(reference) || reference.startsWith('//') || /^www\./i.test(reference);
}

/** Why the service could not fetch that URL, as far as its text tells; undefined when it may. */
export function urlProblem(reference: string): Finding | undefined {
  const code = 'SL216';
  if (/^data:/i.test(reference)) {
    return {
      code,
      message: 'images are not written into the list',
      hint: 'save it beside the list and write its path',
    };
  }
  if (/^file:/i.test(reference))
    return { code, message: 'a file is named by its path', hint: 'take out file://' };
  if (/\s/.test(reference)) return { code, message: 'the URL has a space in it', hint: 'write it as %20' };
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(reference)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'https') {
    return {
      code,
      message: `the service fetches https URLs only, not ${scheme}`,
      hint: 'host it where an https:// URL leads to it, or save it beside the list',
    };
  }
  // The standard's parser would make `https:a.com` and `https:///a.com` right; another may not.
  if (!/^https:\/\/[^/]/i.test(reference) || !URL.canParse(reference)) {
    return { code, message: 'this is no URL', hint: 'it begins with https:// and a host' };
  }
  const url = new URL(reference);
  if (url.username || url.password) {
    return { code, message: 'the URL holds a login', hint: 'the service needs one that works without' };
  }
  if (isPrivate(url.hostname)) {
    return {
      code,
      message: `the service cannot reach ${url.hostname}`,
      hint: 'use a public host, or a path beside the list',
    };
  }
  return undefined;
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isAddress(host)) return isPrivateAddress(host);
  return host === 'localhost' || /\.(?:localhost|local|internal)$/.test(host) || !host.includes('.');
}
