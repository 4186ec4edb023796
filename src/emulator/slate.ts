import { type AssEvent, assLiteral, EMS_PER_SIZE, rectangle, type Size } from '../media/ass.js';
import { widthOf, wrapText } from '../media/wrap-text.js';

/** Colour of the card for a remote picture, as ffmpeg writes it. */
export const SLATE_COLOUR = '0x1d2229';

/** A card in place of a picture that is a link: a rehearsal fetches nothing. */
export interface Slate {
  readonly url: string;
  /** The picture that it replaces. */
  readonly label: 'START IMAGE' | 'END IMAGE';
}

/** Text and viewfinder of a card, for the first second of a picture that is then repeated. */
export function slateEvents({ url, label }: Slate, frame: Size): readonly AssEvent[] {
  const time = { from: 0, to: 1 };
  const unit = Math.min(frame.width, frame.height) / 720;
  const size = (pixels: number) => `\\fs${Math.round(pixels * unit)}`;
  const { host, file } = addressOf(url);
  const room = frame.width * 0.66;
  const lines = (text: string, pixels: number) =>
    wrapText(text, { ems: room / (pixels * unit * EMS_PER_SIZE), lines: 2 })
      .lines.map(assLiteral)
      .join('\\N');
  // A long host is smaller, so that it fits on one line.
  const large = Math.max(26, Math.min(46, Math.floor(room / (widthOf(host) * unit * EMS_PER_SIZE))));
  const centre = `\\an5\\pos(${frame.width / 2},${frame.height / 2})`;
  const text = [
    `{${size(20)}\\b1\\1c&H62BDF5&\\fsp${Math.round(3 * unit)}}${label}`,
    `{${size(14)}} `,
    `{${size(large)}\\b0\\1c&HF2F2F2&\\fsp0}${lines(host, large)}`,
    `{${size(24)}\\1c&HC4C4C4&}${lines(file, 24)}`,
    `{${size(14)}} `,
    `{${size(20)}\\1c&H9A9088&}A rehearsal does not fetch links`,
  ].join('\\N');
  return [
    { ...time, layer: 0, style: 'shape', text: `{${centre}\\1c&H5A4F46&\\p1}${framing(frame)}` },
    { ...time, layer: 1, style: 'slate', text: `{${centre}}${text}` },
  ];
}

/** Corners of a viewfinder, as one drawing around the middle of the frame. */
function framing(frame: Size): string {
  const width = Math.round(frame.width * 0.74);
  const height = Math.round(frame.height * 0.6);
  const arm = Math.round(Math.min(width, height) * 0.09);
  const thin = Math.max(2, Math.round(Math.min(frame.width, frame.height) / 360));
  const lefts = [0, width - arm];
  const tops = [0, height - arm];
  const across = lefts.flatMap((x) =>
    [0, height - thin].map((y) => rectangle({ x, y }, { width: arm, height: thin })),
  );
  const down = tops.flatMap((y) =>
    [0, width - thin].map((x) => rectangle({ x, y }, { width: thin, height: arm })),
  );
  return [...across, ...down].join(' ');
}

/** Host and file name of a link. Its query is never shown, because it may hold a key. */
function addressOf(url: string): { host: string; file: string } {
  try {
    const { hostname, pathname } = new URL(url);
    const last = pathname.split('/').filter(Boolean).at(-1) ?? '/';
    return { host: hostname || url.slice(0, 60), file: decodedPart(last) };
  } catch {
    return { host: 'not a link', file: url.slice(0, 200) };
  }
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
