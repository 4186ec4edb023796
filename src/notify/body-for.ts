import type { Json, JsonObject } from '../base/json.js';
import type { EndOfRun } from './end-of-run.js';
import { wordsFor } from './words.js';

/** Discord refuses a longer `content`; the others take more. Characters. */
const LONGEST = 2_000;

/**
 * The JSON that the webhook on `host` takes. Chats that are known get the form they document: Google Chat refuses fields
 * it does not know, and Teams' workflows want a card. Anyone else gets the words as `text` (Slack, Mattermost, Rocket.Chat,
 * Zulip) and as `content` (Discord), and everything as `shotlist`, for programs; what a chat does not know it ignores.
 */
export function bodyFor(host: string, end: EndOfRun): JsonObject {
  const text = wordsFor(end).slice(0, LONGEST);
  if (isAt(host, ['hooks.slack.com', 'hooks.slack-gov.com', 'chat.googleapis.com'])) return { text };
  if (isAt(host, ['discord.com', 'discordapp.com'])) return discord(text);
  if (isAt(host, ['logic.azure.com', 'powerplatform.com', 'webhook.office.com'])) return card(text);
  return { text, ...discord(text), shotlist: end as unknown as Json };
}

function isAt(host: string, places: readonly string[]): boolean {
  return places.some((place) => host === place || host.endsWith(`.${place}`));
}

/** Nobody is called, whatever the words are. */
function discord(content: string): JsonObject {
  return { content, allowed_mentions: { parse: [] } };
}

/** An Adaptive Card, version 1.2, as a message to Teams carries it. */
function card(text: string): JsonObject {
  const lines = text.split('\n').map((line) => ({ type: 'TextBlock', text: line, wrap: true }));
  const content = { type: 'AdaptiveCard', version: '1.2', body: lines };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}
