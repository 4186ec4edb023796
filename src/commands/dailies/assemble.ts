import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { putInPlace } from '../../base/durable-file.js';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { isFileTrouble, saysFull, whyNotWritten } from '../../base/files.js';
import { makeFilm } from '../../cut/film/make-film.js';
import type { FilmSound } from '../../cut/film/make-sound.js';
import { inWorkFolder } from '../../cut/film/work-folder.js';
import { createStatusLine } from '../../ui/status-line.js';
import { visible } from '../../ui/visible.js';
import { type Console, type Failure, fail, shownPath } from '../console.js';
import { stopOnSignals } from '../signals.js';
import { filmSummary } from './assemble-summary.js';
import { type AssembleFlags, type FilmOrder, orderFilm } from './film-order.js';
import { openRendered, type RenderedRun } from './rendered-run.js';

/** As many notes as can be read before the rest scrolls away. */
const NOTES = 10;

/** `shotlist assemble`: joins the chosen clips of a run into one film. */
export async function assemble(run: string, flags: AssembleFlags, console: Console): Promise<ExitCode> {
  const opened = await openRendered(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const to = resolve(flags.out ?? join(opened.directory, `${nameOf(opened)}.mp4`));
  const wrong = await notThere(to, { opened, flags });
  if (wrong) return fail(console, wrong);
  const order = await orderFilm(opened, { flags, run });
  if ('exit' in order) return fail(console, order);
  for (const note of order.notes.slice(0, NOTES)) console.stderr.write(`note: ${visible(note)}\n`);
  if (order.notes.length > NOTES)
    console.stderr.write(`note: and ${order.notes.length - NOTES} more like this.\n`);
  const made = await stopOnSignals((signal) => makeIt(order, { to, console, signal }));
  if ('exit' in made) return fail(console, made);
  const { size } = await stat(to);
  console.stdout.write(filmSummary({ ...order, ...made, path: shownPath(to), bytes: size }));
  return Exit.done;
}

/** As the list is called, and its profile. */
function nameOf({ list, profile }: RenderedRun): string {
  return [basename(list).replace(/\.ya?ml$/i, ''), ...(profile === null ? [] : [profile])].join('.');
}

/** Why the film may not be written there: it would replace what it is made from. */
async function notThere(
  to: string,
  { opened, flags }: { readonly opened: RenderedRun; readonly flags: AssembleFlags },
): Promise<Failure | null> {
  if (!/\.mp4$/i.test(to)) {
    return { exit: Exit.usage, message: `${shownPath(to)} does not end in .mp4`, hint: 'the film is an MP4' };
  }
  const found = await stat(to).catch(() => null);
  if (!found) return null;
  if (!found.isFile()) return { exit: Exit.usage, message: `${shownPath(to)} is not a file` };
  const real = await realpath(to);
  const videos = await realpath(join(opened.directory, 'videos')).catch(() => null);
  const music = flags.music === undefined ? null : await realpath(flags.music).catch(() => null);
  if (dirname(real) !== videos && real !== music) return null;
  return { exit: Exit.usage, message: `${shownPath(to)} is not replaced: the film is made from it` };
}

async function makeIt(
  order: FilmOrder,
  { to, console, signal }: { readonly to: string; readonly console: Console; readonly signal: AbortSignal },
): Promise<{ readonly sound: FilmSound | null } | Failure> {
  const line = createStatusLine(console.stderr, effects.now);
  const onStep = (step: string, done: number, all: number) =>
    line.show(all > 1 ? `${step}: ${done + 1} of ${all}` : `${step} the film`);
  const task = async (folder: string) => {
    const made = await makeFilm({ ...order, folder, signal, onStep });
    if (!('message' in made) && !signal.aborted) await putInPlace(made.path, to);
    return made;
  };
  try {
    const made = await inWorkFolder(to, { now: effects.now(), task });
    if (signal.aborted) return { exit: Exit.interrupted, message: 'stopped; no film was written' };
    if (!('message' in made)) return made;
    if (saysFull(made.message)) return notWritten(to, 'the disk is full');
    return {
      exit: Exit.failed,
      message: `the film could not be made: ${made.message}`,
      hint: 'shotlist verify says which clips are damaged, and fetches them again with --repair',
    };
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    return notWritten(to, whyNotWritten(error));
  } finally {
    line.clear();
  }
}

function notWritten(to: string, why: string): Failure {
  return {
    exit: Exit.cannotWrite,
    message: `${shownPath(to)} cannot be written: ${why}`,
    hint: 'to write it elsewhere: --out <film.mp4>',
  };
}
