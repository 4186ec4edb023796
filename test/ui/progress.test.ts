import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { figures } from 'listr2';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { createNdjson, createProgress } from '../../src/ui/progress.js';
import { download, shot, started } from './events.js';

const ESC = '\u001b';

/** A stream that keeps what is written, with a size that can be changed. */
function screen(size = { columns: 80, rows: 24 }) {
  const written: string[] = [];
  const stream = Object.assign(new PassThrough(), size, {
    isTTY: true,
    write: (chunk: string) => written.push(String(chunk)) > 0,
  });
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

/** Final text on the terminal, after the control codes that move the cursor and erase. */
function shown(written: readonly string[]): string {
  const lines = [''];
  let row = 0;
  const codes = new RegExp(`${ESC}\\[\\??[0-9]*[a-zA-Z]|\\n|[^${ESC}\\n]+`, 'g');
  for (const [part] of written.join('').matchAll(codes)) {
    if (part === '\n') {
      row += 1;
      lines[row] ??= '';
    } else if (part === `${ESC}[2K`) lines[row] = '';
    else if (part === `${ESC}[1A`) row -= 1;
    else if (!part.startsWith(ESC)) lines[row] += part;
  }
  return lines.join('\n').trimEnd();
}

/** A clock that stands, and a sleep that ends when the test says so. */
function clock() {
  const waiting: (() => void)[] = [];
  return {
    now: () => 0,
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => resolve());
      }),
    /** Lets the next frame be drawn. */
    async tick() {
      await until(() => waiting.length > 0);
      for (const wake of waiting.splice(0)) wake();
      await until(() => waiting.length > 0);
    },
  };
}

/** Gives way to what is under way until a thing has come about. */
async function until(condition: () => boolean) {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const failure = { state: 'failed', message: 'Content \u001b[31mrejected.' } as const;

describe('progress on a terminal', () => {
  it('terminal progress keeps failures and prints each finished clip of a small run', async () => {
    const { stream, written } = screen();
    const time = clock();
    const progress = createProgress({ stream, isTTY: true, color: false, ...time });
    progress.emit(started(3));
    progress.emit(shot('cliff'));
    await time.tick();
    expect(shown(written)).toBe(
      [
        '3 to render; estimated cost $1.26',
        `${figures.pointer} 0 of 3 done  1 in flight  2 waiting  $0.00 so far  $1.26 to come  0s`,
        '    cliff  rendering  0s',
      ].join('\n'),
    );
    progress.emit(shot('cliff', { state: 'done', file: 'videos/cliff.mp4', usd: 0.84 }));
    progress.emit(shot('beach', failure));
    await time.tick();
    await progress.end();
    expect(shown(written)).toBe(
      [
        '3 to render; estimated cost $1.26',
        'cliff  done  videos/cliff.mp4  $0.84',
        'beach  failed  Content ␛[31mrejected.',
      ].join('\n'),
    );
  });

  it('terminal progress redraws within the screen, also after its size changes', async () => {
    const { stream, written } = screen();
    const time = clock();
    const progress = createProgress({ stream, isTTY: true, color: false, ...time });
    progress.emit(started(400));
    for (let index = 0; index < 100; index += 1) progress.emit(shot(`a-rather-long-shot-name-${index}`));
    await time.tick();
    Object.assign(stream, { columns: 40, rows: 10 });
    await time.tick();
    const before = written.length;
    progress.emit(shot('one-more'));
    await time.tick();
    await progress.end();
    const frames = written.slice(before).map((chunk) => stripVTControlCharacters(chunk).split('\n'));
    expect(frames.some((lines) => lines.some((line) => line.includes('+ 95 more')))).toBe(true);
    for (const lines of frames) {
      expect(lines.length).toBeLessThanOrEqual(10);
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(40);
    }
  });

  it('terminal progress leaves signals to the run', async () => {
    const before = process.listeners('SIGINT');
    const time = clock();
    const progress = createProgress({ stream: screen().stream, isTTY: true, color: false, ...time });
    progress.emit(started(1));
    await time.tick();
    const added = process.listeners('SIGINT').filter((listener) => !before.includes(listener));
    expect(added.map(String).filter((code) => code.includes('127'))).toEqual([]);
    await progress.end();
  });

  it('terminal progress ends quietly when nothing began', async () => {
    const { stream, written } = screen();
    await createProgress({ stream, isTTY: true, color: false, ...clock() }).end();
    expect(written).toEqual([]);
  });
});

describe('progress in a pipe', () => {
  it('progress in a pipe is a plain line for each change that matters', async () => {
    const { stream, written } = screen();
    const progress = createProgress({ stream, isTTY: false, color: false, ...clock() });
    progress.emit(
      started(2, {
        counts: { total: 5, kept: 2, not_here: 0, adopted: 1, to_fetch: 0, to_send: 2, to_retry: 0, held: 0 },
        usd: 2.69,
        usd_unknown: 1,
      }),
    );
    for (const place of [2, 1, 0]) {
      progress.emit(shot('cliff', { state: 'queued', queue_position: place }));
    }
    progress.emit(shot('cliff'));
    progress.emit(shot('cliff', { state: 'downloading' }));
    progress.emit(download('cliff', 10, 100));
    progress.emit(shot('cliff', { state: 'done', file: 'videos/cliff.mp4' }));
    progress.emit(shot('beach', failure));
    progress.emit({ event: 'notice', at: '', level: 'warning', message: 'Slower now.' });
    await progress.end();
    expect(written.join('')).toBe(
      [
        '2 to render, 1 already with the service, 2 here from before; estimated cost $2.69 + 1 unknown',
        'cliff  submitted  req-cliff',
        'cliff  done  videos/cliff.mp4',
        'beach  failed  Content ␛[31mrejected.',
        'warning: Slower now.',
        '',
      ].join('\n'),
    );
  });

  it('progress in a pipe with --json is one event a line', async () => {
    const stream = new PassThrough();
    const progress = createNdjson(stream);
    progress.emit(started(1));
    progress.emit(shot('cliff', { message: 'two\nlines' }));
    stream.end();
    const lines = (await text(stream)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['run_started', 'shot']);
  });
});
