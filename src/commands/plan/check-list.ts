import { dirname, join } from 'node:path';
import { effects } from '../../base/effects.js';
import type { ExitCode } from '../../base/exit.js';
import { type Checked, type Diagnostic, sortDiagnostics } from '../../language/diagnostic.js';
import { type LoadOptions, loadShotList } from '../../language/load.js';
import type { ShotList } from '../../language/shot-list.js';
import { builtIn, type Catalog } from '../../models/catalog.js';
import { MODELS_FOLDER, type ModelFileProblem, readCatalog } from '../../models/read-catalog.js';
import { makePlan } from '../../plan/make-plan.js';
import type { Plan, Submission } from '../../plan/plan.js';
import type { KeyStates } from '../../run/records/render.js';
import { readRunState } from '../../run/records/run-state.js';
import { type Console, exitOf, fail, showDiagnostics } from '../console.js';
import {
  type ChoiceFlags,
  chosenBy,
  type ListFlags,
  loadOptions,
  type PlaceFlags,
  runDirectory,
} from '../list-flags.js';
import { endingLinks, isUnsent, linkFindings } from './link-ends.js';

/** Checks that need more than the files. */
export interface CheckFlags {
  /** Asks the servers of remote images and videos about type and size. */
  readonly checkUrls?: boolean | undefined;
}

/** The run that a list is checked for: its records say what is sent already. */
export interface CheckedRun extends Partial<PlaceFlags> {
  readonly retryFailed?: boolean;
}

/** A plan or the diagnostics, and the models that the list may name. */
export type CheckedList = Checked<Plan> & { readonly catalog: Catalog };

/**
 * Loads and plans a shot list: finds everything that can be known to be wrong without the service. If the list has
 * errors, its other shots are planned too, so that all errors are reported together. The network is used only with
 * `checkUrls`; `env` names the proxies for it. `run` is the run that the list is checked for.
 */
export async function checkList(
  file: string,
  {
    checkUrls = false,
    run = {},
    env = process.env,
    ...options
  }: LoadOptions & CheckFlags & { run?: CheckedRun; env?: NodeJS.ProcessEnv } = {},
): Promise<CheckedList> {
  const loaded = await loadShotList(file, options);
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { ok: false, diagnostics: loaded.diagnostics, catalog: builtIn };
  const { catalog, problems } = await readCatalog(list.folder);
  const planned = makePlan(list, catalog);
  const asked = checkUrls ? await askServers(list, env) : [];
  const remote = [...asked, ...(await checkLinks(list, planned, run))];
  const all = [...loaded.diagnostics, ...modelWarnings(problems, file), ...planned.diagnostics, ...remote];
  const diagnostics = sortDiagnostics(all);
  const isSound = loaded.ok && planned.ok && remote.every(({ severity }) => severity !== 'error');
  return isSound
    ? { ok: true, value: planned.value, diagnostics, catalog }
    : { ok: false, diagnostics, catalog };
}

/** Findings about signed links that run out. Reads the records of the run directory only if there are any. */
async function checkLinks(
  list: ShotList,
  planned: Checked<Plan>,
  { provider = 'runcomfy', retryFailed = false, ...place }: CheckedRun,
): Promise<readonly Diagnostic[]> {
  const now = effects.now();
  const ending = endingLinks(list, now);
  if (ending.size === 0) return [];
  const state = await readRunState(runDirectory(list, { ...place, provider }));
  const keyStates: KeyStates = state.kind === 'read' ? state.keyStates : new Map();
  const needed = (submission: Submission) => isUnsent(submission, keyStates, retryFailed);
  return linkFindings(list, { ending, plan: planned.ok ? planned.value : null, needed, now });
}

async function askServers(list: ShotList, env: NodeJS.ProcessEnv): Promise<readonly Diagnostic[]> {
  // Loaded on demand: an HTTP client takes longer to start than a list takes to check.
  const { checkUrls, openProbe } = await import('./check-urls.js');
  const { probe, close } = openProbe(env);
  try {
    return await checkUrls(list, probe);
  } finally {
    await close();
  }
}

/** Warnings about unusable files in `models/`: that folder may hold other things. A shot that names such a model gets an error. */
function modelWarnings(problems: readonly ModelFileProblem[], list: string): readonly Diagnostic[] {
  return problems.map(({ file, message }) => ({
    code: 'SL411',
    severity: 'warning',
    message,
    file: join(dirname(list), MODELS_FOLDER, file),
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 2,
  }));
}

/** A list without errors, and the submissions that the command is for. */
export interface OpenedList {
  readonly plan: Plan;
  /** Ids of the submissions that the flags choose. */
  readonly chosen: ReadonlySet<string>;
  /** The models that the list may name. */
  readonly catalog: Catalog;
}

/** Checks a list with the options in the flags and shows its diagnostics on `stream`. Returns the exit code if the list has errors. */
export async function openList(
  file: string,
  options: {
    flags: CheckFlags & ListFlags & ChoiceFlags & CheckedRun;
    console: Console;
    stream: NodeJS.WriteStream;
  },
): Promise<OpenedList | ExitCode> {
  const { flags, console, stream } = options;
  const asked = { ...loadOptions(flags), checkUrls: flags.checkUrls, run: flags, env: console.env };
  const checked = await checkList(file, asked);
  if (checked.diagnostics.length > 0) await showDiagnostics(stream, checked.diagnostics, console);
  if (!checked.ok) return exitOf(checked.diagnostics);
  const chosen = chosenBy(checked.value, flags);
  if ('exit' in chosen) return fail(console, chosen);
  return { plan: checked.value, chosen, catalog: checked.catalog };
}
