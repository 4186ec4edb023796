import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { effects } from '../effects.js';
import { Exit, type ExitCode } from '../exit.js';
import { version } from '../generated/version.js';
import type { Manifest } from '../manifest/manifest.js';
import { readManifest } from '../manifest/read.js';
import { MANIFESTS, manifestName, readRunState } from '../run/run-state.js';
import { summarize } from '../run/summary.js';
import { checkList } from './check-list.js';
import { type Console, type Failure, fail } from './console.js';
import { type ListFlags, loadOptions } from './list-flags.js';

/** A run directory as it is now: the clips it has, under what the list says of them today. */
export interface RenderedRun {
  readonly manifest: Manifest;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Absolute path of the shot list; it may be gone. */
  readonly list: string;
  /** The profile whose manifest it is. */
  readonly profile: string | null;
  /** Why the list could not be asked, so that the manifest speaks alone; null where it was. */
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
  const file = await manifestFile(resolve(run), flags.profile);
  if (typeof file !== 'string') return fail(console, file);
  const read = await readManifest(file);
  if (read.kind !== 'read') {
    const message = read.kind === 'none' ? `there is no ${file}` : read.message;
    return fail(console, { exit: read.kind === 'none' ? Exit.missing : Exit.invalid, message });
  }
  const directory = dirname(file);
  const { manifest } = read;
  const profile = MANIFESTS.exec(file.slice(directory.length + 1))?.[1] ?? null;
  const list = resolve(directory, manifest.list.file);
  const fresh = await freshManifest(manifest, {
    directory,
    list,
    flags: { ...flags, ...(profile && { profile }) },
  });
  if (typeof fresh !== 'string') return { manifest: fresh, directory, list, profile, unread: null };
  console.stderr.write(`shotlist: ${fresh}; this is what the manifest says.\n`);
  return { manifest, directory, list, profile, unread: fresh };
}

/** The manifest that a run would write now, if it had nothing to do; a string says why that is not known. */
async function freshManifest(
  manifest: Manifest,
  {
    directory,
    list,
    flags,
  }: { readonly directory: string; readonly list: string; readonly flags: ListFlags },
): Promise<Manifest | string> {
  const checked = await checkList(list, loadOptions(flags));
  if (!checked.ok) {
    const isGone = checked.diagnostics.some(({ code }) => code === 'SL001');
    return isGone ? `there is no ${list}` : `${list} has errors (see shotlist validate)`;
  }
  const state = await readRunState(directory, new Date(effects.now()).toISOString());
  if (state.kind !== 'read') return state.message.replace(/\.$/, '');
  const { service } = manifest;
  return summarize({ plan: checked.value, fold: state.fold, service, directory, toolVersion: version });
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
