import { approvalOf, type Choices } from './choices.js';
import { button, h, setAttributes } from './dom.js';
import { chosenTake, type Shot } from './film.js';
import { Ruler } from './ruler.js';
import { shotText } from './shot-text.js';
import { boardCell, silenceOthers, type TakeCell, takeCell } from './take-cell.js';
import { Together } from './together.js';
import { STATES } from './words.js';

/** What a shot can be told, and asks back. */
export interface Desk {
  readonly choices: () => Choices;
  /** Whether the list could be read, so that choices have somewhere to go. */
  readonly canChoose: () => boolean;
  readonly take: (shot: Shot, take: number) => void;
  readonly approve: (shot: Shot) => void;
}

/** A shot on the page. Its content is made when it comes near the screen, and its clips load when they are seen. */
export class ShotView {
  readonly element: HTMLElement;
  shot: Shot;
  readonly #desk: Desk;
  #cells: readonly TakeCell[] = [];
  #together: Together | null = null;
  #ruler: Ruler | null = null;
  #passing = 0;
  #isSeen = false;

  constructor(shot: Shot, desk: Desk) {
    this.shot = shot;
    this.#desk = desk;
    this.element = h('article', { class: 'shot', id: `shot-${shot.shot.id}`, tabindex: -1 });
    this.mark();
  }

  get isFilled(): boolean {
    return this.#together !== null;
  }

