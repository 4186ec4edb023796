import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import { version } from '../../generated/version.js';
import type { Manifest } from '../../manifest/manifest.js';
import { readManifest } from '../../manifest/manifest-file.js';
import { MANIFESTS, manifestName } from '../../run/directory/manifests.js';
import { readRunState } from '../../run/records/records.js';
import { summarize } from '../../run/summary.js';
import { type Console, type Failure, fail } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { type ChoosableList, planForChoices } from '../lists/edit-list.js';

/** A run directory with its clips, and the shot list as it is now. */
export interface RenderedRun {
  readonly manifest: Manifest;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list; it may be gone. */
  readonly list: string;
  /** Profile of the manifest; null for none. */
  readonly profile: string | null;
  /** Shot list as it is now; null if it could not be read, so that only the manifest counts. */
  readonly currentList: ChoosableList | null;
  /** Reason why the list could not be read, or null. */
  readonly listProblem: string | null;
}

/**
 * Opens a run, read-only and without a lock, by its directory or manifest. The current list (order, `select`, `use`, notes)
 * overrides what the manifest says. Prints a failure and returns its exit code.
 */
export async function openRendered(
  run: string,
  { flags, console }: { readonly flags: ListFlags; readonly console: Console },
): Promise<RenderedRun | ExitCode> {
  const opened = await readRendered(run, flags);
  if ('exit' in opened) return fail(console, opened);
  if (opened.listProblem !== null) {
    console.stderr.write(`shotlist: ${opened.listProblem}; this is what the manifest says.\n`);
  }
  return opened;
}

/** Opens a run like `openRendered`, without output; returns a failure. */
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
  const currentList = await readCurrentList(list, { ...flags, ...(profile && { profile }) });
  const state =
    typeof currentList === 'string'
      ? currentList
      : await currentManifest(currentList, { directory, service: manifest.service });
  const found = { directory, list, profile };
  if (typeof currentList === 'string' || typeof state === 'string') {
    return { ...found, manifest, currentList: null, listProblem: String(state) };
  }
  return { ...found, manifest: state, currentList, listProblem: null };
}

/** Reads the list as it is now; a string is the reason why it cannot be read. */
async function readCurrentList(list: string, flags: ListFlags): Promise<ChoosableList | string> {
  const planned = await planForChoices(list, flags);
  if (!('diagnostics' in planned)) return planned;
  const isGone = planned.diagnostics.some(({ code }) => code === 'SL001');
  return isGone ? `there is no ${list}` : `${list} has errors (see shotlist validate)`;
}

/** Manifest that a run with nothing to do would write now; a string is the reason why it is not known. */
async function currentManifest(
  { plan }: ChoosableList,
  { directory, service }: { readonly directory: string; readonly service: string },
): Promise<Manifest | string> {
  const state = await readRunState(directory);
  if (state.kind !== 'read') return state.message.replace(/\.$/, '');
  return summarize({ plan, keyStates: state.keyStates, service, directory, toolVersion: version });
}

/** Path of the manifest of a run that is named by its directory or its manifest. */
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
  // A directory with one manifest needs no profile, even if the manifest has one.
  if (first === undefined || second !== undefined) return join(run, manifestName(null));
  return join(run, first);
}

/** Name of what is made from a run: the name of the list and the profile, such as `film.final`. */
export function runName({ list, profile }: Pick<RenderedRun, 'list' | 'profile'>): string {
  const name = basename(list).replace(/\.ya?ml$/i, '');
  return profile === null ? name : `${name}.${profile}`;
}

/** The manifest, in which clips that are not in the run directory count as not fetched. */
export function withClipsHere({
  manifest,
  directory,
}: Pick<RenderedRun, 'manifest' | 'directory'>): Manifest {
  const isHere = (file: string | null) => file !== null && existsSync(join(directory, file));
  const submissions = manifest.submissions.map((entry) => ({
    ...entry,
    outputs: entry.outputs.filter(({ file }) => isHere(file)),
  }));
  return { ...manifest, submissions };
}

/** Failure for a clip whose file cannot be read. */
export function unreadableClip(
  { id, file }: { readonly id: string; readonly file: string },
  run: string,
): Failure {
  return {
    exit: Exit.failed,
    message: `the clip of ${id} cannot be read: ${file}`,
    hint: `to fetch it again, without a submission: shotlist verify ${run} --repair`,
  };
}
