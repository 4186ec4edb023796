import type { Size } from '../media/ass.js';
import { FRAME_RATE } from './timing.js';

/** Almost black, a little blue: the picture seems to fall off into shade. */
const COLOUR = '0x0a0c10';
/** Opacity where the lettering stands: white on it has a contrast of 7 to 1 even before a white board. */
const DARKEST = 0.72;

export interface Scrims {
  readonly frame: Size;
  /** Pixels from the frame's edges that each one covers. */
  readonly top: number;
  readonly bottom: number;
  /** Pixels of them in which they come from clear to dark. */
  readonly ramp: number;
  /** Frames in which they fade out, and the first of them. */
  readonly fade: { readonly from: number; readonly frames: number };
}

/**
 * Filters that make `[scrim_top]` and `[scrim_bottom]`: endless strips as wide as the frame, dark at its edge and clear
 * at the other end. Laid over by `overlay`, which takes a tenth of what libass needs for a blurred box.
 */
export function scrims({ frame, top, bottom, ramp, fade }: Scrims): readonly string[] {
  const gone = `fade=t=out:alpha=1:s=${fade.from}:n=${fade.frames}`;
  const strip = (height: number, fromEdge: string) => {
    // From 1 at the frame's edge to 0, over the last part of the strip, as a smooth curve.
    const depth = `st(0,clip((H-0.5-(${fromEdge}))/${ramp},0,1))*0+ld(0)*ld(0)*(3-2*ld(0))`;
    const alpha = `${Math.round(255 * DARKEST)}*(${depth})`;
    return (
      `color=c=${COLOUR}:s=8x${height}:r=${FRAME_RATE}:d=1,format=yuva420p,trim=end_frame=1,` +
      `geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='${alpha}',scale=${frame.width}:${height}:flags=neighbor,` +
      `loop=loop=-1:size=1:start=0,setpts=N/${FRAME_RATE}/TB,${gone}`
    );
  };
  return [`${strip(top, 'Y')}[scrim_top]`, `${strip(bottom, 'H-1-Y')}[scrim_bottom]`];
}
