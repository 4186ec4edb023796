/** Proxies that the environment names, in undici's form; an empty string is no proxy. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/** Hosts reached without a proxy, as in Go: the emulator runs on this machine, the proxy does not. */
const DIRECT = ['localhost', '127.0.0.1', '[::1]'];

/** Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in lower or upper case; lower case wins, as in curl. */
export function findProxies(
  env: NodeJS.ProcessEnv,
): ({ readonly kind: 'found' } & Proxies) | { readonly kind: 'invalid'; readonly message: string } {
  const found: Record<string, string> = {};
  for (const name of ['http_proxy', 'https_proxy']) {
    const text = (env[name] ?? env[name.toUpperCase()] ?? '').trim();
    const proxy = text === '' || text.includes('://') ? text : `http://${text}`;
    if (proxy !== '' && !isProxy(proxy)) {
      // The message does not quote the value: it may hold a password.
      const message = `${name.toUpperCase()} is not a proxy's URL; it should look like http://proxy.example:3128.`;
      return { kind: 'invalid', message };
    }
    found[name] = proxy;
  }
  const listed = (env.no_proxy ?? env.NO_PROXY ?? '').split(/[,\s]+/).filter((entry) => entry !== '');
  return {
    kind: 'found',
    httpProxy: found.http_proxy ?? '',
    httpsProxy: found.https_proxy ?? '',
    // undici accepts an asterisk only as the whole list.
    noProxy: listed.includes('*') ? '*' : [...listed, ...DIRECT].join(','),
  };
}

function isProxy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '';
}
