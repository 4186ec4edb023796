import type { FrameRate } from '../../media/frame-rate.js';
import type { Laid } from './timeline.js';

/** A clip as it stands on one track of a sequence. */
export interface TrackClip {
  readonly laid: Laid;
  readonly kind: 'video' | 'audio';
  /** Of the sound, from 1; 1 for pictures. */
  readonly channel: number;
}

/** The clips of a sequence by its kinds of track. */
export interface Lanes {
  readonly video: readonly Laid[];
  readonly sound: readonly Laid[];
  readonly rate: FrameRate;
}

/** Tracks of sound in FCP 7 hold one channel each; a clip of more than two gives its first two. */
export function channelsOf({ clip }: Laid): number {
  return Math.min(2, clip.media.audio?.channels ?? 0);
}

/** The clips that have a channel; a fade to one that lacks it is a cut on its track. */
export function onChannel(sound: readonly Laid[], channel: number): readonly Laid[] {
  const has = (laid: Laid | undefined) => laid !== undefined && channelsOf(laid) >= channel;
  return sound.flatMap((laid, index) => {
    if (!has(laid)) return [];
    const fadeIn = has(sound[index - 1]) ? laid.fadeIn : 0;
    return [{ ...laid, fadeIn, fadeOut: has(sound[index + 1]) ? laid.fadeOut : 0 }];
  });
}
