import { isLoopback } from '../base/addresses.js';

/** A host that a person trusts with results, besides the service's own. */
export interface AllowedHost {
  readonly hostname: string;
  /** True for all names below `hostname`, and not for itself. */
  readonly isBelow: boolean;
  /** Port as a URL has it: empty for the usual one; null for any. */
  readonly port: string | null;
  /** True if a connection without encryption is good enough. */
  readonly allowsHttp: boolean;
}

export type FoundHosts =
  | { readonly kind: 'found'; readonly hosts: readonly AllowedHost[] }
  | { readonly kind: 'invalid'; readonly message: string };

/** Variable with hosts, separated by commas. */
const HOSTS_VARIABLE = 'SHOTLIST_ALLOW_HOST';

/** Hosts that `--allow-host` and `SHOTLIST_ALLOW_HOST` name, or the first name that is none. */
export function findAllowedHosts(flags: readonly string[], env: NodeJS.ProcessEnv): FoundHosts {
  const named = [
    ...flags.map((text) => ({ text, where: '--allow-host' })),
    ...(env[HOSTS_VARIABLE] ?? '').split(/[\s,]+/).map((text) => ({ text, where: HOSTS_VARIABLE })),
  ];
  const hosts: AllowedHost[] = [];
  for (const { text, where } of named.filter((one) => one.text.trim() !== '')) {
    const host = readHost(text.trim());
    if (!host) {
      const message = `\`${text}\` in ${where} is no host; it is written like cdn.example.com, *.example.com or http://10.0.0.5:8080`;
      return { kind: 'invalid', message };
    }
    hosts.push(host);
  }
  return { kind: 'found', hosts };
}

/**
 * A host as people write it: a name, with a port, below a domain (`*.example.com`), or a URL from a message. Only `http://`
 * allows a connection without encryption.
 */
function readHost(text: string): AllowedHost | null {
  const [, scheme, star, rest = ''] = /^(https?:\/\/)?(\*\.)?(.*)$/i.exec(text) ?? [];
  const allowsHttp = scheme?.toLowerCase() === 'http://';
  const address = `${allowsHttp ? 'http' : 'https'}://${rest}`;
  if (!URL.canParse(address) || (scheme === undefined && /[/?#]/.test(rest))) return null;
  const { hostname, port, username, password } = new URL(address);
  if (username !== '' || password !== '' || hostname.includes('*')) return null;
  // A whole top-level domain is rarely meant.
  if (star !== undefined && !/[^.]\.[^.]/.test(hostname)) return null;
  const hasPort = port !== '' || scheme !== undefined || /:\d+$/.test(rest);
  return { hostname, isBelow: star !== undefined, port: hasPort ? port : null, allowsHttp };
}

/** True if a person allowed this URL. */
export function isAllowed(url: URL, hosts: readonly AllowedHost[]): boolean {
  return hosts.some(({ hostname, isBelow, port, allowsHttp }) => {
    const isHost = isBelow ? url.hostname.endsWith(`.${hostname}`) : url.hostname === hostname;
    if (!isHost || (port !== null && port !== url.port)) return false;
    if (url.protocol === 'https:') return true;
    return url.protocol === 'http:' && (allowsHttp || isLoopback(url.hostname));
  });
}

/** The word that `--allow-host` takes for a URL. */
export function hostToAllow({ protocol, hostname, host }: URL): string {
  return protocol === 'http:' && !isLoopback(hostname) ? `http://${host}` : host;
}
