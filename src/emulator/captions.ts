import { type AssEvent, type AssStyle, assFile, assLiteral } from '../media/ass.js';
import { cameraBeats } from './camera-words.js';
import { type CaptionLayout, captionLayout, type TextBlock } from './layout.js';
import type { AnimaticShot } from './shot.js';
import { type Slate, slateEvents } from './slate.js';
import { captionStrength, captionsEnd, FADE_TAG, FRAME_RATE, framesIn, segmentTimes } from './timing.js';

/** Text over the pictures of an animatic, as an ASS file. */
export function captions(shot: AnimaticShot): string {
  const layout = captionLayout(shot);
  return assFile(layout.frame, stylesFor(layout.small), [
    ...header(shot, layout),
    ...timecode(shot.seconds, layout),
    ...prompts(shot, layout),
  ]);
}

/** Text of the card that replaces a picture of this shot, as an ASS file. */
export function slateCard(shot: AnimaticShot, slate: Slate): string {
  const { frame, small } = captionLayout(shot);
  return assFile(frame, stylesFor(small), slateEvents(slate, frame));
}

/** Names of the fonts for libass; `media/fonts.ts` has their files. */
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

/** The word ANIMATIC, so that it is not taken for the work of the model, and the name of the model. */
function header(shot: AnimaticShot, { frame, margin }: CaptionLayout): readonly AssEvent[] {
  const all = { layer: 1, from: 0, to: captionsEnd(shot.seconds) };
  const place = (align: number, x: number) => `{\\an${align}\\pos(${x},${margin.height})${FADE_TAG}}`;
  return [
    { ...all, style: 'label', text: `${place(7, margin.width)}ANIMATIC` },
    { ...all, style: 'model', text: place(8, frame.width / 2) + assLiteral(shot.model) },
  ];
}

/** Timecode, one event per frame: SMPTE non-drop, hours:minutes:seconds:frames. */
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

/** Prompt of each segment during that segment; above it the number of the segment and its camera moves. */
function prompts(shot: AnimaticShot, layout: CaptionLayout): readonly AssEvent[] {
  const { frame, margin, small } = layout;
  const times = segmentTimes(shot.segments);
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

/** Text whose first letter belongs to a script that is written from the right. */
const RIGHT_TO_LEFT = /^\P{L}*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** Camera moves as they were understood, "PAN LEFT + TILT UP, PUSH IN"; empty for a prompt without any. */
function moveWords(prompt: string): string {
  return cameraBeats(prompt)
    .map((beat) => beat.map(({ name }) => name.toUpperCase()).join(' + '))
    .join(', ');
}
