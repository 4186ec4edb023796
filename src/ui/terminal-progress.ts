import type { RunEvent } from '../run/events.js';
import { leftOutLine } from './cost-words.js';
import { wrap } from './fit.js';
import type { Paint } from './paint.js';
import { endLine, flagLine, noticeLine, startedLine } from './plain-lines.js';
import { shotRows, totalLine } from './rows.js';
import { count, createTally, type Tally } from './tally.js';

/** Shows a run while it goes on. */
export interface Progress {
  /** Takes the run's events as they come; never throws and never waits. */
  emit(event: RunEvent): void;
  /** Writes what is left and clears what was only for the moment; call it before writing anything else. */
  end(): Promise<void>;
}

export interface TerminalProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly paint: Paint;
  /** Milliseconds. */
  readonly now: () => number;
  /** Waits, or until the signal aborts, and then resolves. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Four times a second: seconds count evenly, and nothing flickers. */
const FRAME_MS = 250;

/** In a run of up to this many, each finished clip is worth a line that stays. */
const SMALL_RUN = 20;

/** What listr2 takes of each line: the icon, the indentation of output, and a margin at the end. */
const LISTR_COLUMNS = 6;

/** Beside the rows: the line of totals, the cursor's own, and one that shows what came before. */
const OTHER_ROWS = 3;

/** What a stream that cannot tell its size is taken for. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/**
 * A run on a terminal: a line of totals and a row per active shot, redrawn in place, with what stays (failures,
 * warnings, in small runs each clip) written above. It never takes more than the screen.
 *
 * listr2 knows the size of the screen, and lets others write, only where it begins and ends. So a new list is
 * begun whenever there is something to write above or the size changes.
 */
export function createTerminalProgress(options: TerminalProgressOptions): Progress {
  const { stream, paint, now } = options;
  const tally = createTally();
  const above: string[] = [];
  const over = new AbortController();
  let free = false;
  let drawing: Promise<void> | null = null;

  function emit(event: RunEvent): void {
    count(tally, event, now());
    if (event.event === 'run_started') free = event.service === 'local';
    const line = lineAbove(event, tally, paint);
    if (line !== null) above.push(line);
    if (drawing !== null) return;
    drawing = draw();
    // A bug in what is drawn must not stop a run that is paid for; `end` brings it to light.
    drawing.catch(() => {});
  }

  async function draw(): Promise<void> {
    const listr = await import('listr2');
    // That the stream is a terminal is known; listr2 would look at standard output, which may be another.
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
          // Its handler would end the process with 127 before the run could say goodbye to the service.
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

/** One for the line of totals whatever listr2 thinks of its task, and none for the rows. */
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
  // A terminal that is being set up can say 0.
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
