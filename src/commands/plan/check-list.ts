import { dirname, join } from 'node:path';
import { effects } from '../../base/effects.js';
import type { ExitCode } from '../../base/exit.js';
import { type Checked, type Diagnostic, sortDiagnostics } from '../../language/diagnostic.js';
import type { PlacedFinding } from '../../language/document.js';
import { type Ignored, isIn, splitIgnored, unusedIgnores, type WithIgnored } from '../../language/ignores.js';
import { type LoadOptions, loadWithProfiles, type OtherProfile } from '../../language/load.js';
import type { ShotList } from '../../language/shot-list.js';
import { builtIn, type Catalog } from '../../models/catalog.js';
import { MODELS_FOLDER, type ModelFileProblem, readCatalog } from '../../models/read-catalog.js';
import { makePlan, withoutApprovals } from '../../plan/make-plan.js';
import type { Plan, Submission } from '../../plan/plan.js';
import { readRunState } from '../../run/records/records.js';
import type { KeyStates } from '../../run/records/render.js';
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

/** Flags that say how much is checked, and how strictly. */
export interface CheckFlags {
  /** Asks the servers of remote images and videos about type and size. */
  readonly checkUrls?: boolean | undefined;
  /** Makes errors of warnings, except of those that the list ignores. */
  readonly strict?: boolean | undefined;
}

/** Options of a check. */
interface CheckOptions extends LoadOptions, CheckFlags {
  /**
   * Checks every shot with every profile. By default the profiles that are not applied are checked only in their own text: a
   * shot that one of them does not fit is no reason to refuse a run without it.
   */
  readonly everyProfile?: boolean;
  /** The run that the list is checked for, because a link that has run out matters only to a run. */
  readonly run?: CheckedRun;
  /** Names the proxies for `checkUrls`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A run whose records say what is sent already; by default that of the service, in its usual place. */
export interface CheckedRun extends Partial<PlaceFlags> {
  readonly retryFailed?: boolean;
}

/** A plan or the diagnostics, and the models that the list may name. */
export type CheckedList = Checked<Plan> & { readonly catalog: Catalog };

/**
 * Loads and plans a shot list: finds everything that can be known to be wrong without the service. If the list has
 * errors, its other shots are planned too, so that all errors are reported together. The network is used only with
 * `checkUrls`.
 */
export async function checkList(file: string, options: CheckOptions = {}): Promise<CheckedList> {
  const { checkUrls = false, strict = false, everyProfile = false, run, ...rest } = options;
  const { env = process.env, ...load } = rest;
  const { list: loaded, others } = await loadWithProfiles(file, load);
  const list = loaded.ok ? loaded.value : loaded.partial;
  if (!list) return { ok: false, diagnostics: loaded.diagnostics, catalog: builtIn };
  const { catalog, problems } = await readCatalog(list.folder);
  const planned = makePlan(list, catalog);
  const remote = checkUrls ? await askServers(list, env) : [];
  const links = run ? await checkLinks(list, planned, run) : [];
  const outside = splitIgnored([...modelWarnings(problems, file), ...remote, ...links], list.ignores);
  const known = [...loaded.diagnostics, ...planned.diagnostics, ...outside.diagnostics];
  const profiles = checkProfiles(others(), { catalog, known, everyProfile });
  const found = [...known, ...profiles.diagnostics];
  if (!hasErrors(found) && !load.set?.size) {
    const used = [loaded, planned, outside, profiles].flatMap(({ ignored }) => ignored.map(({ by }) => by));
    // Warnings from servers are known only if they were asked; others come with time, or go with an option.
    const unsure = [...(checkUrls ? [] : ['SL403']), ...(load.shrink ? ['SL223'] : []), 'SL228'];
    const judged = list.ignores.filter(({ code }) => !unsure.includes(code));
    found.push(...unusedIgnores(judged, used));
  }
  const diagnostics = sortDiagnostics(strict ? found.map((one) => ({ ...one, severity: 'error' })) : found);
  return planned.ok && !hasErrors(diagnostics)
    ? { ok: true, value: planned.value, diagnostics, catalog }
    : { ok: false, diagnostics, catalog };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** Diagnostics that only profiles have that are not applied. `known` are those of the list without them. */
function checkProfiles(
  others: readonly OtherProfile[],
  { catalog, known, everyProfile }: { catalog: Catalog; known: readonly Diagnostic[]; everyProfile: boolean },
): Pick<WithIgnored<never>, 'diagnostics' | 'ignored'> {
  const keyOf = ({ file, line, column, code }: Diagnostic) => `${file}:${line}:${column}:${code}`;
  const reported = new Set(known.map(keyOf));
  const diagnostics: Diagnostic[] = [];
  const ignored: Ignored[] = [];
  // Several profiles may make one mistake of a shot.
  const ofShots = new Map<string, { one: Diagnostic; names: string[] }>();
  for (const { name, places, list: loaded } of others) {
    const list = loaded.ok ? loaded.value : loaded.partial;
    if (!list) continue;
    const planned = makePlan(withoutApprovals(list), catalog);
    ignored.push(...loaded.ignored, ...planned.ignored);
    if (name === null) continue;
    for (const one of [...loaded.diagnostics, ...planned.diagnostics]) {
      if (reported.has(keyOf(one))) continue;
      if (places.some((place) => isIn(place, one))) diagnostics.push(one);
      else if (everyProfile) {
        const key = `${keyOf(one)} ${one.message}`;
        const names = ofShots.get(key)?.names ?? [];
        ofShots.set(key, { one, names: [...names.filter((other) => other !== name), name] });
      }
    }
  }
  for (const { one, names } of ofShots.values())
    diagnostics.push({ ...one, message: `with --profile ${names.join(' or ')}: ${one.message}` });
  return { diagnostics, ignored };
}

/** Findings about signed links that run out. Reads the records of the run directory only if there are any. */
async function checkLinks(
  list: ShotList,
  planned: Checked<Plan>,
  { provider = 'runcomfy', retryFailed = false, ...place }: CheckedRun,
): Promise<readonly PlacedFinding[]> {
  const now = effects.now();
  const ending = endingLinks(list, now);
  if (ending.size === 0) return [];
  const state = await readRunState(runDirectory(list, { ...place, provider }));
  const keyStates: KeyStates = state.kind === 'read' ? state.keyStates : new Map();
  const needed = (submission: Submission) => isUnsent(submission, keyStates, retryFailed);
  return linkFindings(list, { ending, plan: planned.ok ? planned.value : null, needed, now });
}

async function askServers(list: ShotList, env: NodeJS.ProcessEnv): Promise<readonly PlacedFinding[]> {
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
  const { checkUrls, strict } = flags;
  const asked = { ...loadOptions(flags), checkUrls, strict, run: flags, env: console.env };
  const checked = await checkList(file, asked);
  if (checked.diagnostics.length > 0) await showDiagnostics(stream, checked.diagnostics, console);
  if (!checked.ok) return exitOf(checked.diagnostics);
  const chosen = chosenBy(checked.value, flags);
  if ('exit' in chosen) return fail(console, chosen);
  return { plan: checked.value, chosen, catalog: checked.catalog };
}
