import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyState } from '../../src/run/journal/fold.js';
import { Journal } from '../../src/run/journal/journal.js';
import { type JournalFile, readJournal } from '../../src/run/journal/journal-file.js';
import { type AttemptRecord, readRecord } from '../../src/run/journal/record.js';
import { journaled } from '../../src/run/requests/submit-shot.js';
import { FACTS, hash, submission } from './world.js';

const AT = '2026-11-21T08:00:00.000Z';

function submitting(id: string): AttemptRecord {
  const one = submission(id);
  return { type: 'submitting', at: AT, key: one.key, attempt: 1, submission: journaled(one) };
}

class FakeFile implements JournalFile {
  text = '';
  syncs = 0;
  failAt = Number.POSITIVE_INFINITY;
  failOnce = false;

  async append(bytes: Uint8Array): Promise<void> {
    const fails = this.failOnce || this.syncs + 1 >= this.failAt;
    this.failOnce = false;
    if (fails) throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
    this.text += Buffer.from(bytes).toString();
  }

  async sync(): Promise<void> {
    this.syncs += 1;
  }

  async close(): Promise<void> {}
}

describe('appending', () => {
  it('lets many records of the journal share one fsync, in the order of the calls', async () => {
    const file = new FakeFile();
    const journal = new Journal({ open: async () => file, fold: new Map() });
    const ids = Array.from({ length: 500 }, (_, index) => `shot${index}`);
    await Promise.all(ids.map((id) => journal.append(submitting(id))));
    expect(file.syncs).toBeLessThan(5);
    const written = file.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).submission.id);
    expect(written).toEqual(ids);
  });

  it('syncs every record of the journal before it answers', async () => {
    const file = new FakeFile();
    const journal = new Journal({ open: async () => file, fold: new Map() });
    const base = { at: AT, key: submission('cliff').key, attempt: 1 };
    await journal.append(submitting('cliff'));
    await journal.append({ ...base, type: 'submitted', request_id: 'r-1' });
    expect(file.syncs).toBe(2);
    await journal.append({ ...base, type: 'completed', outputs: ['https://x.test/1.mp4'], cost: null });
    expect(journal.get(base.key)?.state).toBe('completed');
    expect(file.text).toContain('"completed"');
    expect(file.syncs).toBe(3);
    await journal.append(submitting('dunes'));
    expect(file.syncs).toBe(4);
    await journal.append({ ...base, type: 'completed', outputs: ['https://x.test/2.mp4'], cost: null });
    expect(file.syncs).toBe(5);
    await journal.close();
  });

  it('writes an answer, and rejects the rest of its batch, when the disk is full', async () => {
    const file = new FakeFile();
    const fold = new Map<string, KeyState>();
    const journal = new Journal({ open: async () => file, fold });
    await journal.append(submitting('cliff'));
    file.failOnce = true;
    const key = hash('cliff');
    const all = await Promise.allSettled([
      journal.append(submitting('beach')),
      journal.append({ type: 'submitted', at: AT, key, attempt: 1, request_id: 'r-1' }),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(fold.get(key)?.state).toBe('submitted');
    expect([...fold.keys()]).toEqual([key]);
    const lost = { status: null, code: null, message: 'The answer was lost.' };
    await journal.append({ type: 'lost', at: AT, key, attempt: 1, ...lost });
    expect(fold.get(key)?.state).toBe('unknown');
  });

  it('refuses every record after a failed write of the journal, and keeps the fold as it is on disk', async () => {
    const file = new FakeFile();
    file.failAt = 2;
    const fold = new Map<string, KeyState>();
    const journal = new Journal({ open: async () => file, fold });
    await journal.append(submitting('cliff'));
    await expect(journal.append(submitting('beach'))).rejects.toThrow('full');
    file.failAt = Number.POSITIVE_INFINITY;
    await expect(journal.append(submitting('pier'))).rejects.toThrow('full');
    expect([...fold.keys()]).toEqual([hash('cliff')]);
  });

  it('accepts no second `submitting` record for a key that the service may have accepted', async () => {
    const journal = new Journal({ open: async () => new FakeFile(), fold: new Map() });
    await journal.append(submitting('cliff'));
    expect(() => journal.append({ ...submitting('cliff'), attempt: 2 })).toThrow('cannot follow');
  });
});

