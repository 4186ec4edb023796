import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { effects } from '../../base/effects.js';
import { Exit, type ExitCode } from '../../base/exit.js';
import { version } from '../../generated/version.js';
import type { Manifest } from '../../manifest/manifest.js';
import { readManifest } from '../../manifest/manifest-file.js';
import { MANIFESTS, manifestName } from '../../run/directory/manifests.js';
import { readRunState } from '../../run/journal/run-state.js';
import { summarize } from '../../run/summary.js';
import { type Console, type Failure, fail } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { type ChoosableList, planForChoices } from '../lists/edit-list.js';

/** A run directory as it is now: the clips it has, under what the list says of them today. */
export interface RenderedRun {
  readonly manifest: Manifest;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list; it may be gone. */
  readonly list: string;
  /** The profile whose manifest it is. */
  readonly profile: string | null;
  /** What the list says by now; null where it could not be asked, so that the manifest speaks alone. */
  readonly today: ChoosableList | null;
  /** Why it could not be asked, else null. */
  readonly unread: string | null;
}

/**
 * Opens a run by its directory or its manifest, for looking: takes no lock and writes nothing. What the list says by now
 * (order, `select`, `use`, notes) goes before what it said when the manifest was written. Tells what is wrong, and
 * returns the exit code then.
 */
export async function openRendered(
  run: string,
  { flags, console }: { readonly flags: ListFlags; readonly console: Console },
): Promise<RenderedRun | ExitCode> {
  const opened = await readRendered(run, flags);
  if ('exit' in opened) return fail(console, opened);
  if (opened.unread !== null) {
    console.stderr.write(`shotlist: ${opened.unread}; this is what the manifest says.\n`);
  }
  return opened;
}

/** The same without a word; a failure is a value. */
export async function readRendered(run: string, flags: ListFlags): Promise<RenderedRun | Failure> {
  const file = await manifestFile(resolve(run), flags.profile);
  if (typeof file !== 'string') return file;
  const read = await readManifest(file);
  if (read.kind !== 'read') {
    const message = read.kind === 'none' ? `there is no ${file}` : read.message;
    return { exit: read.kind === 'none' ? Exit.missing : Exit.invalid, message };
  }
  const directory = dirname(file);
  const { manifest } = read;
  const profile = MANIFESTS.exec(file.slice(directory.length + 1))?.[1] ?? null;
  const list = resolve(directory, manifest.list.file);
  const asked = { ...flags, ...(profile && { profile }) };
  const today = await listToday(list, asked);
  const state =
    typeof today === 'string' ? today : await manifestToday(today, { directory, service: manifest.service });
  const found = { directory, list, profile };
  if (typeof today === 'string' || typeof state === 'string') {
    return { ...found, manifest, today: null, unread: String(state) };
  }
  return { ...found, manifest: state, today, unread: null };
}

/** The list as it is now; a string says why it cannot be asked. */
async function listToday(list: string, flags: ListFlags): Promise<ChoosableList | string> {
  const planned = await planForChoices(list, flags);
  if (!('diagnostics' in planned)) return planned;
  const isGone = planned.diagnostics.some(({ code }) => code === 'SL001');
  return isGone ? `there is no ${list}` : `${list} has errors (see shotlist validate)`;
}

/** The manifest that a run would write now, if it had nothing to do; a string says why that is not known. */
async function manifestToday(
  { plan }: ChoosableList,
  { directory, service }: { readonly directory: string; readonly service: string },
): Promise<Manifest | string> {
  const state = await readRunState(directory, new Date(effects.now()).toISOString());
  if (state.kind !== 'read') return state.message.replace(/\.$/, '');
  return summarize({ plan, fold: state.fold, service, directory, toolVersion: version });
}

async function manifestFile(run: string, profile: string | undefined): Promise<string | Failure> {
  const found = await stat(run).catch(() => null);
  if (found?.isFile()) return run;
  if (!found)
    return {
      exit: Exit.missing,
      message: `there is no ${run}`,
      hint: 'name a run directory, such as renders/film',
    };
  if (profile !== undefined) return join(run, manifestName(profile));
  const names = (await readdir(run)).filter((name) => MANIFESTS.test(name));
  const [first, second] = names;
  // Where only a profile was ever rendered, there is nothing else to mean.
  if (first === undefined || second !== undefined) return join(run, manifestName(null));
  return join(run, first);
}
