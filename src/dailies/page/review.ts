import type { PageData, PageLine } from '../page-data.js';
import {
  approvalOf,
  type Choices,
  chooseTake,
  commandsFor,
  countOf,
  NONE,
  toggleApproval,
} from './choices.js';
import { button, h } from './dom.js';
import { type Shot, shotsOf } from './film.js';
import { layOut, type Piece } from './film-layout.js';
import { EVERYTHING, type Filter, matches } from './filter.js';
import { helpDialog } from './help.js';
import { listenToKeys } from './keyboard.js';
import { remember, remembered } from './memory.js';
import { Screening } from './screening.js';
import type { Edit, Server } from './server.js';
import { ShotList } from './shot-list.js';
import { Timeline } from './timeline.js';
import { TopBar } from './top-bar.js';
import { Tray } from './tray.js';
import { unlistedSection } from './unlisted.js';

/** The page: who looks at which shot, what was chosen, and what of the film is shown. */
export class Review {
  #data: PageData;
  #shots: readonly Shot[];
  #pieces: readonly Piece[] = [];
  #choices: Choices = NONE;
  #filter: Filter = EVERYTHING;
  #current = 0;
  readonly #server: Server | null;
  readonly #bar: TopBar;
  readonly #list: ShotList;
  readonly #timeline = new Timeline({ onGo: ({ shot }) => this.#go(shot.index) });
  readonly #screening = new Screening(({ shot }) => this.#go(shot.index));
  readonly #tray: Tray;
  readonly #help: HTMLDialogElement;
  readonly #status = h('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
  readonly #gone = h('p', { class: 'notice', role: 'alert', hidden: true });
  readonly #nothing = h('section', { class: 'nothing', 'aria-label': 'Nothing found', hidden: true });
  readonly #unread = h('p', { class: 'notice', hidden: true });
  readonly #rest = h('section', { 'aria-label': 'Earlier versions of the list' });
  #saying = 0;
  /** Choices follow each other: each is made on the text that the one before has left. */
  #edited: Promise<void> = Promise.resolve();

