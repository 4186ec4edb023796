import { describe, expect, it } from 'vitest';
import { type EndOfRun, endOfRun } from '../../src/notify/end-of-run.js';
import { messageText, webhookBody } from '../../src/notify/message.js';
import type { RunFinished } from '../../src/run/events.js';

const END: EndOfRun = {
  list: 'film',
  provider: 'runcomfy',
  exit: 2,
  states: { done: 11, failed: 2, unknown: 1 },
  blocked: 1,
  left_out: 0,
  usd: 12.5,
  usd_unknown: 1,
  usd_estimated: 0.63,
  seconds: 4000,
  failures: [
    { id: 'beach', state: 'failed', code: '422001' },
    { id: 'cliff', state: 'failed', code: null },
  ],
};

describe('the words of a notice', () => {
  it('tells the result of a run, its cost and its failures in a notice', () => {
    expect(messageText(END)).toBe(
      `The run of film ended with exit 2: 11 of 14 clips, 1 h 6 m.
This run cost about $13.13: $12.50 as the service reports it, the rest as estimated.
2 failed, 1 unknown, 1 blocked by another: beach (422001), cliff, 1 more.`,
    );
  });

  it('tells only result and cost in the notice of a run without failures', () => {
    const fine = {
      ...END,
      exit: 0,
      states: { done: 3 },
      blocked: 0,
      failures: [],
      usd_unknown: 0,
      usd_estimated: 0,
    };
    expect(messageText(fine)).toBe(
      'The run of film is done: 3 of 3 clips, 1 h 6 m.\nThis run cost $12.50, as the service reports it.',
    );
    expect(messageText({ ...fine, provider: 'local', exit: 130 })).toBe(
      'The rehearsal of film was stopped: 3 of 3 clips, 1 h 6 m.',
    );
  });

  it('tells in a notice how many submissions were left out to keep a limit', () => {
    const short = {
      ...END,
      exit: 75,
      states: { done: 3, planned: 4 },
      blocked: 0,
      left_out: 4,
      failures: [],
    };
    expect(messageText(short).split('\n')[2]).toBe('4 left out to keep a limit.');
  });

  it.each([
    '@everyone',
    '<!channel>',
    '[a](https://evil.example)',
    '<https://evil.example|a>',
    '`*_~#',
    'a\nb\u202e',
  ])('writes no mention and no link into the notice of a list called %j', (list) => {
    expect(messageText({ ...END, list }).split('\n')[0]).toMatch(
      /^The run of [\p{L}\d ().-]* ended with exit 2:/u,
    );
  });
});

describe('the body of a notice', () => {
  const text = messageText(END);
  const mentions = { allowed_mentions: { parse: [] } };

  it.each([
    ['hooks.slack.com', { text }],
    ['chat.googleapis.com', { text }],
    ['discord.com', { content: text, ...mentions }],
    ['canary.discord.com', { content: text, ...mentions }],
    ['chat.example.com', { text, content: text, ...mentions, shotlist: END }],
    ['hooks.slack.com.evil.example', { text, content: text, ...mentions, shotlist: END }],
  ])('posts the notice in the form that %s takes', (host, body) => {
    expect(webhookBody(host, END)).toEqual(body);
  });

  it.each(['prod-07.westeurope.logic.azure.com', 'x.api.powerplatform.com', 'acme.webhook.office.com'])(
    'posts the notice as a card to %s',
    (host) => {
      expect(webhookBody(host, END)).toMatchObject({
        type: 'message',
        attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
      });
    },
  );

  it('leaves the texts of the service and of the list out of a notice', () => {
    const error = { code: 'Your prompt "A cliff" is refused', message: 'A cliff is refused' };
    const entry = { id: 'cliff', state: 'failed', error, prompt: 'A cliff' };
    const manifest = { submissions: [entry, { ...entry, state: 'done' }] } as never;
    const finished = {
      exit: 1,
      states: {},
      blocked: 0,
      left_out: 2,
      usd: 0,
      usd_unknown: 0,
      usd_estimated: 0,
      elapsed: 1.4,
    } as RunFinished;
    const end = endOfRun(finished, { list: 'film', provider: 'runcomfy', manifest });
    expect(end.failures).toEqual([{ id: 'cliff', state: 'failed', code: null }]);
    expect(JSON.stringify(end)).not.toContain('A cliff');
  });
});
