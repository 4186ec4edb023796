import { countFrames } from './probe.js';

/** What a render was asked for. */
export interface ExpectedClip {
  readonly width: number;
  readonly height: number;
  /** Pictures, exactly. */
  readonly frames: number;
  /** Pictures a second. */
  readonly frameRate: number;
  readonly audio: boolean;
}

/**
 * What is wrong with a rendered clip, in words; null when it is what was asked for. An exit code of 0 is no proof:
 * ffmpeg leaves with 0 after a disk filled up in the last write, or a filter ran dry.
 */
export async function checkClip(path: string, expected: ExpectedClip): Promise<string | null> {
  const clip = await countFrames(path);
  if (!clip) return 'what was written is not a readable video';
  const { facts, frames } = clip;
  if (frames !== expected.frames) return `it has ${frames} frames instead of ${expected.frames}`;
  if (facts.width !== expected.width || facts.height !== expected.height) {
    return `it is ${facts.width}×${facts.height} instead of ${expected.width}×${expected.height}`;
  }
  const seconds = expected.frames / expected.frameRate;
  // AAC comes in blocks of 1,024 samples and begins with a lead-in: sound may run over by a few hundredths.
  if (Math.abs(facts.duration - seconds) > 0.1) return `it lasts ${facts.duration} s instead of ${seconds} s`;
  if (expected.audio !== (facts.audio !== null))
    return expected.audio ? 'it has no sound' : 'it has sound, unasked';
  return null;
}
