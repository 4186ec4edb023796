import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest, ManifestEntry } from '../../src/manifest/manifest.js';
import type { Ended } from '../e2e/rig.js';
import type { Accepted } from './emulator-process.js';

/** Records of both sides after the last run. */
export interface Outcome {
  /** Requests that the service accepted for this list, by its own ledger. */
  readonly accepted: readonly Accepted[];
  /** The last run's process, with `--json`. */
  readonly last: Ended;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** Most submissions that may be unknown: the ones in flight at a kill. */
  readonly unknownAtMost: number;
}

/** Broken promises, a sentence each; empty if all were kept. The service's ledger decides. */
export async function judge(outcome: Outcome): Promise<readonly string[]> {
  const { accepted, last, directory, unknownAtMost } = outcome;
  const text = await readFile(join(directory, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) return [`it ended with ${last.code} and no manifest: ${last.stderr}`];
  const manifest: Manifest = JSON.parse(text);
  const { submissions, unlisted } = manifest;
  const reported = reportedUnknown(last.stdout);
  const wrong: string[] = [];
  const byPrompt = new Map<string, Accepted[]>();
  for (const request of accepted) {
    const own = byPrompt.get(request.prompt);
    if (own) own.push(request);
    else byPrompt.set(request.prompt, [request]);
  }
  for (const entry of submissions) {
    wrong.push(
      ...wrongEntry(entry, { own: byPrompt.get(entry.prompt) ?? [], reported }),
      ...(await wrongClips(entry, directory)),
    );
  }
  const count = (wanted: string) => submissions.filter(({ state }) => state === wanted).length;
  const unknown = count('unknown');
  if (unknown > unknownAtMost) wrong.push(`${unknown} are unknown, at most ${unknownAtMost} can be`);
  if (unlisted.length > 0) wrong.push(`${unlisted.length} are attributed to another list`);
  const code = unknown > 0 ? 2 : Math.sign(count('failed'));
  if (last.code !== code) wrong.push(`it ended with ${last.code}: ${last.stderr}`);
  return [...wrong, ...(await leftovers(directory))];
}

function wrongEntry(
  { id, state, request_id }: ManifestEntry,
  { own, reported }: { readonly own: readonly Accepted[]; readonly reported: ReadonlySet<string> },
): readonly string[] {
  const isTold = state === 'unknown' && reported.has(id);
  const wrong = own
    .filter((request) => request.id !== request_id && !isTold)
    .map((request) => `${request.id}, accepted for ${id}, is lost`);
  if (own.length > 1) wrong.push(`${id} was accepted ${own.length} times`);
  if (state === 'unknown' && !isTold) wrong.push(`${id} is unknown, and the run did not say so`);
  const isOver =
    state === 'done' || state === 'unknown' || (state === 'failed' && own[0]?.status === 'failed');
  if (!isOver) wrong.push(`${id} is ${state} at the end`);
  return wrong;
}

/** Ids that the run itself reported as unknown. */
function reportedUnknown(stdout: string): ReadonlySet<string> {
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  return new Set(
    events.filter(({ event, state }) => event === 'shot' && state === 'unknown').map(({ id }) => id),
  );
}

async function wrongClips(
  { id, state, outputs }: ManifestEntry,
  directory: string,
): Promise<readonly string[]> {
  if (state !== 'done') return [];
  if (outputs.length === 0) return [`${id} is done without a clip`];
  const wrong: string[] = [];
  for (const { file, sha256 } of outputs) {
    const bytes = await readFile(join(directory, file ?? '')).catch(() => Buffer.alloc(0));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      wrong.push(`${file} is not what was recorded`);
  }
  return wrong;
}

/** Temporary files and locks, which a run that came to its end removes. */
async function leftovers(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true });
  return names
    .filter((name) => /\.tmp$|\.part$|lock|reserve/.test(name))
    .map((name) => `${name} was left behind`);
}
