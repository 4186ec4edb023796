import { normalText } from '../base/text.js';
import type { ImportedShot } from './imported.js';

/** Prompt of a shot without words, so that the list can be rehearsed before it is written. */
const NEUTRAL = 'The camera pushes in slowly.';

/** A prompt made from the source's words. */
export interface Prompt {
  readonly text: string;
  /** True if the source does not say what happens. */
  readonly toWrite: boolean;
}

/** Joins action and dialogue into one line, escaped for a shot list. */
export function promptOf({ action, dialogue }: Pick<ImportedShot, 'action' | 'dialogue'>): Prompt {
  const happens = oneLine(action ?? '');
  const said = oneLine(dialogue ?? '');
  const first = happens === '' ? NEUTRAL : happens;
  const text = said === '' ? first : `${withFullStop(first)} ${speech(said)}`;
  return { text: escapeVariables(text.replaceAll('@', '@@')), toWrite: happens === '' };
}

/** Escapes a text so that nothing in it is read as a variable. */
export function escapeVariables(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** Removes control characters from a text, line by line. */
export function withoutControls(text: string): string {
  return normalText(text).split('\n').map(oneLine).join('\n').trim();
}

/** Puts a text on one line: white space and control characters become single spaces. */
export function oneLine(text: string): string {
  return normalText(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
}

/** Turns `ANNA: Wait for me` into a sentence with a speaker; quotation marks tell the model that it is speech. */
function speech(said: string): string {
  const match = /^([^:"“]{1,40}):\s*(.+)$/.exec(said);
  const [, speaker, words] = match ?? [];
  return speaker === undefined || words === undefined
    ? `Someone says: ${inQuotes(said)}`
    : `${speaker.trim()} says: ${inQuotes(words)}`;
}

/** Adds a full stop, unless the text ends with a mark. */
function withFullStop(text: string): string {
  return /[\p{P}]$/u.test(text) ? text : `${text}.`;
}

function inQuotes(words: string): string {
  return /^["“„«].*["”“»]$/.test(words) ? words : `“${words}”`;
}
