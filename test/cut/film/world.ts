import type { UsedClip } from '../../../src/cut/film/film.js';
import type { AvcConfig } from '../../../src/media/avc-config.js';
import type { ClipPictures } from '../../../src/media/clip-pictures.js';

export const CONFIG: AvcConfig = {
  profile: 100,
  compatibility: 0,
  level: 31,
  sps: [Uint8Array.from([0x67, 100, 0, 31, 0x80])],
  pps: [Uint8Array.from([0x68, 0xc0])],
};

/** Five seconds of 720p at 24 frames a second with sound; one key frame, and all frames in order. */
export function clip(changes: Partial<ClipPictures> = {}): ClipPictures {
  return {
    width: 1280,
    height: 720,
    codec: 'avc',
    rate: { num: 24, den: 1 },
    isEven: true,
    seconds: 5,
    soundLead: 0,
    matrix: 'bt709',
    avc: CONFIG,
    shownAt: Array.from({ length: 120 }, (_, place) => place),
    starts: [{ place: 0, time: 0 }],
    ...changes,
  };
}

/** A clip of the cut. */
export function used(pictures: ClipPictures, changes: Partial<UsedClip> = {}): UsedClip {
  return { kind: 'clip', name: 'clip', path: '/clip.mp4', pictures, use: null, transition: 0, ...changes };
}
