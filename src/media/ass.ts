// Advanced SubStation Alpha for libass: positions in pixels of the frame, colours as &HBBGGRR&.

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Ems per pixel of ASS font size. The size is the height of a line, ascender to descender: 1.164 ems for DejaVu (its
 * `hhea` table).
 */
export const EMS_PER_SIZE = 1 / 1.164;

/** Style of text; `size` in pixels, `colour` as ASS writes it. */
export interface AssStyle {
  readonly name: string;
  readonly font: string;
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
  /** Extra pixels between letters. */
  readonly spacing?: number;
}

/** A text or drawing that is on screen from one time to another. Higher layers cover lower ones. */
export interface AssEvent {
  readonly layer: number;
  /** Seconds from the start; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly style: string;
  /** ASS text: override tags in braces, and text that `assLiteral` made safe. */
  readonly text: string;
}

/** Text of an ASS file. */
export function assFile(frame: Size, styles: readonly AssStyle[], events: readonly AssEvent[]): string {
  return [
    '[Script Info]',
    'ScriptType: v4.00+',
    `PlayResX: ${frame.width}`,
    `PlayResY: ${frame.height}`,
    // No wrapping by libass, which depends on its version: our text has its own line breaks.
    'WrapStyle: 2',
    'ScaledBorderAndShadow: yes',
    'YCbCr Matrix: TV.709',
    '',
    '[V4+ Styles]',
    'Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Spacing, BorderStyle, Outline, Shadow, Alignment, ' +
      'MarginL, MarginR, MarginV, Encoding',
    ...styles.map(styleLine),
    '',
    '[Events]',
    'Format: Layer, Start, End, Style, MarginL, MarginR, MarginV, Text',
    ...events.map(
      (event) =>
        `Dialogue: ${event.layer},${time(event.from)},${time(event.to)},${event.style},0,0,0,${event.text}`,
    ),
    '',
  ].join('\n');
}

/**
 * Text that libass shows unchanged: braces would open override tags, and a backslash would begin an escape. A backslash
 * itself cannot be escaped; an invisible word joiner after it separates it from the next letter.
 */
export function assLiteral(text: string): string {
  return text.replace(/\r\n|[\n\r\u2028\u2029]|[\p{Cc}{\\]/gu, (found) => {
    if (found === '{') return '\\{';
    if (found === '\\') return '\\\u2060';
    return /[\n\r\u2028\u2029]/.test(found) ? '\\N' : found === '\t' ? ' ' : '';
  });
}

/** Path of a rectangle for a `\p1` drawing; pixels from the origin of the drawing. */
export function rectangle(corner: { readonly x: number; readonly y: number }, size: Size): string {
  const right = corner.x + size.width;
  const bottom = corner.y + size.height;
  return `m ${corner.x} ${corner.y} l ${right} ${corner.y} ${right} ${bottom} ${corner.x} ${bottom}`;
}

function styleLine(style: AssStyle): string {
  const look = [style.colour, style.bold ? -1 : 0, style.spacing ?? 0, 1, 0, 0, 7, 0, 0, 0];
  // Encoding -1: the letters of a line decide its direction, so that Arabic reads from the right.
  return `Style: ${[style.name, style.font, style.size, ...look, -1].join(',')}`;
}

/** H:MM:SS.cc, rounded down so that an event that begins with a frame is visible in that frame. */
function time(seconds: number): string {
  // 1.13 * 100 is 112.99999 in binary fractions.
  const hundredths = Math.floor(seconds * 100 + 1e-6);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const whole = Math.floor(hundredths / 100);
  return `${Math.floor(whole / 3600)}:${two((whole / 60) % 60)}:${two(whole % 60)}.${two(hundredths % 100)}`;
}
