import type { MediaFacts } from '../../media/facts.js';
import type { DownloadAnswer, Service, ServiceError } from '../../runcomfy/service.js';
import type { RunDeps } from '../run-options.js';

export type TakenClip =
  | { readonly kind: 'taken'; readonly bytes: number; readonly sha256: string; readonly media: MediaFacts }
  /** What the service sent is no video, or cut off, and was not kept. */
  | { readonly kind: 'no-video' }
  | Exclude<DownloadAnswer, { readonly kind: 'downloaded' | 'not-accepted' }>;

/** Fetches a clip to `to`, which is only replaced by a whole file that is a video. */
export async function takeClip(
  { service, probeVideo }: { readonly service: Service } & Pick<RunDeps, 'probeVideo'>,
  options: {
    readonly url: string;
    /** Absolute path; its folder exists. */
    readonly to: string;
    readonly signal: AbortSignal;
    readonly onProgress?: (bytes: number, total: number | null) => void;
    readonly onFault?: (fault: ServiceError) => void;
  },
): Promise<TakenClip> {
  const { url, ...where } = options;
  let media: MediaFacts | null = null;
  const accept = async (path: string) => {
    media = await probeVideo(path);
    return media !== null;
  };
  const answer = await service.download(url, { ...where, accept });
  if (answer.kind === 'not-accepted') return { kind: 'no-video' };
  if (answer.kind !== 'downloaded') return answer;
  if (media === null) throw new Error('a clip was kept without being looked at');
  return { ...answer, kind: 'taken', media };
}
