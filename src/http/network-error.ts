/** What a network error means, as the end of a sentence. */
export function reasonOf(error: Error): string {
  const code = codeOf(error);
  return REASONS[code ?? ''] ?? otherReason(code);
}

/** The code of a network error, or of its cause; null where neither has one. */
export function codeOf(error: Error): string | null {
  // What undici reports when a proxy answers CONNECT with anything but 200.
  if (error.message.startsWith('Proxy response')) return 'proxy';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : null;
}

const REASONS: Readonly<Record<string, string>> = {
  aborted: 'it was stopped',
  timeout: 'it took too long',
  proxy: 'the proxy could not be used; look at HTTPS_PROXY and NO_PROXY',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
  ETIMEDOUT: 'the connection took too long',
  ENOTFOUND: 'its name is not known; check the network',
  EAI_AGAIN: 'its name could not be looked up; check the network',
  ENETUNREACH: 'there is no way to it; check the network',
  EHOSTUNREACH: 'there is no way to it; check the network',
};

function otherReason(code: string | null): string {
  if (code === null) return 'the connection failed';
  const isTls = /CERT|SSL|TLS|SIGNED|ISSUER|UNABLE_TO/.test(code);
  return isTls ? `no safe connection could be made (${code})` : `the connection failed (${code})`;
}
