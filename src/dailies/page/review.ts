import type { PageData, PageLine } from '../page-data.js';
import {
  approvalOf,
  type Choices,
  choiceCount,
  chooseTake,
  commandsFor,
  NO_CHOICES,
  toggleApproval,
} from './choices.js';
import { button, create, setAttributes } from './dom.js';
import { layOut, type Piece, type Shot, shotsOf } from './film.js';
import { EVERYTHING, type Filter, matches } from './filter.js';
import { helpDialog, listenToKeys } from './keys.js';
import { Screening } from './screening.js';
import type { Edit, Server } from './server.js';
import { ShotList, unlistedSection } from './shot-list.js';
import { Timeline } from './timeline.js';
import { TopBar } from './top-bar.js';
import { loadChoices, storeChoices, Tray } from './tray.js';

/** The dailies page: the current shot, the choices, and the filter. Connects the parts of the page. */
export class Review {
  #data: PageData;
  #shots: readonly Shot[];
  #pieces: readonly Piece[] = [];
  #choices: Choices = NO_CHOICES;
  #filter: Filter = EVERYTHING;
  #current = 0;
  readonly #server: Server | null;
  readonly #bar: TopBar;
  readonly #list: ShotList;
  readonly #timeline = new Timeline(({ shot }) => this.#go(shot.index));
  readonly #screening = new Screening(({ shot }) => this.#go(shot.index));
  readonly #tray: Tray;
  readonly #help: HTMLDialogElement;
  readonly #status = create('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
  readonly #serverGone = create('p', { class: 'notice', role: 'alert', hidden: true });
  readonly #nothing = create('section', { class: 'nothing', 'aria-label': 'Nothing found', hidden: true });
  readonly #listProblem = create('p', { class: 'notice', hidden: true });
  readonly #unlisted = create('section', { 'aria-label': 'Earlier versions of the list' });
  /** Timer that clears the status. */
  #statusTimer = 0;
  /** Last edit of the list. Edits wait for each other, because each is made on the revision that the last one left. */
  #lastEdit: Promise<void> = Promise.resolve();

