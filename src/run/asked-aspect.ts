import { join } from 'node:path';
import { pictureAspect } from '../media/picture.js';
import { isChainedFrame, isLocalMedia, type NativeInput } from '../models/native-input.js';
import { clipOf } from './chains.js';
import type { Fold } from './fold.js';

/**
 * The shape that a clip was to have, width by height: what the input says, else that of the picture it starts from, which
 * stands first of those that an input has. Null where that is not known: a picture on the web, or one that has changed.
 */
export async function askedAspect(
  input: NativeInput,
  { folder, fold }: { readonly folder: string; readonly fold: Fold },
): Promise<number | null> {
  const said = /^(\d+):(\d+)$/.exec(String(input.aspect_ratio ?? ''));
  if (said) return Number(said[1]) / Number(said[2]);
  for (const value of Object.values(input)) {
    if (isLocalMedia(value)) return pictureAspect(join(folder, value.$file), value.sha256);
    if (isChainedFrame(value)) {
      const media = clipOf(fold.get(value.key))?.media;
      return media ? media.width / media.height : null;
    }
    // Start images go before end images in every model.
    if (typeof value === 'string' && /^https?:\/\//.test(value)) return null;
    if (typeof value === 'object' && value !== null && '$url' in value) return null;
  }
  return null;
}
