import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import { formatCount, formatNumber } from '../../base/units.js';
import { version } from '../../generated/version.js';
import { writeManifest } from '../../manifest/manifest-file.js';
import { manifestName } from '../../run/directory/manifests.js';
import { writeProblem } from '../../run/directory/obstacle.js';
import { readRunState } from '../../run/records/records.js';
import { countStates, summarize } from '../../run/summary.js';
import { findBaseUrl } from '../../runcomfy/base-url.js';
import { visible } from '../../ui/visible.js';
import { type Console, type Failure, fail, shownPath } from '../console.js';
import { type ListFlags, type PlaceFlags, runDirectory } from '../list-flags.js';
import { type CheckFlags, openList } from '../plan/check-list.js';

export interface ManifestFlags extends CheckFlags, ListFlags, PlaceFlags {}

/** `shotlist manifest`: writes the manifest that a run with nothing to do would write. Needs neither lock nor network. */
export async function writeListManifest(
  file: string,
  flags: ManifestFlags,
  console: Console,
): Promise<ExitCode> {
  const opened = await openList(file, { flags, console, stream: console.stderr });
  if (typeof opened === 'number') return opened;
  const { plan } = opened;
  const directory = runDirectory(plan.list, flags);
  const state = await readRunState(directory);
  if (state.kind !== 'read') return fail(console, { exit: Exit.invalid, message: state.message });
  const service = state.service ?? serviceOf(flags, console);
  if (typeof service !== 'string') return fail(console, service);
  const manifest = summarize({ plan, keyStates: state.keyStates, service, directory, toolVersion: version });
  const path = join(directory, manifestName(plan.profile));
  try {
    await mkdir(directory, { recursive: true });
    const isNew = await writeManifest(path, manifest);
    const { done } = countStates(manifest.submissions);
    const videos = `${formatCount(plan.submissions.length, 'submission')}, ${formatNumber(done)} done`;
    console.stdout.write(`${visible(shownPath(path))} ${isNew ? 'written' : 'is as it was'}: ${videos}.\n`);
    return Exit.done;
  } catch (error) {
    const problem = writeProblem(error);
    if (problem === null) throw error;
    return fail(console, {
      exit: Exit.cannotWrite,
      message: `${shownPath(path)} cannot be written: ${problem}`,
    });
  }
}

/** The service of a directory without records. */
function serviceOf({ provider }: PlaceFlags, { env }: Console): string | Failure {
  if (provider === 'local') return 'local';
  const base = findBaseUrl(env);
  return base.kind === 'invalid' ? { exit: Exit.usage, message: base.message } : base.origin;
}
