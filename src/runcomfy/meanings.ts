import type { RequestStatus } from './service.js';

/**
 * Sources of a meaning. `document`: the documents of the five models. `runcomfy`: RunComfy's own clients and docs pages, September
 * to November 2026. `kling`: Kling's own API. `host`: other hosts of the same models, which pass on words of their own.
 */
type Source = 'document' | 'runcomfy' | 'kling' | 'host';

/** Status words and their meaning. A word of an end is believed only with what belongs to it, see `answers.ts`. */
const WORDS: Readonly<Record<string, readonly [RequestStatus, Source]>> = {
  in_queue: ['queued', 'document'],
  pending: ['queued', 'runcomfy'],
  waiting: ['queued', 'runcomfy'],
  queued: ['queued', 'host'],
  queueing: ['queued', 'host'],
  queuing: ['queued', 'host'],
  submitted: ['queued', 'kling'],
  created: ['queued', 'host'],
  accepted: ['queued', 'host'],
  scheduled: ['queued', 'host'],
  throttled: ['queued', 'host'],
  in_progress: ['rendering', 'document'],
  starting: ['rendering', 'runcomfy'],
  processing: ['rendering', 'runcomfy'],
  preparing: ['rendering', 'host'],
  running: ['rendering', 'host'],
  generating: ['rendering', 'host'],
  rendering: ['rendering', 'host'],
  completed: ['completed', 'document'],
  succeeded: ['completed', 'runcomfy'],
  succeed: ['completed', 'kling'],
  success: ['completed', 'host'],
  successful: ['completed', 'host'],
  complete: ['completed', 'host'],
  done: ['completed', 'host'],
  finished: ['completed', 'host'],
  failed: ['failed', 'runcomfy'],
  fail: ['failed', 'host'],
  failure: ['failed', 'host'],
  error: ['failed', 'host'],
  rejected: ['failed', 'host'],
  nsfw: ['failed', 'host'],
  cancelled: ['cancelled', 'document'],
  canceled: ['cancelled', 'runcomfy'],
};

const MEANING_OF_LETTERS: ReadonlyMap<string, RequestStatus> = new Map(
  Object.entries(WORDS).map(([word, [meaning]]) => [lettersOf(word), meaning]),
);

/** Meaning of a status word, in any spelling (`IN_PROGRESS`, `in-progress`, `InProgress`); `unfamiliar` for any other word. */
export function statusOfWord(word: string): RequestStatus {
  return MEANING_OF_LETTERS.get(lettersOf(word)) ?? 'unfamiliar';
}

function lettersOf(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
}
