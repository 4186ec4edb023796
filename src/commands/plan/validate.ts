import type { ExitCode } from '../../base/exit.js';
import { formatCount, formatSeconds } from '../../base/units.js';
import type { Diagnostic } from '../../language/diagnostic.js';
import { addRounded } from '../../plan/cost.js';
import type { Plan } from '../../plan/plan.js';
import type { DiagnosticFormat } from '../../ui/diagnostics.js';
import { visible } from '../../ui/visible.js';
import { type Console, exitOf, showDiagnostics } from '../console.js';
import { type ListFlags, loadOptions } from '../list-flags.js';
import { type CheckFlags, checkList } from './check-list.js';

/** Options of output for programs: no code frames, no colours, no wrapping. */
const PLAIN = { sources: new Map<string, string>(), color: false, width: Number.POSITIVE_INFINITY };

/** `shotlist validate`: checks lists with all of their profiles. Uses the network only with `checkUrls`. */
export async function validate(
  files: readonly string[],
  { format, checkUrls, strict, ...flags }: { format: DiagnosticFormat } & CheckFlags & ListFlags,
  console: Console,
): Promise<ExitCode> {
  const { stdout } = console;
  const diagnostics: Diagnostic[] = [];
  const sound: string[] = [];
  for (const file of files) {
    const options = {
      ...loadOptions(flags),
      checkUrls,
      strict,
      run: {},
      everyProfile: true,
      env: console.env,
    };
    const checked = await checkList(file, options);
    diagnostics.push(...checked.diagnostics);
    if (checked.ok) sound.push(`${visible(file)}: ${describe(checked.value)}, nothing wrong\n`);
  }
  if (format === 'pretty') {
    if (diagnostics.length > 0) await showDiagnostics(stdout, diagnostics, console);
    stdout.write(sound.join(''));
  } else {
    const { formatDiagnostics } = await import('../../ui/diagnostics.js');
    stdout.write(formatDiagnostics(diagnostics, { format, ...PLAIN }));
  }
  return exitOf(diagnostics);
}

function describe({ submissions }: Plan): string {
  const seconds = addRounded(submissions.map((submission) => submission.seconds));
  return `${formatCount(submissions.length, 'shot')}, ${formatSeconds(seconds)} of video`;
}
