import { approvalOf, type Choices } from './choices.js';
import { button, create, setAttributes } from './dom.js';
import { chosenTake, type Shot } from './film.js';
import { STATE_NAMES } from './format.js';
import { TakesPlayer } from './player.js';
import { Ruler } from './ruler.js';
import { shotText } from './shot-text.js';
import { boardCell, silenceOthers, type TakeCell, takeCell } from './take-cell.js';

/** Choices about shots, and the actions that make them. */
export interface ShotActions {
  readonly choices: () => Choices;
  /** True if the list could be read, so that choices can be written into it. */
  readonly canChoose: () => boolean;
  readonly take: (shot: Shot, take: number) => void;
  readonly approve: (shot: Shot) => void;
}

/** A shot on the page. It gets content near the screen, and its clips load when they are seen. */
export class ShotView {
  readonly element: HTMLElement;
  shot: Shot;
  readonly #actions: ShotActions;
  #cells: readonly TakeCell[] = [];
  #players: TakesPlayer | null = null;
  #ruler: Ruler | null = null;
  #showTimer = 0;
  #isOnScreen = false;

  constructor(shot: Shot, actions: ShotActions) {
    this.shot = shot;
    this.#actions = actions;
    this.element = create('article', { class: 'shot', id: `shot-${shot.shot.id}`, tabindex: -1 });
    this.showChoices();
  }

  get isFilled(): boolean {
    return this.#players !== null;
  }

