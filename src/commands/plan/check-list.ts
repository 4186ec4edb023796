import { dirname, join } from 'node:path';
import type { ExitCode } from '../../base/exit.js';
import { type Checked, type Diagnostic, sortDiagnostics } from '../../language/diagnostic.js';
import { type LoadOptions, loadShotList } from '../../language/load.js';
import type { ShotList } from '../../language/shot-list.js';
import { builtIn, type Catalog } from '../../models/catalog.js';
import { MODELS_FOLDER, type ModelFileProblem, readCatalog } from '../../models/read-catalog.js';
import { makePlan } from '../../plan/make-plan.js';
import type { Plan } from '../../plan/plan.js';
import { type Console, exitOf, fail, showDiagnostics } from '../console.js';
import { type ChoiceFlags, chosenBy, type ListFlags, loadOptions } from '../list-flags.js';

/** What to check besides what the files themselves say. */
export interface CheckFlags {
  /** Ask the servers of remote images and videos about them. */
  readonly checkUrls?: boolean | undefined;
}

/** A plan, or what is wrong; and the models that the list may name. */
export type CheckedList = Checked<Plan> & { readonly catalog: Catalog };

/**
 * Loads and plans a shot list: everything that can be known to be wrong without asking the service. Where the list
 * has errors, the shots without any are planned all the same, so that one look shows them all. `env` names the
 * proxies for `checkUrls`; without that nothing is asked of the network.
 */
export async function checkList(
  file: string,
  {
    checkUrls = false,
    env = process.env,
    ...options
  }: LoadOptions & CheckFlags & { env?: NodeJS.ProcessEnv } = {},
): Promise<CheckedList> {
  const loaded = await loadShotList(file, options);
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { ok: false, diagnostics: loaded.diagnostics, catalog: builtIn };
  const { catalog, problems } = await readCatalog(list.folder);
  const planned = makePlan(list, catalog);
  const remote = checkUrls ? await askServers(list, env) : [];
  const all = [...loaded.diagnostics, ...modelWarnings(problems, file), ...planned.diagnostics, ...remote];
  const diagnostics = sortDiagnostics(all);
  const isSound = loaded.ok && planned.ok && remote.every(({ severity }) => severity !== 'error');
  return isSound
    ? { ok: true, value: planned.value, diagnostics, catalog }
    : { ok: false, diagnostics, catalog };
}

/** A list without errors, and which of its submissions a command is for. */
export interface OpenedList {
  readonly plan: Plan;
  readonly chosen: ReadonlySet<string>;
  /** The models that the list may name. */
  readonly catalog: Catalog;
}

/** Checks a list as the flags say, and shows its diagnostics on `stream`; the exit code if the list cannot be used. */
export async function openList(
  file: string,
  options: {
    flags: CheckFlags & ListFlags & ChoiceFlags;
    console: Console;
    stream: NodeJS.WriteStream;
  },
): Promise<OpenedList | ExitCode> {
  const { flags, console, stream } = options;
  const asked = { ...loadOptions(flags), checkUrls: flags.checkUrls, env: console.env };
  const checked = await checkList(file, asked);
  if (checked.diagnostics.length > 0) await showDiagnostics(stream, checked.diagnostics, console);
  if (!checked.ok) return exitOf(checked.diagnostics);
  const chosen = chosenBy(checked.value, flags);
  if ('exit' in chosen) return fail(console, chosen);
  return { plan: checked.value, chosen, catalog: checked.catalog };
}

async function askServers(list: ShotList, env: NodeJS.ProcessEnv): Promise<readonly Diagnostic[]> {
  // Loaded only when asked for: an HTTP client takes longer to start than a list to check.
  const { checkUrls, openProbe } = await import('./check-urls.js');
  const { probe, close } = openProbe(env);
  try {
    return await checkUrls(list, probe);
  } finally {
    await close();
  }
}

/** Warnings, because a folder called `models` may hold other things; a shot that names such a model is an error. */
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