describe('reading', () => {
  const path = () => join(mkdtempSync(join(tmpdir(), 'shotlist-journal-')), 'journal.ndjson');
  const OPEN = '{"v":1,"type":"open","service":"local"}\n';
  const line = (record: unknown) => `${JSON.stringify(record)}\n`;

  it.each([
    [
      'a later version',
      '{"v":2,"type":"open","service":"local"}\n',
      'line 1: its version is 2: a newer version',
    ],
    [
      'a record type of a later version',
      `${OPEN}{"type":"rated"}\n`,
      'line 2: its type is "rated": a newer version',
    ],
    ['a missing first line', line(submitting('cliff')), 'line 1: the first line must say'],
    [
      'an answer with no question',
      `${OPEN}${line({ type: 'cancelled', at: AT, key: hash('a'), attempt: 1 })}`,
      'line 2',
    ],
    [
      'a field of the wrong kind',
      `${OPEN}${line({ ...submitting('cliff'), attempt: 'one' })}`,
      '`attempt` must be a whole',
    ],
    [
      'a file name that leaves the folder',
      `${OPEN}${line({ type: 'downloaded', at: AT, key: hash('a'), attempt: 1, url: 'https://a', file: 'videos/../../x', bytes: 1, sha256: hash('a'), media: null })}`,
      '`file` must be a file directly in `videos/`',
    ],
    [
      'bytes that are no text',
      Buffer.concat([Buffer.from(OPEN), Buffer.from([0xff, 10])]),
      'line 2: it is not UTF-8',
    ],
  ])('stops reading a journal at %s, and names the line', async (_name, content, message) => {
    const file = path();
    await writeFile(file, content);
    expect(await readJournal(file)).toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining(message),
    });
  });

  it('accepts a `submitting` record for a clip that is here only if a person wants it again', async () => {
    const journal = new Journal({ open: async () => new FakeFile(), fold: new Map() });
    const sent = submitting('cliff');
    const { key } = sent;
    const base = { at: AT, key, attempt: 1 };
    const url = 'https://files.runcomfy.net/1.mp4';
    const clip = { url, file: 'videos/cliff.0.mp4', bytes: 3, sha256: hash('a'), media: FACTS };
    await journal.append(sent);
    await journal.append({ ...base, type: 'submitted', request_id: 'req-1' });
    await journal.append({ ...base, type: 'completed', outputs: [url], cost: 0.5 });
    await journal.append({ ...base, type: 'downloaded', ...clip });
    const again = { ...sent, attempt: 2 } as AttemptRecord & { type: 'submitting' };
    expect(() => journal.append(again)).toThrow('cannot follow');
    await journal.append({ ...again, again: true });
    expect(journal.get(key)).toMatchObject({ state: 'unknown', attempts: 2, outputs: [] });
    await journal.append({ ...base, attempt: 2, type: 'refused', status: 422, code: null, message: 'No.' });
    expect(journal.get(key)).toMatchObject({
      state: 'done',
      attempts: 2,
      requestId: 'req-1',
      outputs: [clip],
    });
  });

  it('treats a journal without a whole line as missing', async () => {
    const file = path();
    await writeFile(file, OPEN.slice(0, 20));
    expect(await readJournal(file)).toEqual({ kind: 'none' });
  });

  it('never throws for a line of the journal, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof readRecord(text).ok).toBe('boolean');
      }),
    );
  });

  it('reads any prefix of a journal as its whole lines', async () => {
    const file = path();
    const text = `${OPEN}${line(submitting('cliff'))}${line(submitting('beach'))}`;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length }), async (length) => {
        await writeFile(file, text.slice(0, length));
        const lines = text.slice(0, length).split('\n').length - 1;
        const read = await readJournal(file);
        expect(read.kind === 'read' ? read.fold.size : -1).toBe(lines - 1);
      }),
      { numRuns: 40 },
    );
    expect((await readFile(file)).length).toBeLessThanOrEqual(text.length);
  });
});
