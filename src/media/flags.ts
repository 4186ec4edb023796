import type { MediaFacts } from './facts.js';
import type { Sight } from './sight.js';

/** Something about a clip that a person should look at before it is used. */
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
  /** In a few words, with `it` for the clip and without an end, such as `it lasts 3 s instead of 5 s`. */
  readonly message: string;
}

/** What a clip was to be. */
export interface Asked {
  readonly seconds: number;
  readonly audio: boolean;
  /** Width by height of the picture that it starts from; null where that is not known. */
  readonly aspect: number | null;
}

/** The service's lengths are not exact to the frame (Kling's 5 s have 121 pictures at 24): six pictures are more than that. */
const LENGTH = 0.25;
/** Sides rounded to 16 pixels change the shape of 720 lines by 2.2 %; 16:9 and 1.85:1, which people tell apart, by 4 %. */
const ASPECT = 0.03;
/** Two seconds are what ffmpeg's blackdetect and freezedetect report unless told otherwise; fades and beats are shorter. */
const STRETCH = 2;
/** Full scale is 1: -60 dB, what ffmpeg's silencedetect takes for noise unless told otherwise. */
const SILENCE = 0.001;
/** So much of its end may be without sound, seconds: an ending that has died away is not always written. Our choice. */
const SOUNDLESS = 1;
/** Of the pictures that its index names, so many may be missing: what is cut at an edit cannot always be decoded. */
const UNDECODED = 0.02;

/** How a clip differs from what was asked for, worst first. `sight` is null where its pictures were not looked at. */
export function flagsOf(
  asked: Asked,
  { facts, sight }: { readonly facts: MediaFacts; readonly sight: Sight | null },
): readonly Flag[] {
  return [
    ...(sight ? damage(sight) : []),
    ...length(asked, facts, sight),
    ...aspect(asked, facts),
    ...sound(asked, facts, sight),
    ...(sight && sight.pictures > 0 ? picture(sight) : []),
  ];
}

function damage({ pictures, indexed, patched }: Sight): readonly Flag[] {
  if (pictures >= Math.floor(indexed * (1 - UNDECODED)) - 1) {
    return patched ? [{ code: 'damaged', message: 'parts of its pictures cannot be decoded' }] : [];
  }
  const message =
    pictures === 0
      ? 'its pictures cannot be decoded'
      : `only ${pictures} of its ${indexed} pictures can be decoded`;
  return [{ code: 'damaged', message }];
}

function length(asked: Asked, { duration }: MediaFacts, sight: Sight | null): readonly Flag[] {
  if (Math.abs(duration - asked.seconds) > LENGTH) {
    const message = `it lasts ${secondsOf(duration)} instead of ${secondsOf(asked.seconds)}`;
    return [{ code: 'length', message }];
  }
  // Sound may go on where there are no pictures any more.
  if (!sight || asked.seconds - sight.shown <= LENGTH) return [];
  return [
    { code: 'length', message: `its picture ends after ${secondsOf(sight.shown)} of ${secondsOf(duration)}` },
  ];
}

function aspect({ aspect: wanted }: Asked, { width, height }: MediaFacts): readonly Flag[] {
  if (wanted === null || Math.abs(width / height / wanted - 1) <= ASPECT) return [];
  const shape = `${(width / height).toFixed(2)}:1`;
  const message = `it has ${width} × ${height} pixels (${shape}), and starts from a picture of ${wanted.toFixed(2)}:1`;
  return [{ code: 'aspect', message }];
}

function sound(asked: Asked, { audio }: MediaFacts, sight: Sight | null): readonly Flag[] {
  const isSilent = audio !== null && sight?.peak != null && sight.peak < SILENCE;
  if (asked.audio && !audio) return [{ code: 'no-audio', message: 'it has no sound, which was asked for' }];
  if (asked.audio && isSilent) return [{ code: 'silent', message: 'its sound is silence all through' }];
  if (asked.audio && sight?.heard != null && sight.shown - sight.heard > SOUNDLESS) {
    const message = `its sound ends after ${secondsOf(sight.heard)} of ${secondsOf(sight.shown)}`;
    return [{ code: 'no-audio', message }];
  }
  if (asked.audio || !audio || isSilent) return [];
  return [{ code: 'unasked-audio', message: 'it has sound, which was not asked for' }];
}

function picture({ black, frozen, shown }: Sight): readonly Flag[] {
  const flags: Flag[] = [];
  if (isLong(black, shown)) flags.push({ code: 'black', message: `it is black ${stretch(black, shown)}` });
  // Black does not move either.
  if (isLong(frozen, shown) && !isLong(black, shown)) {
    flags.push({ code: 'frozen', message: `its picture stands still ${stretch(frozen, shown)}` });
  }
  return flags;
}

function isLong(seconds: number, shown: number): boolean {
  return seconds >= STRETCH || (shown > 0 && seconds >= shown * 0.95);
}

function stretch(seconds: number, shown: number): string {
  return seconds >= shown * 0.95 ? 'all through' : `for ${secondsOf(seconds)}`;
}

function secondsOf(seconds: number): string {
  return `${Number(seconds.toFixed(2))} s`;
}