  /** Takes what is new of the shot, and shows it; what plays goes on where only choices have changed. */
  update(shot: Shot): void {
    const isOther = contentOf(shot) !== contentOf(this.shot);
    this.shot = shot;
    if (!isOther || !this.isFilled) {
      this.mark();
      return;
    }
    this.empty();
    this.fill();
    if (this.#isSeen) this.see();
  }

  /** Shows what is chosen by now. */
  mark(): void {
    const hadFocus = this.element.querySelector('.approve') === document.activeElement;
    const head = this.#head();
    if (this.element.firstElementChild) this.element.firstElementChild.replaceWith(head);
    else this.element.append(head);
    if (hadFocus) head.querySelector<HTMLElement>('.approve')?.focus();
    const chosen = this.#chosen();
    for (const cell of this.#cells) cell.mark(chosen.has(cell.id));
  }

  /** Makes the content, if it is not there. */
  fill(): void {
    if (this.isFilled) return;
    const { variants } = this.shot.shot;
    const shown = chosenTakeOf(this.shot, this.#desk.choices());
    if (!shown) return;
    this.#cells = variants.flatMap((variant) => variant.takes.map((take) => this.#cell({ variant, take })));
    this.#together = new Together(
      this.#cells.map(({ player }) => player),
      (seconds) => this.#ruler?.tell(seconds),
    );
    this.#ruler = new Ruler(shown, this.#together);
    const boards = boardCell(shown);
    const cells = [...boards, ...this.#cells.map(({ element }) => element)];
    const strip = h('div', { class: 'strip' }, ...cells);
    if (variants.length > 1) this.#compare(strip, boards.length);
    setAttributes(this.element, { 'data-cells': Math.min(cells.length, 4), 'data-tall': isTall(this.shot) });
    const media = h('div', { class: 'media' }, strip, this.#ruler.element);
    this.element.replaceChildren(this.#head(), media, h('div', { class: 'text' }, ...shotText(this.shot)));
  }

  /** Forgets the content and whatever its clips hold. */
  empty(): void {
    this.#together?.pause();
    for (const { player } of this.#cells) player.unload();
    this.#cells = [];
    this.#together = null;
  }

  /** It is on the screen: clips without a still show a frame, unless somebody only scrolls past. */
  see(): void {
    this.#isSeen = true;
    clearTimeout(this.#passing);
    this.#passing = window.setTimeout(() => {
      for (const { player } of this.#cells) player.show();
    }, PASSING);
  }

  /** It is on the screen no more. */
  lose(): void {
    this.#isSeen = false;
    clearTimeout(this.#passing);
  }

  /** It has gone far from the screen: its clips are let go. */
  leave(): void {
    this.pause();
    for (const { player } of this.#cells) player.unload();
    this.#ruler?.tell(0);
  }

  pause(): void {
    this.#together?.pause();
  }

  /** All its takes together, from where they are; stops them where they play. */
  togglePlay(): void {
    this.fill();
    if (this.#together?.isPlaying) this.#together.pause();
    else {
      silenceOthers(null);
      void this.#together?.play();
    }
  }

  /** Sound of the chosen take, on or off. */
  toggleSound(): void {
    const cell = this.#cells.find(({ element }) => element.classList.contains('chosen')) ?? this.#cells[0];
    if (!cell) return;
    const { video } = cell.player;
    video.muted = !video.muted;
    if (!video.muted) silenceOthers(video);
  }

  /** Variants beside each other, and the takes of each below it, as far as they fit. */
  #compare(strip: HTMLElement, boards: number): void {
    const { variants } = this.shot.shot;
    if (variants.length > MOST_VARIANTS) return;
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
    const canChoose = this.shot.shot.line !== null && this.#desk.canChoose();
    return takeCell({
      variant,
      take,
      isChosen: this.#chosen().has(take.parts[0].id),
      isOwnModel: new Set(this.shot.parts.map(({ model }) => model)).size > 1,
      onChoose: canChoose ? () => this.#desk.take(this.shot, take.take) : null,
    });
  }

  /** Ids of what the cut uses of each variant. */
  #chosen(): ReadonlySet<string> {
    const { line, variants } = this.shot.shot;
    const choice = line ? this.#desk.choices().takes.get(line.id) : undefined;
    return new Set(variants.map((variant) => chosenTake(variant, choice)?.parts[0].id ?? ''));
  }

  #head(): HTMLElement {
    const { shot, states } = this.shot;
    const title = h('h3', { id: `title-${shot.id}` }, shot.id);
    setAttributes(this.element, { 'aria-labelledby': title.id });
    const marks = [...states].map((state) => h('span', { class: `state state-${state}` }, STATES[state]));
    return h('header', { class: 'shot-head' }, title, ...marks, this.#flag(), this.#approval());
  }

  #flag(): HTMLElement | false {
    return this.shot.isFlagged && h('span', { class: 'state flagged' }, 'flagged');
  }

  #approval(): HTMLElement | false {
    const { line } = this.shot.shot;
    if (!line) return false;
    const approval = approvalOf(line, this.#desk.choices());
    if (!this.#desk.canChoose()) {
      return approval === 'yes' && h('span', { class: 'approved-mark' }, 'Approved');
    }
    if (line.shots > 1) {
      const why = `One line of the list stands for ${line.shots} shots. To approve one, write it as a shot of its own.`;
      return h('span', { class: 'no-approval', title: why }, `${line.shots} shots in one line`);
    }
    const made = button(WORDS[approval], {
      class: `approve ${approval}`,
      label: approval === 'no' ? `Approve ${line.id}` : `${WORDS[approval]}: ${line.id}`,
      onClick: () => this.#desk.approve(this.shot),
    });
    made.setAttribute('aria-pressed', String(approval === 'yes'));
    return made;
  }
}

/** How long a shot is on the screen before it is looked at, milliseconds. */
const PASSING = 120;

/** Variants that fit beside each other. */
const MOST_VARIANTS = 5;

const WORDS = { no: 'Approve', yes: 'Approved', stale: 'Changed since it was approved' } as const;

/** The take whose times and words stand for the shot. */
export function chosenTakeOf({ shot: { variants, line } }: Shot, choices: Choices) {
  const [first] = variants;
  return first && chosenTake(first, line ? choices.takes.get(line.id) : undefined);
}

/** All of a shot but what people choose about it. */
function contentOf({ shot }: Shot): string {
  const chosen = new Set(['line', 'selected']);
  return JSON.stringify(shot, (name, value) => (chosen.has(name) ? undefined : value));
}

function isTall({ parts }: Shot): boolean {
  const media = parts.find(({ clip }) => clip)?.clip?.media;
  return media !== undefined && media.width < media.height;
}
