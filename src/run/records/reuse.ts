import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Exit } from '../../base/exit.js';
import type { Submission } from '../../plan/plan.js';
import { clipsAreHere } from '../clips/recorded-clips.js';
import { heldBy, holderOf } from '../directory/lock.js';
import type { RunRefused } from '../directory/obstacle.js';
import { serviceWords } from '../messages.js';
import { type RenderOnDisk, readRecords, renderOnDisk } from './record-file.js';
import { joinRenders, type KeyState, type Render } from './render.js';

/** Another run directory, whose clips may be used. */
export interface Source {
  /** Absolute path. */
  readonly directory: string;
  readonly renders: ReadonlyMap<string, RenderOnDisk>;
}

/** Run directories that may have the clips of a key, for keys that are taken over. */
export type TakenFrom = ReadonlyMap<string, readonly string[]>;

/** Sources of `--reuse`, each named by a run directory or by a file in it, or a refusal with the reason. */
export async function readSources(
  paths: readonly string[],
  { service }: { readonly service: string },
): Promise<{ readonly ok: true; readonly sources: readonly Source[] } | RunRefused> {
  const sources: Source[] = [];
  for (const path of paths) {
    const directory = (await isFolder(path)) ? path : dirname(path);
    const read = readRecords(directory);
    if (read.kind === 'unreadable') return refused(Exit.invalid, `${read.message} Nothing was sent.`);
    const [first] = read.renders.values();
    if (!first)
      return refused(Exit.missing, `There is no record of a render in ${directory}. Nothing was sent.`);
    const others = [...read.renders.values()].find(({ render }) => render.service !== service);
    if (others) return refused(Exit.usage, otherService(path, { from: others.render.service, to: service }));
    sources.push({ directory, renders: read.renders });
  }
  return { ok: true, sources };
}

/** A refusal if another run works in the directory of a source; with `force`, only a run that is known to be at work. */
export async function refuseLiveSources(
  paths: readonly string[],
  { own, force }: { readonly own: string; readonly force: boolean },
): Promise<RunRefused | null> {
  for (const path of paths) {
    const directory = (await isFolder(path)) ? path : dirname(path);
    const held = directory === own ? null : await holderOf(directory);
    if (held && (held.isAlive || !force)) return refused(Exit.unfinished, heldBy(directory, held));
  }
  return null;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

function refused(exit: RunRefused['exit'], message: string): RunRefused {
  return { ok: false, exit, message };
}

function otherService(path: string, { from, to }: { readonly from: string; readonly to: string }): string {
  return `${path} belongs to ${serviceWords(from)}, and this run is for ${serviceWords(to)}. Nothing was sent.`;
}

/**
 * Finds what a plan can use of other runs. A submission that is rendered or with the service there is not sent again; one
 * that is unknown or failed there is so here. A rehearsal gives only clips that are on disk: its requests mean nothing
 * outside its directory. Returns the renders with their attempts there, which cost nothing here. Several runs that have the
 * same key are joined, as two branches are.
 */
export function reuse(
  own: ReadonlyMap<string, RenderOnDisk>,
  {
    sources,
    submissions,
  }: { readonly sources: readonly Source[]; readonly submissions: readonly Submission[] },
): { readonly taken: ReadonlyMap<string, RenderOnDisk>; readonly takenFrom: TakenFrom } {
  const taken = new Map<string, RenderOnDisk>();
  const takenFrom = new Map<string, readonly string[]>();
  for (const key of new Set(submissions.map((submission) => submission.key))) {
    const found = sources.flatMap((source) => usable(source, key) ?? []);
    const [first] = found;
    if (!first) continue;
    const { files } = first;
    const there = found.map(({ render }) => asTaken(render)).reduce(joinRenders);
    const known = own.get(key);
    const { state } = renderOnDisk(there, { files, isChanged: true });
    if (!knowsMore(state.state, known?.state.state ?? 'planned')) continue;
    const joined = known ? joinRenders(known.render, there) : there;
    taken.set(key, renderOnDisk(joined, { files: known?.files ?? [files[0]], isChanged: true }));
    takenFrom.set(
      key,
      found.map(({ directory }) => directory),
    );
  }
  return { taken, takenFrom };
}

/** The render of a key in another run, if it can be used here. */
function usable(
  { directory, renders }: Source,
  key: string,
): (RenderOnDisk & { readonly directory: string }) | null {
  const found = renders.get(key);
  if (!found) return null;
  const { render, state } = found;
  const isHere = state.state === 'done' && clipsAreHere(state, directory);
  return render.service === 'local' && !isHere ? null : { ...found, directory };
}

const TAKEN: ReadonlySet<KeyState['state']> = new Set(['submitted', 'completed', 'done']);
/** States that are final, or for a person to settle, in the other run as in this one. */
const FINAL: ReadonlySet<KeyState['state']> = new Set(['failed', 'unknown']);
const NOTHING_SENT: ReadonlySet<KeyState['state']> = new Set(['planned', 'refused', 'cancelled']);

/** True if other runs know more than this one does. */
function knowsMore(there: KeyState['state'], own: KeyState['state']): boolean {
  if (NOTHING_SENT.has(own)) return TAKEN.has(there) || FINAL.has(there);
  return own === 'failed' && TAKEN.has(there);
}

/** The render with attempts that the other run pays for. */
function asTaken({ accepted_missing: _, rerender: __, ...render }: Render): Render {
  return { ...render, attempts: render.attempts.map((attempt) => ({ ...attempt, paid_elsewhere: true })) };
}
