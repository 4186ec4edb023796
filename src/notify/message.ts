import { Exit } from '../base/exit.js';
import type { Json, JsonObject } from '../base/json.js';
import { formatCount, formatSeconds } from '../base/units.js';
import { costSentence } from '../ui/cost-sentence.js';
import type { EndOfRun } from './end-of-run.js';

/** Discord refuses a longer `content`; the other chats take more. Characters. */
const LONGEST = 2_000;

/**
 * JSON for the webhook on `host`. Known chats get the form that they document: Google Chat refuses fields it does not know,
 * and Teams' workflows need a card. Other hosts get the message as `text` (Slack, Mattermost, Rocket.Chat, Zulip) and as
 * `content` (Discord), and all data as `shotlist`, for programs; a chat ignores fields it does not know.
 */
export function webhookBody(host: string, end: EndOfRun): JsonObject {
  const text = messageText(end).slice(0, LONGEST);
  if (isHostOf(host, ['hooks.slack.com', 'hooks.slack-gov.com', 'chat.googleapis.com'])) return { text };
  if (isHostOf(host, ['discord.com', 'discordapp.com'])) return discordMessage(text);
  if (isHostOf(host, ['logic.azure.com', 'powerplatform.com', 'webhook.office.com']))
    return teamsMessage(text);
  return { text, ...discordMessage(text), shotlist: end as unknown as Json };
}

function isHostOf(host: string, places: readonly string[]): boolean {
  return places.some((place) => host === place || host.endsWith(`.${place}`));
}

/** A message to Discord. It mentions no person, even if its text names one. */
function discordMessage(content: string): JsonObject {
  return { content, allowed_mentions: { parse: [] } };
}

/** A message to Teams with an Adaptive Card, version 1.2. */
function teamsMessage(text: string): JsonObject {
  const lines = text.split('\n').map((line) => ({ type: 'TextBlock', text: line, wrap: true }));
  const content = { type: 'AdaptiveCard', version: '1.2', body: lines };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

/** Submissions that the message names; the others are a number. Our choice. */
const MOST_NAMED = 10;

/** The end of a run as a text of two or three lines, without characters that a chat reads as mentions, links or markup. */
export function messageText(end: EndOfRun): string {
  const { list, provider, exit, states, seconds } = end;
  const all = Object.values(states).reduce((sum, count) => sum + count, 0);
  const subject = provider === 'local' ? 'The rehearsal of' : 'The run of';
  const first = `${subject} ${withoutMarkup(list)} ${outcomePhrase(exit)}: ${states.done ?? 0} of ${formatCount(all, 'clip')}, ${formatSeconds(seconds)}.`;
  return [first, ...(provider === 'local' ? [] : [costSentence(end)]), ...problemSentences(end)].join('\n');
}

function outcomePhrase(exit: number): string {
  if (exit === Exit.done) return 'is done';
  if (exit === Exit.interrupted) return 'was stopped';
  return `ended with exit ${exit}`;
}

function problemSentences({ states, blocked, left_out, failures }: EndOfRun): string[] {
  const counts = [
    ...(['failed', 'refused', 'unknown'] as const).flatMap((state) =>
      (states[state] ?? 0) > 0 ? [`${states[state]} ${state}`] : [],
    ),
    ...(blocked > 0 ? [`${blocked} blocked by another`] : []),
    ...(left_out > 0 ? [`${left_out} left out to keep a limit`] : []),
  ];
  if (counts.length === 0) return [];
  const total = (states.failed ?? 0) + (states.refused ?? 0) + (states.unknown ?? 0);
  const named = failures
    .slice(0, MOST_NAMED)
    .map(({ id, code }) => (code === null ? id : `${id} (${code})`))
    .map(withoutMarkup);
  const more = named.length < total ? [`${total - named.length} more`] : [];
  const names = named.length > 0 ? `: ${[...named, ...more].join(', ')}` : '';
  return [`${counts.join(', ')}${names}.`];
}

/** Letters, digits and a few signs only: `@everyone`, `<!channel>` and `[a link](https://…)` become ordinary words. */
function withoutMarkup(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} ().-]+/gu, '-').slice(0, 120);
}
