import type { ImportedShot } from './imported.js';

/** What a shot without words says, so that it can be rehearsed before anybody has written it. */
const NEUTRAL = 'The camera pushes in slowly.';

/** A prompt, and whether somebody still has to say what happens. */
export interface Prompt {
  readonly text: string;
  readonly toWrite: boolean;
}

/** What happens and what is said, as one line that a shot list takes for a prompt. */
export function promptOf({ action, dialogue }: Pick<ImportedShot, 'action' | 'dialogue'>): Prompt {
  const happens = oneLine(action ?? '');
  const said = oneLine(dialogue ?? '');
  const first = happens === '' ? NEUTRAL : happens;
  const text = said === '' ? first : `${ended(first)} ${spoken(said)}`;
  return { text: literal(text.replaceAll('@', '@@')), toWrite: happens === '' };
}

/** Text in which nothing is taken for a variable of the list. */
export function literal(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** Text without what YAML or a terminal would trip over; lines are kept. */
export function plainText(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  return lines.map(oneLine).join('\n').trim();
}

/** Text on one line, white space as single spaces. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
}

/** `ANNA: Wait for me` becomes who says what: quotation marks tell the model that it is speech. */
function spoken(said: string): string {
  const match = /^([^:"“]{1,40}):\s*(.+)$/.exec(said);
  const [, speaker, words] = match ?? [];
  return speaker === undefined || words === undefined
    ? `Someone says: ${shellWord(said)}`
    : `${speaker.trim()} says: ${shellWord(words)}`;
}

/** With a full stop, unless it ends in a mark of its own. */
function ended(text: string): string {
  return /[\p{P}]$/u.test(text) ? text : `${text}.`;
}

function shellWord(words: string): string {
  return /^["“„«].*["”“»]$/.test(words) ? words : `“${words}”`;
}
