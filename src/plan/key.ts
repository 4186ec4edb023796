import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '../base/json.js';
import { withoutQuery } from '../base/text.js';
import {
  type ChainedFrame,
  isChainedFrame,
  isLocalMedia,
  type LocalMedia,
  type NativeInput,
  resolveMedia,
  type VersionedUrl,
} from '../models/native-input.js';

/**
 * Content key of a submission: SHA-256, 64 hex digits, over the canonical JSON (RFC 8785) of everything that decides the
 * rendered video. Two submissions with the same key are one video.
 */
export function contentKey({
  model,
  input,
  take,
}: {
  model: string;
  input: NativeInput;
  take?: number;
}): string {
  const content: Json = {
    model,
    input: resolveMedia(input, mediaIdentity),
    ...(take !== undefined && take > 1 && { take }),
  };
  return hash('sha256', canonicalJson(content));
}

/**
 * Identity of a medium: a file's bytes, the clip of a chained frame, or a URL with its version and without its query, which
 * changes with every signature.
 */
export function mediaIdentity(media: LocalMedia | VersionedUrl | ChainedFrame): Json {
  if (isLocalMedia(media)) return { sha256: media.sha256 };
  if (isChainedFrame(media)) return { last_frame_of: media.key };
  return { url: withoutQuery(media.$url), version: media.version };
}
