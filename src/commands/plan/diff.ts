import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import type { Diagnostic } from '../../language/diagnostic.js';
import type { Manifest, ManifestEntry } from '../../manifest/manifest.js';
import { readManifest } from '../../manifest/manifest-file.js';
import { findModel } from '../../models/catalog.js';
import { type ComparedSubmission, diffPlans } from '../../plan/diff.js';
import type { Plan } from '../../plan/plan.js';
import { MANIFEST } from '../../run/directory/manifests.js';
import { formatDiagnostics } from '../../ui/diagnostics.js';
import { formatDiff } from '../../ui/diff.js';
import { formatDiffMarkdown } from '../../ui/diff-markdown.js';
import { jsonText, visible } from '../../ui/visible.js';
import {
  type Console,
  colorOf,
  exitOf,
  type Failure,
  fail,
  readSources,
  showDiagnostics,
  widthOf,
} from '../console.js';
import { type ListFlags, loadOptions } from '../list-flags.js';
import { stopOnSignals } from '../signals.js';
import { type CheckFlags, checkList } from './check-list.js';
import { listAtRevision } from './git-revision.js';

/** Flags of `shotlist diff`. */
export interface DiffFlags extends ListFlags, Pick<CheckFlags, 'strict'> {
  /** Path of a manifest, or of the run directory that holds it. */
  readonly against?: string;
  /** A git revision. */
  readonly since?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** Earlier side of a comparison. */
interface Earlier {
  readonly submissions: readonly ComparedSubmission[];
  /** Keys of further clips that exist. */
  readonly rendered?: readonly string[];
}

/**
 * `shotlist diff`: shows the differences between two lists, or between a list and a manifest or git revision, with
 * their cost. Exits with 0 also if there are differences.
 */
export async function diff(
  files: readonly [string, string?],
  flags: DiffFlags,
  console: Console,
): Promise<ExitCode> {
  const [first, second] = files;
  const asked = [second, flags.against, flags.since].filter((one) => one !== undefined);
  const [against] = asked;
  if (against === undefined || asked.length > 1) {
    const message =
      'name one thing to compare with: a second list, --against <manifest> or --since <revision>';
    return fail(console, { exit: Exit.usage, message });
  }
  const newer = second ?? first;
  const checked = await checkList(newer, { ...loadOptions(flags), strict: flags.strict });
  if (checked.diagnostics.length > 0) await showDiagnostics(console.stderr, checked.diagnostics, console);
  if (!checked.ok) return exitOf(checked.diagnostics);
  const earlier = await readEarlier({ first, newer, flags, console });
  if (typeof earlier === 'number') return earlier;
  console.stdout.write(
    formatOutput(checked.value, { earlier, against: second === undefined ? against : first, flags, console }),
  );
  return Exit.done;
}

function formatOutput(
  { list, submissions }: Plan,
  options: {
    readonly earlier: Earlier;
    readonly against: string;
    readonly flags: DiffFlags;
    readonly console: Console;
  },
): string {
  const { earlier, against, flags, console } = options;
  const diff = diffPlans({
    before: earlier.submissions,
    after: submissions,
    rendered: earlier.rendered ?? [],
  });
  if (flags.json) return `${jsonText({ list, against, ...diff }, 2)}\n`;
  const models = submissions.flatMap(({ model, cost }) => (cost.usd === null ? [model] : []));
  const unpriced = [...new Set(models)].map((id) => findModel(id)?.name ?? id);
  const page = { diff, title: list.title ?? list.name, against, unpriced };
  if (flags.markdown) return formatDiffMarkdown(page);
  return formatDiff(page, { width: widthOf(console.stdout), color: colorOf(console.stdout, console) });
}

/** Earlier side of the comparison. If it cannot be read, shows the reason and returns the exit code. */
async function readEarlier(options: {
  readonly first: string;
  readonly newer: string;
  readonly flags: DiffFlags;
  readonly console: Console;
}): Promise<Earlier | ExitCode> {
  const { first, newer, flags, console } = options;
  if (flags.against !== undefined) {
    const read = await fromManifest(flags.against);
    return 'exit' in read ? fail(console, read) : read;
  }
  if (flags.since !== undefined) return fromRevision({ file: newer, revision: flags.since, flags, console });
  const checked = await checkList(first, loadOptions(flags));
  if (checked.ok) return checked.value;
  await showDiagnostics(console.stderr, checked.diagnostics, console);
  return exitOf(checked.diagnostics);
}

/** `path` is the manifest, or the run directory that holds it. */
async function fromManifest(path: string): Promise<Earlier | Failure> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const read = await readManifest(isFolder ? join(path, MANIFEST) : path);
  switch (read.kind) {
    case 'none':
      return {
        exit: Exit.missing,
        message: `there is no manifest ${path}`,
        hint: 'a run writes it into its directory, such as renders/film/manifest.json',
      };
    case 'unreadable':
      return { exit: Exit.invalid, message: read.message };
    case 'read':
      return renderedIn(read.manifest);
  }
}

/** Submissions of a manifest that a run would not send again. */
function renderedIn({ submissions, unlisted }: Manifest): Earlier {
  const sent = ({ state }: ManifestEntry) =>
    state !== 'planned' && state !== 'refused' && state !== 'cancelled';
  return {
    submissions: submissions.filter(sent).map((entry) => ({ ...entry, cost: { usd: entry.cost.estimate } })),
    rendered: unlisted.filter(sent).map(({ key }) => key),
  };
}

function fromRevision(options: {
  readonly file: string;
  readonly revision: string;
  readonly flags: ListFlags;
  readonly console: Console;
}): Promise<Earlier | ExitCode> {
  const { file, revision, flags, console } = options;
  // A signal is handled below, so that the temporary folder is removed.
  return stopOnSignals(async (signal) => {
    const past = await listAtRevision({ file, revision, env: console.env, signal });
    if (past.kind === 'failed') return signal.aborted ? Exit.interrupted : fail(console, past);
    if (past.kind === 'absent') {
      console.stderr.write(`${visible(file)} is not in ${visible(revision)}: all of it is new.\n`);
      return { submissions: [] };
    }
    try {
      const checked = await checkList(past.file, loadOptions(flags));
      if (signal.aborted) return Exit.interrupted;
      if (checked.ok) return checked.value;
      const nameOf = (path: string) => `${revision}:${relative(past.tree, path).split(sep).join('/')}`;
      await showPastDiagnostics(checked.diagnostics, { nameOf, console });
      return exitOf(checked.diagnostics);
    } finally {
      await past.close();
    }
  });
}

/** Shows diagnostics with file names as git writes them (`HEAD~1:film.yaml`), not those of the temporary folder. */
async function showPastDiagnostics(
  diagnostics: readonly Diagnostic[],
  { nameOf, console }: { nameOf: (path: string) => string; console: Console },
): Promise<void> {
  const { stderr } = console;
  const sources = [...readSources(diagnostics)].map(([path, text]) => [nameOf(path), text] as const);
  const named = diagnostics.map((one) => ({ ...one, file: nameOf(one.file) }));
  const options = { sources: new Map(sources), color: colorOf(stderr, console), width: widthOf(stderr) };
  stderr.write(formatDiagnostics(named, { format: 'pretty', ...options }));
}