  /** Shows new data of the shot. If only choices changed, the clips go on playing. */
  update(shot: Shot): void {
    const isChanged = contentOf(shot) !== contentOf(this.shot);
    this.shot = shot;
    if (!isChanged || !this.isFilled) {
      this.showChoices();
      return;
    }
    this.empty();
    this.fill();
    if (this.#isOnScreen) this.entered();
  }

  /** Shows the current choices. */
  showChoices(): void {
    const hadFocus = this.element.querySelector('.approve') === document.activeElement;
    const head = this.#header();
    if (this.element.firstElementChild) this.element.firstElementChild.replaceWith(head);
    else this.element.append(head);
    if (hadFocus) head.querySelector<HTMLElement>('.approve')?.focus();
    const chosen = this.#chosenIds();
    for (const cell of this.#cells) cell.setChosen(chosen.has(cell.id));
  }

  /** Creates the content if it is missing. */
  fill(): void {
    if (this.isFilled) return;
    const { variants } = this.shot.shot;
    const shown = shownTake(this.shot, this.#actions.choices());
    if (!shown) return;
    this.#cells = variants.flatMap((variant) => variant.takes.map((take) => this.#cell({ variant, take })));
    this.#players = new TakesPlayer(
      this.#cells.map(({ player }) => player),
      (seconds) => this.#ruler?.showTime(seconds),
    );
    this.#ruler = new Ruler(shown, this.#players);
    const boards = boardCell(shown);
    const cells = [...boards, ...this.#cells.map(({ element }) => element)];
    const strip = create('div', { class: 'strip' }, ...cells);
    if (variants.length > 1) this.#placeInColumns(strip, boards.length);
    setAttributes(this.element, { 'data-cells': Math.min(cells.length, 4), 'data-tall': isTall(this.shot) });
    const media = create('div', { class: 'media' }, strip, this.#ruler.element);
    this.element.replaceChildren(
      this.#header(),
      media,
      create('div', { class: 'text' }, ...shotText(this.shot)),
    );
  }

  /** Forgets the content and frees its clips. */
  empty(): void {
    this.#players?.pause();
    for (const { player } of this.#cells) player.unload();
    this.#cells = [];
    this.#players = null;
  }

  /** Called when the shot comes onto the screen. Clips without a still show a frame, unless the user only scrolls past. */
  entered(): void {
    this.#isOnScreen = true;
    clearTimeout(this.#showTimer);
    this.#showTimer = window.setTimeout(() => {
      for (const { player } of this.#cells) player.showFrame();
    }, SCROLL_PAST_MS);
  }

  /** Called when the shot leaves the screen. */
  left(): void {
    this.#isOnScreen = false;
    clearTimeout(this.#showTimer);
  }

  /** Stops and frees the clips of a shot that is far from the screen. */
  unloadClips(): void {
    this.pause();
    for (const { player } of this.#cells) player.unload();
    this.#ruler?.showTime(0);
  }

  pause(): void {
    this.#players?.pause();
  }

  /** Plays all takes together from the current time, or pauses them. */
  togglePlay(): void {
    this.fill();
    if (this.#players?.isPlaying) this.#players.pause();
    else {
      silenceOthers(null);
      void this.#players?.play();
    }
  }

  /** Turns the sound of the chosen take on or off. */
  toggleSound(): void {
    const cell = this.#cells.find(({ element }) => element.classList.contains('chosen')) ?? this.#cells[0];
    if (!cell) return;
    const { video } = cell.player;
    video.muted = !video.muted;
    if (!video.muted) silenceOthers(video);
  }

  /** Places each variant in a column of its own, with its takes below each other, if the columns fit. */
  #placeInColumns(strip: HTMLElement, boards: number): void {
    const { variants } = this.shot.shot;
    if (variants.length > MAX_COLUMNS) return;
    strip.classList.add('compared');
    strip.style.setProperty('--columns', String(boards + variants.length));
    const places = variants.flatMap(({ takes }, column) => takes.map((_take, row) => ({ column, row })));
    for (const [index, { column, row }] of places.entries()) {
      const cell = this.#cells[index]?.element;
      cell?.style.setProperty('--column', String(boards + column + 1));
      cell?.style.setProperty('--row', String(row + 1));
    }
  }

  #cell({ variant, take }: Pick<Parameters<typeof takeCell>[0], 'variant' | 'take'>): TakeCell {
    const canChoose = this.shot.shot.line !== null && this.#actions.canChoose();
    return takeCell({
      variant,
      take,
      isChosen: this.#chosenIds().has(take.parts[0].id),
      showsModel: new Set(this.shot.parts.map(({ model }) => model)).size > 1,
      onChoose: canChoose ? () => this.#actions.take(this.shot, take.take) : null,
    });
  }

  /** Ids of the first parts of the chosen takes. */
  #chosenIds(): ReadonlySet<string> {
    const { line, variants } = this.shot.shot;
    const choice = line ? this.#actions.choices().takes.get(line.id) : undefined;
    return new Set(variants.map((variant) => chosenTake(variant, choice)?.parts[0].id ?? ''));
  }

  #header(): HTMLElement {
    const { shot, states } = this.shot;
    const title = create('h3', { id: `title-${shot.id}` }, shot.id);
    setAttributes(this.element, { 'aria-labelledby': title.id });
    const marks = [...states].map((state) =>
      create('span', { class: `state state-${state}` }, STATE_NAMES[state]),
    );
    return create(
      'header',
      { class: 'shot-head' },
      title,
      ...marks,
      this.#flagMark(),
      this.#approvalButton(),
    );
  }

  #flagMark(): HTMLElement | false {
    return this.shot.isFlagged && create('span', { class: 'state flagged' }, 'flagged');
  }

  #approvalButton(): HTMLElement | false {
    const { line } = this.shot.shot;
    if (!line) return false;
    const approval = approvalOf(line, this.#actions.choices());
    if (!this.#actions.canChoose()) {
      return approval === 'yes' && create('span', { class: 'approved-mark' }, 'Approved');
    }
    if (line.shots > 1) {
      const why = `This line of the list is ${line.shots} shots. To approve one of them, write it as a shot of its own.`;
      return create('span', { class: 'no-approval', title: why }, `${line.shots} shots in one line`);
    }
    const made = button(APPROVAL_NAMES[approval], {
      class: `approve ${approval}`,
      label: approval === 'no' ? `Approve ${line.id}` : `${APPROVAL_NAMES[approval]}: ${line.id}`,
      onClick: () => this.#actions.approve(this.shot),
    });
    made.setAttribute('aria-pressed', String(approval === 'yes'));
    return made;
  }
}

/** Milliseconds on the screen after which a shot counts as looked at. */
const SCROLL_PAST_MS = 120;

/** Maximum of variants side by side. */
const MAX_COLUMNS = 5;

const APPROVAL_NAMES = { no: 'Approve', yes: 'Approved', stale: 'Changed since it was approved' } as const;

/** Take whose length and segments the ruler shows. */
function shownTake({ shot: { variants, line } }: Shot, choices: Choices) {
  const [first] = variants;
  return first && chosenTake(first, line ? choices.takes.get(line.id) : undefined);
}

/** Content of a shot as text, without choices. */
function contentOf({ shot }: Shot): string {
  const chosen = new Set(['line', 'selected']);
  return JSON.stringify(shot, (name, value) => (chosen.has(name) ? undefined : value));
}

function isTall({ parts }: Shot): boolean {
  const media = parts.find(({ clip }) => clip)?.clip?.media;
  return media !== undefined && media.width < media.height;
}
