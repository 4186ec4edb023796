import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { PageSource, ServedPage } from '../../dailies/page-server.js';
import { visible } from '../../ui/visible.js';
import type { ListFlags } from '../list-flags.js';
import { signOff } from '../lists/approve.js';
import type { Edited } from '../lists/edit-list.js';
import { chooseTakes } from '../lists/select.js';
import { type RenderedRun, readRendered } from './rendered-run.js';
import { runPage } from './run-page.js';

export interface PageDeskOptions {
  /** The run directory or its manifest, as it was named. */
  readonly run: string;
  readonly flags: ListFlags;
  /** What was found there when the page was opened. */
  readonly opened: RenderedRun;
}

/** What a served page is made of: reads the run anew where something has changed, and edits its list. */
export class PageDesk implements PageSource {
  readonly #run: string;
  readonly #flags: ListFlags;
  #opened: RenderedRun;
  #page: Promise<ServedPage> | null = null;
  #stamp = '';
  /** Edits follow each other: each is made on what the one before left. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ run, flags, opened }: PageDeskOptions) {
    this.#run = run;
    this.#opened = opened;
    this.#flags = { ...flags, ...(opened.profile !== null && { profile: opened.profile }) };
  }

  async read(): Promise<ServedPage> {
    const stamp = await stampOf(this.#opened);
    if (this.#page === null || stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#page = this.#gather();
    }
    return this.#page;
  }

  edit(choice: unknown): Promise<{ readonly ok: boolean; readonly message: string }> {
    const edited = this.#last.then(() => this.#edit(choice));
    this.#last = edited.catch(() => {});
    return edited;
  }

  async #gather(): Promise<ServedPage> {
    const read = await readRendered(this.#run, this.#flags);
    // A run that has just been moved away: what was seen last is still true of it.
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
    const asked = choiceOf(choice);
    if (!asked) return { ok: false, message: 'This is no choice.' };
    const { list } = this.#opened;
    const { revision } = asked;
    const flags = this.#flags;
    const edited =
      asked.kind === 'take'
        ? await chooseTakes(list, [`${asked.line}=${asked.take ?? ''}`], { flags, revision })
        : await signOff(list, [asked.line], { flags: { ...flags, remove: !asked.approved }, revision });
    // A file system may keep time too coarsely to tell the new text by.
    this.#stamp = '';
    return inWords(edited);
  }
}

type Choice =
  | { readonly kind: 'take'; readonly line: string; readonly take: number | null; readonly revision: string }
  | {
      readonly kind: 'approve';
      readonly line: string;
      readonly approved: boolean;
      readonly revision: string;
    };

/** A choice as the page sends it; null for anything else. */
function choiceOf(value: unknown): Choice | null {
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

function inWords(edited: Edited): { readonly ok: boolean; readonly message: string } {
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

/** Changes whenever the page may: what a run writes, what reports add, and the list. */
async function stampOf({ directory, list }: RenderedRun): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => /^(manifest.*\.json|journal\.ndjson|videos|stills)$/.test(name));
  const paths = [...files.map((name) => join(directory, name)), list];
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return stats.map((one) => `${one?.size}@${one?.mtimeMs}`).join(' ');
}
