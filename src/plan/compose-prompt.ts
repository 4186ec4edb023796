import type { Camera } from '../language/shot-list.js';

/** Shot sizes as they are abbreviated on set, in the words that a model was trained on. */
const SIZES: Readonly<Record<string, string>> = {
  ECU: 'extreme close-up',
  BCU: 'big close-up',
  CU: 'close-up',
  MCU: 'medium close-up',
  MS: 'medium shot',
  MLS: 'medium long shot',
  MWS: 'medium wide shot',
  FS: 'full shot',
  LS: 'long shot',
  WS: 'wide shot',
  ELS: 'extreme long shot',
  EWS: 'extreme wide shot',
  OTS: 'over-the-shoulder shot',
  POV: 'point-of-view shot',
};

/** The prompt as it is written, and after it what the shot says beside it: camera first, then look, each a sentence. */
export function composePrompt(
  prompt: string,
  { camera, look }: { camera?: Camera | undefined; look?: string | undefined },
): string {
  const words = camera ? cameraWords(camera) : '';
  const added = [words, look === undefined || look === 'none' ? '' : look].filter(
    (part) => part.trim() !== '',
  );
  return added.map(capitalised).reduce((text, part) => `${ended(text.trimEnd())} ${part}`, prompt);
}

function cameraWords({ size, angle, move, lens }: Camera): string {
  const parts = [size === undefined ? undefined : (SIZES[size.toUpperCase()] ?? size), angle, move, lens];
  return parts.filter((part) => part !== undefined).join(', ');
}

function capitalised(text: string): string {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}

/** With a full stop, unless it ends in a mark of its own. */
function ended(text: string): string {
  return /[.!?…。！？:;,"”’')\]]$/u.test(text) ? text : `${text}.`;
}