  constructor(data: PageData, server: Server | null) {
    this.#data = data;
    this.#shots = shotsOf(data);
    this.#server = server;
    if (!server) this.#choices = loadChoices(data);
    const announce = (text: string) => this.#announce(text);
    this.#help = helpDialog(
      server
        ? 'Each choice is written into the list immediately; comments and layout stay as they are.'
        : 'Choices are collected as commands to copy. shotlist report --serve writes them into the list itself.',
    );
    this.#bar = new TopBar({
      onFilter: (filter) => this.#setFilter(filter),
      onHelp: () => this.#help.showModal(),
      onPlayFilm: () => this.#screening.play(this.#pieces, this.#current),
    });
    this.#list = new ShotList({
      choices: () => this.#choices,
      canChoose: () => this.#data.list.revision !== null,
      take: (shot, take) => this.#chooseTake(shot, take),
      approve: (shot) => this.#toggleApproval(shot),
    });
    this.#tray = new Tray(() => this.#setChoices(NO_CHOICES, null), announce);
  }

  /** Puts the page into the document and starts to listen. */
  open(): void {
    const { element } = this.#bar;
    this.#nothing.append('No shot matches. ', button('Show all', { onClick: () => this.#bar.reset() }));
    this.#serverGone.textContent = 'The server of this page has ended. The page shows what it last sent.';
    document.body.append(
      element,
      this.#timeline.element,
      this.#serverGone,
      this.#listProblem,
      this.#list.element,
      this.#nothing,
      this.#unlisted,
      this.#tray.element,
      this.#status,
      this.#help,
      this.#screening.element,
    );
    this.#show();
    this.#listen();
    const wanted = decodeURIComponent(location.hash.replace(/^#shot-/, ''));
    const found = this.#shots.findIndex(({ shot }) => shot.id === wanted);
    if (found > 0) this.#go(found);
    else this.#markCurrent();
    this.#server?.watch(
      (data) => this.#update(data),
      (isGone) => {
        this.#serverGone.hidden = !isGone;
      },
    );
  }

  #listen(): void {
    listenToKeys(
      {
        j: () => this.#step(1),
        k: () => this.#step(-1),
        ' ': () => this.#list.views[this.#current]?.togglePlay(),
        m: () => this.#list.views[this.#current]?.toggleSound(),
        a: () => this.#withCurrent((shot) => this.#toggleApproval(shot)),
        p: () => this.#screening.play(this.#pieces, this.#current),
        '/': () => this.#bar.search.focus(),
        Escape: () => this.#bar.reset(),
        '?': () => this.#help.showModal(),
      },
      (take) => this.#withCurrent((shot) => this.#chooseTake(shot, take)),
    );
    // A shot becomes the current one when it is clicked or gets the focus.
    this.#list.element.addEventListener('pointerdown', ({ target }) => this.#makeCurrent(target));
    this.#list.element.addEventListener('focusin', ({ target }) => this.#makeCurrent(target));
  }

  #makeCurrent(target: EventTarget | null): void {
    const at = this.#list.views.findIndex(({ element }) => element.contains(target as Node));
    if (at >= 0 && at !== this.#current) {
      this.#current = at;
      this.#markCurrent();
    }
  }

  #withCurrent(act: (shot: Shot) => void): void {
    const shot = this.#shots[this.#current];
    if (shot) act(shot);
  }

  #step(by: 1 | -1): void {
    const { views } = this.#list;
    let at = this.#current + by;
    while (views[at]?.element.hidden) at += by;
    if (views[at]) this.#go(at);
  }

  #go(index: number): void {
    const view = this.#list.views[index];
    if (!view) return;
    if (view.element.hidden) this.#bar.reset();
    this.#list.views[this.#current]?.pause();
    this.#current = index;
    for (const near of [index - 1, index, index + 1]) this.#list.views[near]?.fill();
    view.element.focus({ preventScroll: true });
    this.#markCurrent();
    view.element.scrollIntoView({ block: 'start' });
    // Shots that were never on the screen had an estimated height; in the next frame the heights are right.
    requestAnimationFrame(() => view.element.scrollIntoView({ block: 'start' }));
  }

  #markCurrent(): void {
    const shown = new Set(
      this.#list.views.filter(({ element }) => !element.hidden).map(({ shot }) => shot.index),
    );
    for (const [at, { element }] of this.#list.views.entries()) {
      setAttributes(element, { 'aria-current': at === this.#current ? 'true' : null });
    }
    this.#timeline.mark(this.#current, ({ shot }) => shown.has(shot.index));
  }

  #setFilter(filter: Filter): void {
    this.#filter = filter;
    this.#show();
    if (this.#list.views[this.#current]?.element.hidden) {
      const first = this.#list.views.findIndex(({ element }) => !element.hidden);
      if (first >= 0) this.#current = first;
    }
    this.#markCurrent();
  }

  /** Shows everything that depends on the data, the choices and the filter. */
  #show(): void {
    const { list, unlisted } = this.#data;
    this.#bar.show(this.#data, { shots: this.#shots, choices: this.#choices });
    this.#list.show(this.#data, this.#shots);
    const count = this.#list.filter((shot) => matches(shot, this.#filter, this.#choices));
    this.#nothing.hidden = count > 0;
    this.#pieces = layOut(this.#shots, this.#choices);
    this.#timeline.show(this.#pieces);
    this.#tray.show(commandsFor(this.#choices, this.#data), choiceCount(this.#choices));
    this.#listProblem.hidden = list.problem === null;
    this.#listProblem.textContent = `${list.problem ?? ''}. The page shows the manifest, and nothing can be chosen.`;
    this.#unlisted.hidden = unlisted.length === 0;
    this.#unlisted.replaceChildren(...(unlisted.length > 0 ? [unlistedSection(unlisted)] : []));
  }

  #update(data: PageData): void {
    this.#data = data;
    const current = this.#shots[this.#current]?.shot.id;
    this.#shots = shotsOf(data);
    const at = this.#shots.findIndex(({ shot }) => shot.id === current);
    this.#current = at >= 0 ? at : Math.min(this.#current, Math.max(0, this.#shots.length - 1));
    this.#show();
    this.#markCurrent();
  }

  #chooseTake({ shot }: Shot, take: number): void {
    const { line, variants } = shot;
    const takes = variants[0]?.takes ?? [];
    const problem = this.#listObstacle(line) ?? takeObstacle(shot.id, { take, takes: takes.length });
    if (problem !== null || !line) this.#announce(problem ?? '');
    else if (this.#server) this.#edit(() => ({ take: { line: line.id, take } }));
    else {
      const selected = takes.find((one) => one.selected)?.take ?? 1;
      this.#setChoices(chooseTake(this.#choices, { line, take, selected }), line);
      this.#announce(`${line.id}: take ${take}`);
    }
  }

  #toggleApproval({ shot: { line } }: Shot): void {
    const problem = this.#listObstacle(line) ?? approvalObstacle(line);
    if (problem !== null || !line) this.#announce(problem ?? '');
    else if (this.#server)
      this.#edit(() => ({ approve: { line: line.id, approved: !this.#isApproved(line) } }));
    else {
      const choices = toggleApproval(this.#choices, line);
      this.#setChoices(choices, line);
      this.#announce(`${line.id}: ${approvalOf(line, choices) === 'yes' ? 'approved' : 'not approved'}`);
    }
  }

  #listObstacle(line: PageLine | null): string | null {
    const canChoose = line !== null && this.#data.list.revision !== null;
    return canChoose ? null : 'The list cannot be read, so nothing can be chosen.';
  }

  #setChoices(choices: Choices, line: PageLine | null): void {
    this.#choices = choices;
    storeChoices(this.#data, choices);
    for (const view of this.#list.views)
      if (line === null || view.shot.shot.line === line) view.showChoices();
    this.#show();
    this.#markCurrent();
  }

  /** True if a line is approved in the latest data. */
  #isApproved({ id }: PageLine): boolean {
    return this.#shots.some(({ shot: { line } }) => line?.id === id && line.approved === 'yes');
  }

  /** Sends an edit when the edits before it are answered; `edit` is called then, because the data may have changed. */
  #edit(edit: () => Edit): void {
    this.#lastEdit = this.#lastEdit.then(() => this.#sendEdit(edit()));
  }

  async #sendEdit(edit: Edit): Promise<void> {
    const { revision } = this.#data.list;
    if (!this.#server || revision === null) return;
    try {
      const { message, data } = await this.#server.edit(edit, revision);
      this.#update(data);
      this.#announce(message);
    } catch {
      this.#announce('Nothing was written: the server of this page does not answer.');
    }
  }

  /** Shows a text for six seconds. */
  #announce(text: string): void {
    this.#status.textContent = text;
    clearTimeout(this.#statusTimer);
    this.#statusTimer = window.setTimeout(() => {
      this.#status.textContent = '';
    }, 6000);
  }
}

/** Reason why a take cannot be chosen, or null. */
function takeObstacle(
  id: string,
  { take, takes }: { readonly take: number; readonly takes: number },
): string | null {
  if (takes === 1) return `${id} has one take.`;
  return take > takes ? `${id} has ${takes} takes.` : null;
}

/** Reason why a line cannot be approved, or null. */
function approvalObstacle(line: PageLine | null): string | null {
  if (!line || line.shots === 1) return null;
  return `${line.id} is ${line.shots} shots, and one approval cannot cover them all.`;
}