  constructor(data: PageData, server: Server | null) {
    this.#data = data;
    this.#shots = shotsOf(data);
    this.#server = server;
    if (!server) this.#choices = remembered(data);
    const announce = (text: string) => this.#say(text);
    this.#help = helpDialog(
      server
        ? 'Choices are written into the list at once; comments and layout stay as they are.'
        : 'Choices are gathered as commands to copy. shotlist report --serve writes them into the list itself.',
    );
    this.#bar = new TopBar({
      onFilter: (filter) => this.#look(filter),
      onHelp: () => this.#help.showModal(),
      onScreen: () => this.#screening.play(this.#pieces, this.#current),
    });
    this.#list = new ShotList({
      choices: () => this.#choices,
      canChoose: () => this.#data.list.revision !== null,
      take: (shot, take) => this.#take(shot, take),
      approve: (shot) => this.#approve(shot),
    });
    this.#tray = new Tray({ onClear: () => this.#choose(NONE, null), announce });
  }

  /** Puts the page into the document, and begins to listen. */
  open(): void {
    const { element } = this.#bar;
    this.#nothing.append('No shot is like that. ', button('Show all', { onClick: () => this.#bar.reset() }));
    this.#gone.textContent = 'The server behind this page has ended. What is shown is as it was then.';
    document.body.append(
      ...[element, this.#timeline.element, this.#gone, this.#unread, this.#list.element, this.#nothing],
      ...[this.#rest, this.#tray.element, this.#status, this.#help, this.#screening.element],
    );
    this.#show();
    this.#listen();
    const asked = decodeURIComponent(location.hash.replace(/^#shot-/, ''));
    const found = this.#shots.findIndex(({ shot }) => shot.id === asked);
    if (found > 0) this.#go(found);
    else this.#mark();
    this.#server?.watch(
      (data) => this.#update(data),
      (isGone) => {
        this.#gone.hidden = !isGone;
      },
    );
  }

  #listen(): void {
    listenToKeys({
      step: (by) => this.#step(by),
      play: () => this.#list.views[this.#current]?.togglePlay(),
      sound: () => this.#list.views[this.#current]?.toggleSound(),
      take: (take) => this.#withCurrent((shot) => this.#take(shot, take)),
      approve: () => this.#withCurrent((shot) => this.#approve(shot)),
      film: () => this.#screening.play(this.#pieces, this.#current),
      search: () => this.#bar.search.focus(),
      reset: () => this.#bar.reset(),
      help: () => this.#help.showModal(),
    });
    // Whatever somebody touches is where they are.
    this.#list.element.addEventListener('pointerdown', ({ target }) => this.#cameTo(target));
    this.#list.element.addEventListener('focusin', ({ target }) => this.#cameTo(target));
  }

  #cameTo(target: EventTarget | null): void {
    const at = this.#list.views.findIndex(({ element }) => element.contains(target as Node));
    if (at >= 0 && at !== this.#current) {
      this.#current = at;
      this.#mark();
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
    this.#mark();
    view.element.scrollIntoView({ block: 'start' });
    // What has never been on the screen has a guessed height, which is right only now.
    requestAnimationFrame(() => view.element.scrollIntoView({ block: 'start' }));
  }

  #mark(): void {
    const shown = new Set(
      this.#list.views.filter(({ element }) => !element.hidden).map(({ shot }) => shot.index),
    );
    for (const [at, { element }] of this.#list.views.entries()) {
      if (at === this.#current) element.setAttribute('aria-current', 'true');
      else element.removeAttribute('aria-current');
    }
    this.#timeline.mark(this.#current, ({ shot }) => shown.has(shot.index));
  }

  #look(filter: Filter): void {
    this.#filter = filter;
    this.#show();
    if (this.#list.views[this.#current]?.element.hidden) {
      const first = this.#list.views.findIndex(({ element }) => !element.hidden);
      if (first >= 0) this.#current = first;
    }
    this.#mark();
  }

  /** Everything that follows from the film and the choices. */
  #show(): void {
    const { list, commands, unlisted } = this.#data;
    this.#bar.show(this.#data, { shots: this.#shots, choices: this.#choices });
    this.#list.show(this.#data, this.#shots);
    const count = this.#list.filter((shot) => matches(shot, this.#filter, this.#choices));
    this.#nothing.hidden = count > 0;
    this.#pieces = layOut(this.#shots, this.#choices);
    this.#timeline.show(this.#pieces);
    this.#tray.show(commandsFor(this.#choices, { shots: this.#shots, commands }), countOf(this.#choices));
    this.#unread.hidden = list.unread === null;
    this.#unread.textContent = `${list.unread ?? ''}. What the manifest says is shown, and nothing can be chosen.`;
    this.#rest.hidden = unlisted.length === 0;
    this.#rest.replaceChildren(...(unlisted.length > 0 ? [unlistedSection(unlisted)] : []));
  }

  #update(data: PageData): void {
    this.#data = data;
    const current = this.#shots[this.#current]?.shot.id;
    this.#shots = shotsOf(data);
    const at = this.#shots.findIndex(({ shot }) => shot.id === current);
    this.#current = at >= 0 ? at : Math.min(this.#current, Math.max(0, this.#shots.length - 1));
    this.#show();
    this.#mark();
  }

  #take({ shot }: Shot, take: number): void {
    const { line, variants } = shot;
    const takes = variants[0]?.takes ?? [];
    const problem = this.#whyFixed(line) ?? whyNoTake(shot.id, { take, takes: takes.length });
    if (problem !== null || !line) this.#say(problem ?? '');
    else if (this.#server) this.#edit(() => ({ take: { line: line.id, take } }));
    else {
      const selected = takes.find((one) => one.selected)?.take ?? 1;
      this.#choose(chooseTake(this.#choices, { line, take, selected }), line);
      this.#say(`${line.id}: take ${take}`);
    }
  }

  #approve({ shot: { line } }: Shot): void {
    const problem = this.#whyFixed(line) ?? whyNoApproval(line);
    if (problem !== null || !line) this.#say(problem ?? '');
    else if (this.#server)
      this.#edit(() => ({ approve: { line: line.id, approved: !this.#isApproved(line) } }));
    else {
      const choices = toggleApproval(this.#choices, line);
      this.#choose(choices, line);
      this.#say(`${line.id}: ${approvalOf(line, choices) === 'yes' ? 'approved' : 'not approved'}`);
    }
  }

  #whyFixed(line: PageLine | null): string | null {
    const canChoose = line !== null && this.#data.list.revision !== null;
    return canChoose ? null : 'The list cannot be asked, so nothing can be chosen.';
  }

  #choose(choices: Choices, line: PageLine | null): void {
    this.#choices = choices;
    remember(this.#data, choices);
    for (const view of this.#list.views) if (line === null || view.shot.shot.line === line) view.mark();
    this.#show();
    this.#mark();
  }

  /** Whether a line is approved by now. */
  #isApproved({ id }: PageLine): boolean {
    return this.#shots.some(({ shot: { line } }) => line?.id === id && line.approved === 'yes');
  }

  /** Keys may be faster than answers. */
  #edit(edit: () => Edit): void {
    this.#edited = this.#edited.then(() => this.#send(edit()));
  }

  async #send(edit: Edit): Promise<void> {
    const { revision } = this.#data.list;
    if (!this.#server || revision === null) return;
    try {
      const { message, data } = await this.#server.edit(edit, revision);
      this.#update(data);
      this.#say(message);
    } catch {
      this.#say('Nothing was written: the server behind this page does not answer.');
    }
  }

  #say(text: string): void {
    this.#status.textContent = text;
    clearTimeout(this.#saying);
    this.#saying = window.setTimeout(() => {
      this.#status.textContent = '';
    }, 6000);
  }
}

function whyNoTake(
  id: string,
  { take, takes }: { readonly take: number; readonly takes: number },
): string | null {
  if (takes === 1) return `${id} has one take.`;
  return take > takes ? `${id} has ${takes} takes.` : null;
}

function whyNoApproval(line: PageLine | null): string | null {
  if (!line || line.shots === 1) return null;
  return `${line.id} stands for ${line.shots} shots, and one approval cannot sign off them all.`;
}
