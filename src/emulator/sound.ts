import type { AnimaticShot } from './shot.js';
import { stretches } from './timing.js';

/** Hertz; what video is cut with. */
const SAMPLE_RATE = 48_000;
/** Hertz at which the formula is worked out: it has nothing above 6 kHz to say, and a third of the work is enough. */
const COMPUTED_RATE = 16_000;

/**
 * The filters that make a shot's sound, without a label at the end; null for a silent shot. A quiet chord that
 * breathes, a little air, and a soft tick where a segment begins, so that an edit can be timed by ear.
 */
export function soundSource(shot: AnimaticShot): string | null {
  if (!shot.audio) return null;
  const starts = stretches(shot.segments).map((stretch) => stretch.from);
  // The right ear hears the chord a little sharp: that is all it takes to sound wide.
  const channels = [0, 0.4].map((detune) => `${chord(detune)}+${ticks(starts)}`);
  const source = `aevalsrc=exprs='${channels.join('|')}':c=stereo:s=${COMPUTED_RATE}:d=${shot.seconds}`;
  const fades = `afade=t=in:d=0.15,afade=t=out:st=${shot.seconds - 0.4}:d=0.4`;
  return `${source},${fades},aresample=${SAMPLE_RATE}`;
}

/** An open fifth and its octave around A2, each swelling at its own pace. Peaks near -26 dBFS. */
function chord(detune: number): string {
  const voices = [
    { hertz: 110, level: 0.022, swell: 0.11 },
    { hertz: 164.81, level: 0.016, swell: 0.17 },
    { hertz: 220, level: 0.008, swell: 0.23 },
  ];
  const tones = voices.map(
    ({ hertz, level, swell }) =>
      `${level}*(0.7+0.3*sin(2*PI*${swell}*t))*sin(2*PI*${(hertz + detune).toFixed(2)}*t)`,
  );
  return [...tones, '0.003*(random(0)-0.5)'].join('+');
}

/** A short tick at each start but the first: 880 Hz, gone within a twentieth of a second. */
function ticks(starts: readonly number[]): string {
  const later = starts.slice(1).map((start) => `between(t,${start},${start + 0.2})*exp(-60*(t-${start}))`);
  return later.length === 0 ? '0' : `0.09*sin(2*PI*880*t)*(${later.join('+')})`;
}
