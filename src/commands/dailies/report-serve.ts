import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import { type PageSource, pageServer, type ServedPage } from '../../dailies/page-server.js';
import { listenFailure } from '../../emulator/emulator.js';
import { visible } from '../../ui/visible.js';
import { type Console, fail, shownPath } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { approveShots } from '../lists/approve.js';
import type { EditOutcome } from '../lists/edit-list.js';
import { chooseTakes } from '../lists/select.js';
import { emulatorFailure } from '../service/provider.js';
import { stopOnSignals } from '../signals.js';
import { openInspected } from './inspected-run.js';
import { type RenderedRun, readRendered } from './rendered-run.js';
import { runPage } from './run-page.js';

/** Flags of `shotlist report --serve`. */
export interface ServeFlags extends ListFlags {
  /** Port; any free port by default. */
  readonly port?: number;
}

/** Address that only this machine can reach. */
const HOST = '127.0.0.1';

/** `shotlist report --serve`: serves the dailies page on this machine, and writes choices into the list. */
export async function serveReport(run: string, flags: ServeFlags, console: Console): Promise<ExitCode> {
  const { port: wanted = 0 } = flags;
  const opened = await openInspected(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const token = randomBytes(16).toString('hex');
  const page = new LivePage({ run, flags, opened });
  const server = pageServer({ read: () => page.read(), edit: (choice) => page.edit(choice) }, token);
  try {
    server.listen(wanted, HOST);
    await once(server, 'listening');
  } catch (error) {
    const failure = listenFailure({ host: HOST, port: wanted }, error as NodeJS.ErrnoException);
    return fail(console, emulatorFailure(failure));
  }
  const { port } = server.address() as AddressInfo;
  const writes = opened.currentList
    ? `Choices are written into ${shownPath(opened.list)}.`
    : 'Nothing can be chosen.';
  console.stdout.write(`The dailies: http://${HOST}:${port}/${token}/\n${writes} Ctrl-C ends it.\n`);
  await stopOnSignals(
    (signal) => new Promise<void>((stopped) => signal.addEventListener('abort', () => stopped())),
  );
  server.close();
  server.closeAllConnections();
  return Exit.done;
}

/** Options of a live page. */
interface LivePageOptions {
  /** Run directory or manifest, as the user named it. */
  readonly run: string;
  readonly flags: ListFlags;
  /** Run as it was when the page was opened. */
  readonly opened: RenderedRun;
}

/** Source of a served page: reads the run again after each change, and edits its list. */
class LivePage implements PageSource {
  readonly #run: string;
  readonly #flags: ListFlags;
  #opened: RenderedRun;
  #page: Promise<ServedPage> | null = null;
  #stamp = '';
  /** Last edit. Edits wait for each other, because each is made on the text that the last one left. */
  #lastEdit: Promise<unknown> = Promise.resolve();

  constructor({ run, flags, opened }: LivePageOptions) {
    this.#run = run;
    this.#opened = opened;
    this.#flags = { ...flags, ...(opened.profile !== null && { profile: opened.profile }) };
  }

  async read(): Promise<ServedPage> {
    const stamp = await stampOf(this.#opened);
    if (this.#page === null || stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#page = this.#readPage();
    }
    return this.#page;
  }

  edit(choice: unknown): Promise<{ readonly ok: boolean; readonly message: string }> {
    const edited = this.#lastEdit.then(() => this.#edit(choice));
    this.#lastEdit = edited.catch(() => {});
    return edited;
  }

  async #readPage(): Promise<ServedPage> {
    const read = await readRendered(this.#run, this.#flags);
    // A run that was moved away is shown as it was read last.
    if (!('exit' in read)) this.#opened = read;
    const files = new Map<string, string>();
    const refer = (path: string) => {
      const name = createHash('sha256').update(path).digest('hex').slice(0, 20);
      const address = `media/${name}${extname(path).toLowerCase()}`;
      files.set(address, path);
      return address;
    };
    return { data: await runPage(this.#opened, { flags: this.#flags, refer }), files };
  }

  async #edit(choice: unknown): Promise<{ readonly ok: boolean; readonly message: string }> {
    const asked = parseChoice(choice);
    if (!asked) return { ok: false, message: 'This is not a choice.' };
    const { list } = this.#opened;
    const { revision } = asked;
    const flags = this.#flags;
    const edited =
      asked.kind === 'take'
        ? await chooseTakes(list, [`${asked.line}=${asked.take ?? ''}`], { flags, revision })
        : await approveShots(list, [asked.line], { flags: { ...flags, remove: !asked.approved }, revision });
    // The new text may have the same modification time on a coarse file system.
    this.#stamp = '';
    return editAnswer(edited);
  }
}

/** A choice that the page sent. */
type Choice =
  | { readonly kind: 'take'; readonly line: string; readonly take: number | null; readonly revision: string }
  | {
      readonly kind: 'approve';
      readonly line: string;
      readonly approved: boolean;
      readonly revision: string;
    };

/** Checks a choice; null if it is invalid. */
function parseChoice(value: unknown): Choice | null {
  const { revision, take, approve } = fieldsOf(value);
  if (typeof revision !== 'string') return null;
  const chosen = fieldsOf(take);
  if (typeof chosen.line === 'string' && (chosen.take === null || Number.isInteger(chosen.take))) {
    return { kind: 'take', line: chosen.line, take: chosen.take as number | null, revision };
  }
  const { line, approved } = fieldsOf(approve);
  if (typeof line !== 'string' || typeof approved !== 'boolean') return null;
  return { kind: 'approve', line, approved, revision };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function editAnswer(edited: EditOutcome): { readonly ok: boolean; readonly message: string } {
  if (edited.kind === 'edited') return { ok: true, message: visible(edited.lines.join('; ')) };
  if (edited.kind === 'wrong') {
    return { ok: false, message: 'Nothing was written: the list has errors (see shotlist validate).' };
  }
  const { message, hint } = edited.failure;
  return {
    ok: false,
    message: visible(`Nothing was written: ${message}${hint === undefined ? '' : `; ${hint}`}.`),
  };
}

/** Text that changes when files change that the page depends on: those of the run, of reports, and the list. */
async function stampOf({ directory, list }: RenderedRun): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => /^(manifest.*\.json|videos|stills)$/.test(name));
  const paths = [...files.map((name) => join(directory, name)), list];
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return stats.map((one) => `${one?.size}@${one?.mtimeMs}`).join(' ');
}
