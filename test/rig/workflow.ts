import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';

/** A step of a job as GitHub's workflow syntax has it. */
interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A workflow with one job. */
export interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly on: unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly defaults: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

/** End of a step: its name, its outcome in GitHub's words, and everything it printed. */
export interface StepEnd {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly code: number | null;
  readonly output: string;
}

/** A step that is running. */
export interface RunningStep {
  readonly name: string;
  readonly child: ChildProcess;
  /** Everything that it has printed so far. */
  readonly output: string;
  /** Kills it, and runs no step after it. */
  loseMachine(): void;
}

/** What a test gives a machine. */
export interface MachineOptions {
  /** A clone, in which the steps run. */
  readonly checkout: string;
  /** Folder for programs, temporary files and the files that steps write for GitHub. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Values of expressions, such as `secrets.RUNCOMFY_API_TOKEN`. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Scripts that stand before the programs of this machine, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Called whenever a step prints something. */
  readonly watch?: (step: RunningStep) => void;
}

/**
 * Runs the `run:` steps of a workflow in order as GitHub does: with its bash, its files for the path and the summary, and the
 * `if:` of each step. Steps with `uses:` do nothing. Resolves with the ends of the `run:` steps.
 */
export async function runWorkflow(workflow: Workflow, options: MachineOptions): Promise<readonly StepEnd[]> {
  const { folder, env, contexts } = options;
  const files = { GITHUB_PATH: join(folder, 'path'), GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  for (const file of Object.values(files)) await writeFile(file, '');
  for (const [name, script] of Object.entries(options.programs)) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const ends: StepEnd[] = [];
  const outcomes = new Map<string, StepEnd['outcome']>();
  const [job] = Object.values(workflow.jobs);
  let isLost = false;
  const loseMachine = () => {
    isLost = true;
  };
  for (const step of job?.steps ?? []) {
    if (isLost) break;
    if (step.run === undefined) continue;
    const name = step.name ?? step.run;
    const hasFailed = ends.some(({ outcome }) => outcome === 'failure');
    const isDue = dueOf(step.if ?? 'success()', { hasFailed, outcomes, contexts });
    const added = (await readFile(files.GITHUB_PATH, 'utf8')).split('\n').filter((line) => line !== '');
    const path = [...added.toReversed(), bin, env.PATH].join(delimiter);
    const filled = fillIn({ ...workflow.env, ...step.env }, contexts);
    const end = isDue
      ? await runStep(step.run, {
          ...options,
          name,
          loseMachine,
          env: { ...env, ...files, ...filled, RUNNER_TEMP: folder, PATH: path },
        })
      : ({ name, outcome: 'skipped', code: null, output: '' } as const);
    ends.push(end);
    if (step.id !== undefined) outcomes.set(step.id, end.outcome);
  }
  return ends;
}

/** Reads a workflow file. */
export async function readWorkflow(path: string): Promise<Workflow> {
  return parse(await readFile(path, 'utf8'));
}

async function runStep(
  script: string,
  {
    name,
    checkout,
    folder,
    env,
    watch,
    loseMachine,
  }: Pick<MachineOptions, 'checkout' | 'folder' | 'env' | 'watch'> &
    Pick<RunningStep, 'name' | 'loseMachine'>,
): Promise<StepEnd> {
  const file = join(folder, 'step.sh');
  await writeFile(file, script);
  // The command line of `shell: bash` in GitHub's workflow syntax.
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const lose = () => {
        loseMachine();
        child.kill('SIGKILL');
      };
      watch?.({ name, child, output, loseMachine: lose });
    });
  }
  const [code] = await once(child, 'close');
  return { name, outcome: code === 0 ? 'success' : 'failure', code, output };
}

/** Values with their expressions filled in. An unknown name is empty, as on GitHub. */
function fillIn(
  values: Readonly<Record<string, string>>,
  contexts: Readonly<Record<string, string>>,
): Record<string, string> {
  const filled = Object.entries(values).map(([name, value]) => {
    const text = String(value).replace(/\$\{\{ *([\w.]+) *\}\}/g, (_, path: string) => contexts[path] ?? '');
    return [name, text] as const;
  });
  return Object.fromEntries(filled);
}

/** Value of an `if:` of the few forms that the workflows have. Throws for any other. */
function dueOf(
  condition: string,
  options: {
    readonly hasFailed: boolean;
    readonly outcomes: ReadonlyMap<string, string>;
    readonly contexts: Readonly<Record<string, string>>;
  },
): boolean {
  const { hasFailed, outcomes, contexts } = options;
  const parts = condition.split(' && ');
  const values = parts.map((part) => {
    if (part === 'always()') return true;
    if (part === 'success()') return !hasFailed;
    const [, left = '', operator, right = ''] = /^([\w.]+) (==|!=) ([\w.]+|'\w+')$/.exec(part) ?? [];
    if (operator === undefined) throw new Error(`no value for ${part}`);
    const valueIn = (text: string) =>
      text.startsWith("'")
        ? text.slice(1, -1)
        : (outcomes.get(/^steps\.(\w+)\.outcome$/.exec(text)?.[1] ?? '') ?? contexts[text] ?? '');
    return (valueIn(left) === valueIn(right)) === (operator === '==');
  });
  // A condition that names no status holds only while no step has failed.
  return values.every(Boolean) && (parts.includes('always()') || !hasFailed);
}
