import { type DecodedFacts, isVideo, kindWords, type MediaFacts } from './facts.js';

/** A difference between a clip and what was asked, which a person should check before the clip is used. */
export interface Flag {
  readonly code:
    | 'length'
    | 'no-audio'
    | 'unasked-audio'
    | 'aspect'
    | 'black'
    | 'frozen'
    | 'silent'
    | 'damaged'
    | 'unreadable';
  /** A clause about `it`, the clip, without a full stop, such as `it lasts 3 s instead of 5 s`. */
  readonly message: string;
}

/** Properties that were asked of a clip. */
export interface Asked {
  readonly seconds: number;
  readonly audio: boolean;
  /** Width divided by height of the start image; null if it is unknown. */
  readonly aspect: number | null;
}

/** Largest difference in length, seconds: six pictures. Lengths of the service are not exact to the frame (5 s of Kling have 121 pictures at 24). */
export const LENGTH = 0.25;
/** Largest relative difference in shape: sides rounded to 16 pixels change it by 2.2 % at 720 lines; 16:9 and 1.85:1 differ by 4 %. */
const ASPECT = 0.03;
/** Shortest stretch that is flagged, seconds: the default of ffmpeg's blackdetect and freezedetect. Fades and pauses are shorter. */
const STRETCH = 2;
/** Loudest sample of silence, full scale 1: -60 dB, the default of ffmpeg's silencedetect. */
const SILENCE = 0.001;
/** Longest end without sound, seconds: encoders do not always write an end that has faded out. Our choice. */
const SOUNDLESS = 1;
/** Largest share of pictures in the index that may be missing: pictures at an edit cannot always be decoded. */
const UNDECODED = 0.02;

/** Flags of a clip, worst first. `decoded` is null for a clip whose pictures were not decoded. */
export function flagsOf(
  asked: Asked,
  { facts, decoded }: { readonly facts: MediaFacts; readonly decoded: DecodedFacts | null },
): readonly Flag[] {
  if (!isVideo(facts)) return [{ code: 'unreadable', message: `it is ${kindWords(facts)}, no usable video` }];
  return [
    ...(decoded ? damageFlags(decoded) : []),
    ...lengthFlags(asked, facts, decoded),
    ...aspectFlags(asked, facts),
    ...soundFlags(asked, facts, decoded),
    ...(decoded && decoded.pictures > 0 ? pictureFlags(decoded) : []),
  ];
}

function damageFlags({ pictures, indexed, patched }: DecodedFacts): readonly Flag[] {
  if (pictures >= Math.floor(indexed * (1 - UNDECODED)) - 1) {
    return patched ? [{ code: 'damaged', message: 'parts of its pictures cannot be decoded' }] : [];
  }
  const message =
    pictures === 0
      ? 'its pictures cannot be decoded'
      : `only ${pictures} of its ${indexed} pictures can be decoded`;
  return [{ code: 'damaged', message }];
}

function lengthFlags(asked: Asked, { duration }: MediaFacts, decoded: DecodedFacts | null): readonly Flag[] {
  if (Math.abs(duration - asked.seconds) > LENGTH) {
    const message = `it lasts ${secondsOf(duration)} instead of ${secondsOf(asked.seconds)}`;
    return [{ code: 'length', message }];
  }
  // Sound may continue after the last picture.
  if (!decoded || asked.seconds - decoded.shown <= LENGTH) return [];
  return [
    {
      code: 'length',
      message: `its picture ends after ${secondsOf(decoded.shown)} of ${secondsOf(duration)}`,
    },
  ];
}

function aspectFlags({ aspect: wanted }: Asked, { width, height }: MediaFacts): readonly Flag[] {
  if (wanted === null || Math.abs(width / height / wanted - 1) <= ASPECT) return [];
  const shape = `${(width / height).toFixed(2)}:1`;
  const message = `it has ${width} × ${height} pixels (${shape}), and starts from a picture of ${wanted.toFixed(2)}:1`;
  return [{ code: 'aspect', message }];
}

function soundFlags(asked: Asked, { audio }: MediaFacts, decoded: DecodedFacts | null): readonly Flag[] {
  const isSilent = audio !== null && decoded?.peak != null && decoded.peak < SILENCE;
  if (asked.audio && !audio) return [{ code: 'no-audio', message: 'it has no sound, which was asked for' }];
  if (asked.audio && isSilent) return [{ code: 'silent', message: 'its sound is silence all through' }];
  if (asked.audio && decoded?.heard != null && decoded.shown - decoded.heard > SOUNDLESS) {
    const message = `its sound ends after ${secondsOf(decoded.heard)} of ${secondsOf(decoded.shown)}`;
    return [{ code: 'no-audio', message }];
  }
  if (asked.audio || !audio || isSilent) return [];
  return [{ code: 'unasked-audio', message: 'it has sound, which was not asked for' }];
}

function pictureFlags({ black, frozen, shown }: DecodedFacts): readonly Flag[] {
  const flags: Flag[] = [];
  if (isLong(black, shown))
    flags.push({ code: 'black', message: `it is black ${lengthWords(black, shown)}` });
  // A black picture does not move either.
  if (isLong(frozen, shown) && !isLong(black, shown)) {
    flags.push({ code: 'frozen', message: `its picture stands still ${lengthWords(frozen, shown)}` });
  }
  return flags;
}

function isLong(seconds: number, shown: number): boolean {
  return seconds >= STRETCH || (shown > 0 && seconds >= shown * 0.95);
}

function lengthWords(seconds: number, shown: number): string {
  return seconds >= shown * 0.95 ? 'all through' : `for ${secondsOf(seconds)}`;
}

function secondsOf(seconds: number): string {
  return `${Number(seconds.toFixed(2))} s`;
}
