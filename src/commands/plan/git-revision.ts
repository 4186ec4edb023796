import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../base/child-environment.js';
import { Exit } from '../../base/exit.js';
import { LARGEST_IMAGE } from '../../base/limits.js';
import { visible } from '../../ui/visible.js';
import type { Failure } from '../console.js';

/** A shot list as it was at a git revision, or the reason why it cannot be read. */
export type PastList =
  | {
      readonly kind: 'found';
      /** Path in a temporary folder, among the files that the list may name. */
      readonly file: string;
      /** Temporary folder with the files of the repository. */
      readonly tree: string;
      /** Removes the temporary folder. */
      close(): Promise<void>;
    }
  /** The revision has no such file. */
  | { readonly kind: 'absent' }
  | ({ readonly kind: 'failed' } & Failure);

/** Extensions of the texts that a list reads, of any size. */
const TEXTS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.csv', '.tsv', '.json']);

/** Files that no list can send, and rendered clips. Many are in Git LFS and would be downloaded at checkout. */
const NEVER_SENT =
  /\.(?:[0-9a-f]{8}\.mp4|m4v|mov|mkv|webm|avi|mxf|wav|aiff?|mp3|m4a|aac|flac|psd|psb|exr|tiff?|blend|fbx|zip|7z|gz)$/i;

/**
 * Checks a shot list out as it was at a revision, into a temporary folder, with all files of that revision that a list
 * may name. The working tree and the index are not touched.
 */
export async function listAtRevision({
  file,
  revision,
  ...outer
}: {
  readonly file: string;
  readonly revision: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborting it ends git and removes the temporary folder. */
  readonly signal: AbortSignal;
}): Promise<PastList> {
  const path = await realpath(file);
  const git = gitIn(dirname(path), outer);
  const place = await git(['rev-parse', '--show-toplevel', '--show-prefix']);
  if (!place.ok) return place.failure;
  const [top = '', prefix = ''] = place.output.split('\n');
  const name = `${prefix}${basename(path)}`;
  // A revision that begins with a dash would be read as an option.
  const commit = revision.startsWith('-')
    ? null
    : await git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  if (!commit?.ok) return unknownRevision(revision);
  const hash = commit.output.trim();
  const listing = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', hash]);
  if (!listing.ok) return listing.failure;
  const files = filesToCheckOut(listing.output);
  return files.includes(name) ? checkOut({ git: gitIn(top, outer), hash, files, name }) : { kind: 'absent' };
}

function unknownRevision(revision: string): PastList {
  return {
    kind: 'failed',
    exit: Exit.usage,
    message: `git knows no revision ${revision}`,
    hint: 'name a commit, branch or tag, such as HEAD~1; in a shallow clone, as CI makes them, fetch its history first',
  };
}

/** Paths of the files that a list may name. Each line is `<mode> <type> <object> <size>`, a tab, and the path. */
function filesToCheckOut(listing: string): readonly string[] {
  return listing.split('\0').flatMap((line) => {
    const [facts, path] = splitAtFirstTab(line);
    const [, type, , size] = facts.split(/ +/);
    if (type !== 'blob' || NEVER_SENT.test(path)) return [];
    return Number(size) <= LARGEST_IMAGE || TEXTS.has(extname(path).toLowerCase()) ? [path] : [];
  });
}

/** Facts and path of a line: a path may contain tabs too. */
function splitAtFirstTab(line: string): readonly [string, string] {
  const at = line.indexOf('\t');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** Checks files out as git does, with filters and links, through a temporary index. */
async function checkOut({
  git,
  hash,
  files,
  name,
}: {
  readonly git: Git;
  readonly hash: string;
  readonly files: readonly string[];
  readonly name: string;
}): Promise<PastList> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), 'shotlist-revision-'));
    // Marks the top of the repository: paths of a list may lead anywhere inside it, and not outside.
    await mkdir(join(folder, 'tree', '.git'), { recursive: true });
  } catch (error) {
    const message = `no temporary folder can be made: ${(error as Error).message}`;
    return { kind: 'failed', exit: Exit.cannotWrite, message };
  }
  const close = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const tree = join(folder, 'tree');
  const index = { GIT_INDEX_FILE: join(folder, 'index') };
  const read = await git(['read-tree', hash], { env: index });
  const written = read.ok
    ? await git(['checkout-index', '-z', '--stdin', `--prefix=${tree}/`], {
        env: index,
        input: files.map((path) => `${path}\0`).join(''),
      })
    : read;
  if (written.ok) return { kind: 'found', file: join(tree, name), tree, close };
  await close();
  return { ...written.failure, exit: Exit.cannotWrite };
}

type Git = (
  args: readonly string[],
  options?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
) => Promise<
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly failure: PastList & { kind: 'failed' } }
>;

/** Most output of git, bytes: the listing of a tree with a million files. */
const LARGEST_OUTPUT = 256 * 1024 * 1024;

const runFile = promisify(execFile);

function gitIn(cwd: string, outer: { env: NodeJS.ProcessEnv; signal: AbortSignal }): Git {
  // Variables of a git hook would name another repository or index. LC_ALL: the messages are matched in English.
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_PREFIX, ...rest } = childEnvironment(outer.env);
  return async (args, { env = {}, input = '' } = {}) => {
    try {
      const running = runFile('git', args, {
        cwd,
        env: { ...rest, LC_ALL: 'C', ...env },
        maxBuffer: LARGEST_OUTPUT,
        windowsHide: true,
        signal: outer.signal,
      });
      // Git may end before it has read all input; its exit code tells why.
      running.child.stdin?.on('error', () => {}).end(input);
      return { ok: true, output: (await running).stdout };
    } catch (error) {
      return { ok: false, failure: failureOf(error as NodeJS.ErrnoException & { stderr?: string }) };
    }
  };
}

function failureOf({ code, message, stderr = '' }: NodeJS.ErrnoException & { stderr?: string }): PastList & {
  kind: 'failed';
} {
  const failed = { kind: 'failed', exit: Exit.usage } as const;
  if (code === 'ENOENT') {
    const hint = 'install git, or compare two files: `shotlist diff old.yaml new.yaml`';
    return { ...failed, message: '--since needs git, and there is none on the PATH', hint };
  }
  if (/not a git repository/i.test(stderr)) {
    const hint = 'compare two files instead: `shotlist diff old.yaml new.yaml`';
    return { ...failed, message: '--since needs a git repository, and the list is in none', hint };
  }
  const reason = (stderr.trim() || message).split('\n')[0]?.replace(/^(?:fatal|error): /, '');
  return { ...failed, message: `git could not look it up: ${visible(reason ?? '')}` };
}
