import { type AssEvent, type AssStyle, assFile, assLiteral } from '../media/ass.js';
import { cameraBeats } from './camera-words.js';
import { type CaptionLayout, captionLayout, type TextBlock } from './caption-layout.js';
import { captionStrength, captionsEnd, FADE_TAG } from './caption-times.js';
import type { AnimaticShot } from './shot.js';
import { type Slate, slateEvents } from './slate.js';
import { FRAME_RATE, framesIn, stretches } from './timing.js';

/** Everything drawn over the pictures of an animatic, as one ASS file. */
export function captions(shot: AnimaticShot): string {
  const layout = captionLayout(shot);
  return assFile(layout.frame, stylesFor(layout.small), [
    ...header(shot, layout),
    ...timecode(shot.seconds, layout),
    ...prompts(shot, layout),
  ]);
}

/** What is written on the card that stands for a picture of this shot, as an ASS file. */
export function slateCard(shot: AnimaticShot, slate: Slate): string {
  const { frame, small } = captionLayout(shot);
  return assFile(frame, stylesFor(small), slateEvents(slate, frame));
}

/** Names of the fonts used, as libass knows them; `fonts.ts` has their files. */
const SANS = 'DejaVu Sans';
const MONO = 'DejaVu Sans Mono';

const WHITE = '&H00F2F2F2';
const AMBER = '&H0062BDF5';
const GREY = '&H00C4C4C4';

function stylesFor(small: number): readonly AssStyle[] {
  const wide = { size: small, bold: true, spacing: small / 7 };
  return [
    { name: 'prompt', font: SANS, size: small, colour: WHITE },
    { name: 'label', font: SANS, ...wide, colour: AMBER },
    { name: 'move', font: SANS, ...wide, bold: false, colour: GREY },
    { name: 'model', font: SANS, size: small, colour: GREY },
    { name: 'time', font: MONO, size: small, colour: WHITE },
    { name: 'shape', font: SANS, size: small, colour: '&H00000000' },
    { name: 'slate', font: SANS, size: small, colour: WHITE },
  ];
}

/** What it is, so that nobody takes it for the model's work, and which model will do that. */
function header(shot: AnimaticShot, { frame, margin }: CaptionLayout): readonly AssEvent[] {
  const all = { layer: 1, from: 0, to: captionsEnd(shot.seconds) };
  const place = (align: number, x: number) => `{\\an${align}\\pos(${x},${margin.height})${FADE_TAG}}`;
  return [
    { ...all, style: 'label', text: `${place(7, margin.width)}ANIMATIC` },
    { ...all, style: 'model', text: place(8, frame.width / 2) + assLiteral(shot.model) },
  ];
}

/** One event a frame: SMPTE non-drop, hours:minutes:seconds:frames. */
function timecode(seconds: number, { frame, margin }: CaptionLayout): readonly AssEvent[] {
  const place = `\\an9\\pos(${frame.width - margin.width},${margin.height})`;
  return Array.from({ length: framesIn(seconds) - 1 }, (_, index) => {
    const whole = Math.floor(index / FRAME_RATE);
    const parts = [0, Math.floor(whole / 60), whole % 60, index % FRAME_RATE];
    const clear = Math.round(255 * (1 - captionStrength(index, seconds)));
    const fade = clear === 0 ? '' : `\\alpha&H${clear.toString(16).padStart(2, '0').toUpperCase()}&`;
    const text = `{${place}${fade}}${parts.map((part) => String(part).padStart(2, '0')).join(':')}`;
    return { layer: 1, from: index / FRAME_RATE, to: (index + 1) / FRAME_RATE, style: 'time', text };
  });
}

/** Each segment's prompt while it is on; above it which one it is, and how its words move the camera. */
function prompts(shot: AnimaticShot, layout: CaptionLayout): readonly AssEvent[] {
  const { frame, margin, small } = layout;
  const times = stretches(shot.segments);
  const end = captionsEnd(shot.seconds);
  return shot.segments.flatMap(({ prompt }, index) => {
    const block = layout.prompts[index] as TextBlock;
    const { from = 0, to = shot.seconds } = times[index] ?? {};
    const isLast = index === shot.segments.length - 1;
    const time = { layer: 1, from, to: isLast ? end : to };
    const top = frame.height - margin.height - block.lines.length * block.leading;
    const place = ({ x, y, align }: { x: number; y: number; align: number }) =>
      `\\an${align}\\pos(${Math.round(x)},${Math.round(y)})${isLast ? FADE_TAG : ''}`;
    const label = place({ x: margin.width, y: top - small * 1.6, align: 7 });
    const count = shot.segments.length > 1 ? `${index + 1} / ${shot.segments.length}` : '';
    const move = moveWords(prompt);
    return [
      ...block.lines.map((line, row) => {
        const isRightToLeft = RIGHT_TO_LEFT.test(line);
        const x = isRightToLeft ? frame.width - margin.width : margin.width;
        const tags = place({ x, y: top + row * block.leading, align: isRightToLeft ? 9 : 7 });
        return { ...time, style: 'prompt', text: `{${tags}\\fs${block.size}}${assLiteral(line)}` };
      }),
      ...(count || move
        ? [
            {
              ...time,
              style: 'label',
              text: `{${label}}${count}{\\rmove}${count && move ? '   ' : ''}${move}`,
            },
          ]
        : []),
    ];
  });
}

/** The first letter that has a direction has that of Hebrew or Arabic. */
const RIGHT_TO_LEFT = /^\P{L}*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** The camera as it was understood: "PAN LEFT + TILT UP, PUSH IN"; empty where the prompt does not say. */
function moveWords(prompt: string): string {
  return cameraBeats(prompt)
    .map((beat) => beat.map(({ name }) => name.toUpperCase()).join(' + '))
    .join(', ');
}
