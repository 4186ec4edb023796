/** Reason of a network error, as the end of a sentence. */
export function networkReason(error: Error): string {
  const code = networkCode(error);
  return REASONS[code ?? ''] ?? otherReason(code);
}

/** Code of a network error, or else of its cause; null if neither has one. */
export function networkCode(error: Error): string | null {
  // undici's error for a proxy that answers CONNECT with another status than 200.
  if (error.message.startsWith('Proxy response')) return 'proxy';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? networkCode(error.cause) : null;
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
