import { type AssEvent, type AssStyle, assFile, assLiteral, EMS_PER_SIZE, rectangle } from './ass.js';
import { frameFor, type Size, SLATE } from './frame.js';
import type { AnimaticShot } from './shot.js';
import { slateEvents } from './slate.js';
import { FRAME_RATE, framesIn, stretches } from './timing.js';
import { wrapText } from './wrap-text.js';

/** Everything drawn over the pictures of an animatic, as one ASS file. */
export function captions(shot: AnimaticShot): string {
  const frame = frameOf(shot);
  const sizes = sizesFor(frame);
  return assFile(frame, stylesFor(sizes), [
    ...slateEvents(shot, frame),
    ...header(shot, frame, sizes),
    ...timecode(shot.seconds, frame, sizes),
    ...prompts(shot, frame, sizes),
  ]);
}

/** The frame a shot is rendered in: its start image's shape. */
export function frameOf(shot: AnimaticShot): Size {
  return frameFor(shot.start.kind === 'stored' ? shot.start : SLATE);
}

/** Names of the fonts used, as libass knows them; `fonts.ts` has their files. */
const SANS = 'DejaVu Sans';
const MONO = 'DejaVu Sans Mono';

const WHITE = '&H00F2F2F2';
const AMBER = '&H0062BDF5';
const GREY = '&H00C4C4C4';

/** Pixels, all in proportion to the frame's shorter side. */
interface Sizes {
  readonly prompt: number;
  readonly line: number;
  readonly small: number;
  readonly margin: Size;
}

function sizesFor(frame: Size): Sizes {
  const unit = Math.min(frame.width, frame.height) / 720;
  const prompt = Math.round(34 * unit);
  return {
    prompt,
    line: Math.round(prompt * 1.2),
    small: Math.round(20 * unit),
    // Text stays within the middle 90 percent: the title-safe area of SMPTE ST 2046-1.
    margin: { width: Math.round(frame.width * 0.05), height: Math.round(frame.height * 0.05) },
  };
}

function stylesFor(sizes: Sizes): readonly AssStyle[] {
  const small = { size: sizes.small, shadow: 1 };
  return [
    { name: 'prompt', font: SANS, size: sizes.prompt, colour: WHITE, shadow: 1 },
    { name: 'label', font: SANS, ...small, colour: AMBER, bold: true, spacing: sizes.small / 7 },
    { name: 'model', font: SANS, ...small, colour: GREY },
    { name: 'time', font: MONO, ...small, colour: WHITE },
    { name: 'shape', font: SANS, size: sizes.small, colour: '&H00000000' },
    { name: 'slate', font: SANS, size: sizes.prompt, colour: WHITE },
  ];
}

/** What it is, so that nobody takes it for the model's work, and which model will do that. */
function header(shot: AnimaticShot, frame: Size, sizes: Sizes): readonly AssEvent[] {
  const { margin, small } = sizes;
  const all = { from: 0, to: shot.seconds };
  return [
    band({ ...all, top: -frame.height, bottom: margin.height + small * 2.2, frame }),
    { ...all, layer: 3, style: 'label', text: `${at(margin.width, margin.height)}ANIMATIC` },
    {
      ...all,
      layer: 3,
      style: 'model',
      text: `{\\an8\\pos(${frame.width / 2},${margin.height})}${assLiteral(shot.model)}`,
    },
  ];
}

/** One event a frame: SMPTE non-drop, hours:minutes:seconds:frames. */
function timecode(seconds: number, frame: Size, { margin }: Sizes): readonly AssEvent[] {
  const place = `{\\an9\\pos(${frame.width - margin.width},${margin.height})}`;
  return Array.from({ length: framesIn(seconds) }, (_, index) => {
    const whole = Math.floor(index / FRAME_RATE);
    const parts = [0, Math.floor(whole / 60), whole % 60, index % FRAME_RATE];
    const text = place + parts.map((part) => String(part).padStart(2, '0')).join(':');
    return { layer: 3, from: index / FRAME_RATE, to: (index + 1) / FRAME_RATE, style: 'time', text };
  });
}

/** Each segment's prompt while it is on, on a band as high as it needs. */
function prompts(shot: AnimaticShot, frame: Size, sizes: Sizes): readonly AssEvent[] {
  const { margin, line, prompt, small } = sizes;
  const ems = (frame.width - 2 * margin.width) / (prompt * EMS_PER_SIZE);
  const times = stretches(shot.segments);
  return shot.segments.flatMap((segment, index) => {
    const time = times[index] ?? { from: 0, to: shot.seconds };
    const lines = wrapText(segment.prompt, { ems, lines: 3 });
    const top = frame.height - margin.height - lines.length * line;
    const counted = shot.segments.length > 1;
    const label = `${index + 1} / ${shot.segments.length}`;
    const labelTop = top - small * 1.6;
    return [
      band({ ...time, top: (counted ? labelTop : top) - small, bottom: frame.height * 2, frame }),
      ...lines.map((text, row) => ({
        ...time,
        layer: 3,
        style: 'prompt',
        text: at(margin.width, top + row * line) + assLiteral(text),
      })),
      ...(counted ? [{ ...time, layer: 3, style: 'label', text: at(margin.width, labelTop) + label }] : []),
    ];
  });
}

/** A dark strip across the frame, its edges soft enough that the picture seems to fall off into it. */
function band(options: { from: number; to: number; top: number; bottom: number; frame: Size }): AssEvent {
  const { from, to, frame } = options;
  const top = Math.round(options.top);
  // Wider than the frame, so that only the inner edge shows its blur.
  const shape = rectangle(
    { x: 0, y: 0 },
    { width: frame.width * 1.5, height: Math.round(options.bottom) - top },
  );
  const place = `\\an7\\pos(${-frame.width / 4},${top})`;
  return {
    from,
    to,
    layer: 2,
    style: 'shape',
    text: `{${place}\\1c&H100C0A&\\1a&H58&\\blur${Math.round(frame.height / 45)}\\p1}${shape}`,
  };
}

function at(x: number, y: number): string {
  return `{\\an7\\pos(${Math.round(x)},${Math.round(y)})}`;
}
