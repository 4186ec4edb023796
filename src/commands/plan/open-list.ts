import type { ExitCode } from '../../base/exit.js';
import type { Catalog } from '../../models/catalog.js';
import type { Plan } from '../../plan/plan.js';
import { type Console, exitOf, fail, showDiagnostics } from '../console.js';
import { type ChoiceFlags, chosenBy, type ListFlags, loadOptions } from '../list-flags.js';
import { type CheckFlags, checkList } from './check-list.js';

/** A list without errors, and which of its submissions a command is for. */
export interface OpenedList {
  readonly plan: Plan;
  readonly chosen: ReadonlySet<string>;
  /** The models that the list may name. */
  readonly catalog: Catalog;
}

/** Checks a list as the flags say and tells on `stream` what is wrong with it; the exit code where it cannot be used. */
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
