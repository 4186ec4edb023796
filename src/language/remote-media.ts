import { inside, type Place } from './document.js';
import type { Chain, Image, ShotList } from './shot-list.js';

/** A file that the service is to fetch by its URL. */
export interface RemoteMedia {
  readonly url: string;
  readonly kind: 'image' | 'video';
  /** Where the list, or a file it includes, names it. */
  readonly place: Place;
}

/** Every URL of a list, once for each place that names it. */
export function remoteMedia({ elements, shots }: ShotList): readonly RemoteMedia[] {
  const found: RemoteMedia[] = [];
  const see = (image: Image | Chain | undefined, place: Place) => {
    if (image?.kind === 'url') found.push({ url: image.url, kind: 'image', place });
  };
  for (const { place, frontal_image, reference_images, video } of elements.values()) {
    see(frontal_image, inside(place, 'frontal_image'));
    for (const [index, image] of reference_images.entries())
      see(image, inside(place, 'reference_images', index));
    if (video !== undefined) found.push({ url: video, kind: 'video', place: inside(place, 'video') });
  }
  for (const shot of shots) {
    see(shot.images.start_image, shot.origin('start_image'));
    see(shot.images.end_image, shot.origin('end_image'));
  }
  return found;
}
