import { join } from 'node:path';
import { pictureAspect } from '../../media/picture.js';
import { isChainedFrame, isLocalMedia, type NativeInput } from '../../models/native-input.js';
import { clipOf } from '../chains.js';
import type { Fold } from '../journal/fold.js';

/**
 * The shape that a clip was to have, width by height: what the input says, else that of the picture it starts from, which
 * stands first of those that an input has, or of a picture on the web what the list says of all. Null where that is not
 * known, or the picture has changed.
 */
export async function askedAspect(
  input: NativeInput,
  { folder, aspect, fold }: { readonly folder: string; readonly aspect: string | null; readonly fold: Fold },
): Promise<number | null> {
  const said = ratioOf(input.aspect_ratio);
  if (said !== null) return said;
  for (const value of Object.values(input)) {
    if (isLocalMedia(value)) return pictureAspect(join(folder, value.$file), value.sha256);
    if (isChainedFrame(value)) {
      const media = clipOf(fold.get(value.key))?.media;
      return media ? media.width / media.height : null;
    }
    // Start images go before end images in every model.
    if (typeof value === 'string' && /^https?:\/\//.test(value)) return ratioOf(aspect);
    if (typeof value === 'object' && value !== null && '$url' in value) return ratioOf(aspect);
  }
  return null;
}

/** Width by height of such as `2.39:1`; null for anything else. */
function ratioOf(aspect: unknown): number | null {
  const [, width, height] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(String(aspect ?? '')) ?? [];
  return width === undefined ? null : Number(width) / Number(height);
}
