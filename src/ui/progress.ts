import type { RunEvent } from '../run/events.js';
import { wrap } from './fit.js';
import { createPaint, type Paint } from './paint.js';
import { createPlainLines, endLine, flagLine, leftOutLine, noticeLine, startedLine } from './plain-lines.js';
import { shotRows, totalLine } from './rows.js';
import { countEvent, createTally, type Tally } from './tally.js';
import { jsonText } from './visible.js';

/** Display of a run while it goes on. */
export interface Progress {
  /** Takes an event of the run; never throws and never waits. */
  emit(event: RunEvent): void;
  /** Writes the lines that are left and erases the redrawn rows; call it before any other output. */
  end(): Promise<void>;
}

/** Stream of a display, and its effects. */
export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** True if the stream is a terminal on which rows can be redrawn. */
  readonly isTTY: boolean;
  readonly color: boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Resolves after the time, or when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Rows on a terminal, plain lines without control codes anywhere else. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream } = options;
  const paint = createPaint(options.color);
  if (options.isTTY) return terminalProgress(options, paint);
  const plain = createPlainLines(paint);
  return {
    emit(event) {
      const line = plain.line(event);
      if (line !== null) stream.write(`${line}\n`);
    },
    async end() {},
  };
}

/** Writes each event of a run as one line of JSON, for programs. */
export function createNdjson(stream: NodeJS.WritableStream): Progress {
  return {
    emit(event) {
      stream.write(`${jsonText(event)}\n`);
    },
    async end() {},
  };
}

/** Time between two frames, milliseconds: seconds count evenly, and nothing flickers. */
const FRAME_MS = 250;

/** Largest run, in submissions, in which each finished clip gets a line that stays. */
const SMALL_RUN = 20;

/** Columns that listr2 uses of each line: the icon, the indentation of output, and a margin at the end. */
const LISTR_COLUMNS = 6;

/** Lines besides the rows: the totals, the line of the cursor, and one line of earlier output. */
const OTHER_ROWS = 3;

/** Size assumed of a terminal that does not tell its own. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/**
 * A run on a terminal: a line of totals and a row per active shot, redrawn in place within the screen. Lines that stay
 * (failures, warnings, in small runs each clip) are written above them.
 *
 * listr2 reads the size of the screen, and gives others a chance to write, only before and after a list. So a list ends, and
 * another begins, when there is a line to write above or the size changes.
 */
function terminalProgress(options: ProgressOptions, paint: Paint): Progress {
  const { stream, now } = options;
  const tally = createTally();
  const above: string[] = [];
  const over = new AbortController();
  let free = false;
  let drawing: Promise<void> | null = null;

  function emit(event: RunEvent): void {
    countEvent(tally, event, now());
    if (event.event === 'run_started') free = event.service === 'local';
    const line = lineAbove(event, tally, paint);
    if (line !== null) above.push(line);
    if (drawing !== null) return;
    drawing = draw();
    // A bug in the display must not stop a run that is paid for; `end` throws it.
    drawing.catch(() => {});
  }

  async function draw(): Promise<void> {
    const listr = await import('listr2');
    // The stream is a terminal; listr2 would check standard output, which may be another stream.
    class Renderer extends listr.DefaultRenderer {
      static override nonTTY = true;
    }
    while (!over.signal.aborted) {
      flush();
      const size = screen(stream);
      const processOutput = new listr.ProcessOutput(stream, stream, { leaveEmptyLine: false });
      const frame = () => frameOf(tally, { size, now: now(), paint, free });
      await new listr.Listr(
        {
          title: frame().title,
          task: async (_, task) => {
            while (!over.signal.aborted && above.length === 0 && isSame(size, screen(stream))) {
              const { title, rows } = frame();
              task.title = title;
              task.output = rows;
              await options.sleep(FRAME_MS, over.signal);
            }
          },
        },
        {
          renderer: Renderer,
          rendererOptions: {
            lazy: true,
            clearOutput: true,
            formatOutput: 'truncate',
            icon: icons(listr),
            logger: new listr.ListrLogger({ processOutput }),
          },
          // Its handler would end the process with 127 before the run could cancel what is queued.
          registerSignalListeners: false,
        },
      ).run();
    }
    flush();
  }

  function flush(): void {
    const { columns } = screen(stream);
    for (const line of above.splice(0)) stream.write(`${wrap(line, columns)}\n`);
  }

  return {
    emit,
    async end() {
      over.abort();
      await drawing;
    },
  };
}

/** One icon for the line of totals in every state of its task, and none for the rows. */
function icons({ figures, ListrDefaultRendererLogLevels: Level }: typeof import('listr2')) {
  const total = figures.pointer;
  return { [Level.WAITING]: total, [Level.PENDING]: total, [Level.COMPLETED]: total, [Level.OUTPUT]: ' ' };
}

function lineAbove(event: RunEvent, tally: Tally, paint: Paint): string | null {
  switch (event.event) {
    case 'run_started':
      return startedLine(event);
    case 'notice':
      return noticeLine(event, paint);
    case 'shot':
      return event.state === 'done' && tally.total > SMALL_RUN ? null : endLine(event, paint);
    case 'left_out':
      return leftOutLine(event, paint);
    case 'check':
      return flagLine(event, paint);
    case 'cost':
    case 'download':
    case 'run_finished':
      return null;
  }
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

function screen(stream: NodeJS.WriteStream): Size {
  // A terminal reports 0 while it is being set up.
  return { columns: stream.columns || DEFAULT_SIZE.columns, rows: stream.rows || DEFAULT_SIZE.rows };
}

function isSame(a: Size, b: Size): boolean {
  return a.columns === b.columns && a.rows === b.rows;
}

interface FrameContext {
  readonly size: Size;
  readonly now: number;
  readonly paint: Paint;
  readonly free: boolean;
}

function frameOf(tally: Tally, { size, now, paint, free }: FrameContext): { title: string; rows: string } {
  const options = {
    now,
    paint,
    free,
    columns: Math.max(1, size.columns - LISTR_COLUMNS),
    rows: Math.max(0, size.rows - OTHER_ROWS),
  };
  return { title: totalLine(tally, options), rows: shotRows(tally, options).join('\n') };
}
