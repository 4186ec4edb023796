import pLimit from 'p-limit';
import { LARGEST_IMAGE, LARGEST_VIDEO } from '../../base/limits.js';
import { withoutQuery } from '../../base/text.js';
import { formatBytes } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { createConnections } from '../../http/connections.js';
import { type ProbeAnswer, probeUrl, publicLookup } from '../../http/probe-url.js';
import { findProxies } from '../../http/proxies.js';
import type { Finding } from '../../language/diagnostic.js';
import type { PlacedFinding } from '../../language/document.js';
import { type RemoteMedia, remoteMedia, urlProblem } from '../../language/references.js';
import type { ShotList } from '../../language/shot-list.js';

/** Asks a server about type and size of the file at a URL. */
export type Probe = (url: string) => Promise<ProbeAnswer>;

/** Requests in flight: enough for a long list, few enough for one host that serves all its boards. Our choice. */
const AT_A_TIME = 6;

/** Time for one answer, milliseconds: the service may not wait longer for a picture either. Our choice. */
const TIMEOUT = 15_000;

/** Largest files, bytes. */
const LARGEST = { image: LARGEST_IMAGE, video: LARGEST_VIDEO } as const;

/** Media types of the image formats in the documents, with the older names that servers still use. */
const IMAGES = /^image\/(?:jpe?g|pjpeg|png|x-png|webp|bmp|x-bmp|x-ms-bmp)$/;

/** Media types that say nothing: stores send them for files uploaded without a type. */
const UNSPECIFIC = new Set(['application/octet-stream', 'binary/octet-stream', 'application/x-download']);

/** `--check-urls`: asks the servers of a list's URLs about type and size; findings point at the URLs in the list. */
export async function checkUrls(list: ShotList, probe: Probe): Promise<readonly PlacedFinding[]> {
  const media = remoteMedia(list);
  const limit = pLimit(AT_A_TIME);
  const urls = [...new Set(media.map(({ url }) => url))];
  const answers = await Promise.all(urls.map(async (url) => [url, await limit(probe, url)] as const));
  const probed = new Map(answers);
  return media.flatMap((one) => {
    const { place, ignores } = one;
    return findingsOf(one, probed.get(one.url) as ProbeAnswer).map((finding) => ({
      ...finding,
      place,
      ignores,
    }));
  });
}

/** A probe that uses the network and the proxies of the environment; `close` ends its connections. */
export function openProbe(env: NodeJS.ProcessEnv): { probe: Probe; close(): Promise<void> } {
  const proxies = findProxies(env);
  if (proxies.kind === 'invalid') {
    const why = proxies.message.replace(/\.$/, '');
    return { probe: async () => ({ kind: 'unreachable', why, isPrivate: false }), close: async () => {} };
  }
  const connections = createConnections(proxies, publicLookup);
  const options = {
    dispatcher: connections.shared,
    obstacle: (url: string) => urlProblem(url)?.message ?? null,
    userAgent: `shotlist/${version}`,
    timeout: TIMEOUT,
  };
  return { probe: (url) => probeUrl(url, options), close: () => connections.close() };
}

/** Findings about a file that the service must fetch, from the answer of its server; none for a good answer. */
export function findingsOf(
  { url, kind }: Pick<RemoteMedia, 'url' | 'kind'>,
  probed: ProbeAnswer,
): readonly Finding[] {
  switch (probed.kind) {
    case 'redirected':
      return [
        error(
          'SL401',
          `it redirects to ${withoutQuery(probed.to)}: ${probed.why}`,
          'link to the file itself',
        ),
      ];
    case 'unreachable': {
      const message = `no answer from ${new URL(url).host}: ${probed.why}`;
      const hint = 'the service needs a host that it can reach from outside';
      return [probed.isPrivate ? error('SL401', message, hint) : warning(message)];
    }
    case 'refused':
      return [refusal(probed.status)];
    case 'file':
      return [...typeFindings(probed.type, { url, kind }), ...sizeFindings(probed.bytes, kind)];
  }
}

function refusal(status: number): Finding {
  if (status === 404 || status === 410) {
    const hint = 'open the link in a private browser window: the service fetches it without a login';
    return error('SL401', `its server has no such file (${status})`, hint);
  }
  if (status === 401 || status === 403) {
    const hint = 'make the file public, or use a signed link that is still valid';
    return error('SL401', `its server refuses to send it (${status})`, hint);
  }
  return warning(`its server answers ${status}; the service may not be able to fetch it`);
}

function typeFindings(
  type: string | null,
  { url, kind }: Pick<RemoteMedia, 'url' | 'kind'>,
): readonly Finding[] {
  if (type === null || UNSPECIFIC.has(type)) {
    const path = new URL(url).pathname;
    const named = kind === 'image' ? /\.(?:jpe?g|png|bmp|webp)$/i : /\.(?:mp4|mov|webm|m4v)$/i;
    // The name of the file tells its type.
    return named.test(path) ? [] : [warning(`its server does not say whether it is ${withArticle(kind)}`)];
  }
  if (kind === 'image' ? IMAGES.test(type) : type.startsWith('video/')) return [];
  const page = type === 'text/html';
  const what = page ? 'a web page' : type;
  const hint = page
    ? `link to the ${kind} itself, not to a page that shows it`
    : kind === 'image'
      ? 'the models take jpg, png, bmp and webp'
      : undefined;
  return [
    error('SL402', `its server says it is ${what}, not ${withArticle(kind)} that the models take`, hint),
  ];
}

function sizeFindings(bytes: number | null, kind: RemoteMedia['kind']): readonly Finding[] {
  if (bytes === null) return [warning('its server does not say how large it is')];
  if (bytes === 0) return [error('SL402', 'its server says it is empty')];
  if (bytes <= LARGEST[kind]) return [];
  const most = kind === 'image' ? '50 MB' : '100 MB';
  return [
    error(
      'SL402',
      `it has ${formatBytes(bytes)}; the service takes ${kind}s up to ${most}`,
      'make it smaller',
    ),
  ];
}

function withArticle(kind: RemoteMedia['kind']): string {
  return kind === 'image' ? 'an image' : 'a video';
}

function error(code: Finding['code'], message: string, hint?: string): Finding {
  return { code, message, hint };
}

function warning(message: string): Finding {
  return { code: 'SL403', severity: 'warning', message };
}
