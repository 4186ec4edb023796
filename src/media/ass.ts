// Advanced SubStation Alpha, as libass reads it: positions in pixels of the frame, colours as &HBBGGRR&.

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Ems in one pixel of ASS font size. ASS means the height of a line by it, ascender to descender; of DejaVu that is
 * 1.164 ems (its `hhea` table).
 */
export const EMS_PER_SIZE = 1 / 1.164;

/** How a kind of text looks; `size` in pixels, `colour` as ASS writes it. */
export interface AssStyle {
  readonly name: string;
  readonly font: string;
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
  /** Extra pixels between letters. */
  readonly spacing?: number;
}

/** Something on screen for a while. Higher layers cover lower ones. */
export interface AssEvent {
  readonly layer: number;
  /** Seconds from the start; gone at `to`. */
  readonly from: number;
  readonly to: number;
  readonly style: string;
  /** ASS text: override tags in braces, and what `assLiteral` made safe. */
  readonly text: string;
}

/** A whole ASS file. */
export function assFile(frame: Size, styles: readonly AssStyle[], events: readonly AssEvent[]): string {
  return [
    '[Script Info]',
    'ScriptType: v4.00+',
    `PlayResX: ${frame.width}`,
    `PlayResY: ${frame.height}`,
    // Lines are broken by us: what libass would do depends on its version.
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
 * Text that libass shows as it stands: braces would open override tags, and a backslash would begin an escape.
 * A backslash has no escape of its own; an invisible word joiner after it keeps it from taking the next letter.
 */
export function assLiteral(text: string): string {
  return text.replace(/\r\n|[\n\r\u2028\u2029]|[\p{Cc}{\\]/gu, (found) => {
    if (found === '{') return '\\{';
    if (found === '\\') return '\\\u2060';
    return /[\n\r\u2028\u2029]/.test(found) ? '\\N' : found === '\t' ? ' ' : '';
  });
}

/** A filled polygon path for a `\p1` drawing: one rectangle, pixels from the drawing's own origin. */
export function rectangle(corner: { readonly x: number; readonly y: number }, size: Size): string {
  const right = corner.x + size.width;
  const bottom = corner.y + size.height;
  return `m ${corner.x} ${corner.y} l ${right} ${corner.y} ${right} ${bottom} ${corner.x} ${bottom}`;
}

function styleLine(style: AssStyle): string {
  const look = [style.colour, style.bold ? -1 : 0, style.spacing ?? 0, ...[1, 0, 0], 7, ...[0, 0, 0]];
  // Encoding -1: a line's direction is that of its own letters, so that Arabic reads from the right.
  return `Style: ${[style.name, style.font, style.size, ...look, -1].join(',')}`;
}

/** H:MM:SS.cc, rounded down so that an event that begins with a frame is there in that frame. */
function time(seconds: number): string {
  // The nudge keeps 1.13 from becoming 112.99999 hundredths.
  const hundredths = Math.floor(seconds * 100 + 1e-6);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const whole = Math.floor(hundredths / 100);
  return `${Math.floor(whole / 3600)}:${two((whole / 60) % 60)}:${two(whole % 60)}.${two(hundredths % 100)}`;
}
