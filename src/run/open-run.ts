import { mkdir } from 'node:fs/promises';
import { Exit } from '../base/exit.js';
import { heldBy, type Lock, takeLock } from './directory/lock.js';
import { type RunRefused, writeProblem } from './directory/obstacle.js';
import { sweep } from './directory/sweep.js';
import { readSources, refuseLiveSources } from './journal/reuse-sources.js';
import { type RunState, readRunState } from './journal/run-state.js';
import { serviceWords } from './messages.js';
import { Run } from './run.js';
import type { OpenedRun, RunOptions } from './run-options.js';

/**
 * Opens a run directory for a plan: takes its lock, reads what was done before, and says what is left to do, so that
 * a person can be asked before anything is spent.
 */
export async function openRun(options: RunOptions): Promise<OpenedRun | RunRefused> {
  const { directory, deps, plan } = options;
  const now = new Date(deps.now()).toISOString();
  let lock: Lock | null = null;
  let isMade = false;
  try {
    await mkdir(directory, { recursive: true });
    isMade = true;
    const force = options.takeLock ?? false;
    const taken = await takeLock({ directory, now, force });
    if (!taken.ok) return { ok: false, exit: Exit.unfinished, message: heldBy(directory, taken) };
    lock = taken.lock;
    const live = await refuseLiveSources(options.reuse ?? [], { own: directory, force });
    const reading = live ?? (await readSources(options.reuse ?? [], { service: options.serviceName, now }));
    const state = await readRunState(directory, now, {
      sources: reading.ok ? reading.sources : [],
      submissions: plan.submissions,
    });
    const refused = reading.ok ? refusal(options, state) : reading;
    if (refused) {
      await lock.release();
      return refused;
    }
    if (state.kind !== 'read') throw new Error('an unreadable state was not refused');
    // What was taken by force may still be in use.
    if (!options.takeLock) await sweep(directory, state.fold.keys());
    return new Run(options, { state, lock });
  } catch (error) {
    await lock?.release();
    const problem = writeProblem(error);
    if (problem === null) throw error;
    const what = isMade ? `Cannot use ${directory}` : `${directory} cannot be made there`;
    const message = `${what}: ${problem} Nothing was sent. Choose another folder with --out.`;
    return { ok: false, exit: Exit.cannotWrite, message };
  }
}

function refusal({ directory, serviceName }: RunOptions, state: RunState): RunRefused | null {
  if (state.kind === 'mixed') return { ok: false, exit: Exit.usage, message: state.message };
  if (state.kind === 'unreadable') return { ok: false, exit: Exit.invalid, message: state.message };
  if (state.service === null || state.service === serviceName) return null;
  const message =
    `${directory} belongs to ${serviceWords(state.service)}, and this run is for ${serviceWords(serviceName)}. ` +
    'Nothing was sent. Choose another folder with --out.';
  return { ok: false, exit: Exit.usage, message };
}
