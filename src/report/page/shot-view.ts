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

  constructor(shot: Shot, desk: Desk) {
    this.shot = shot;
    this.#desk = desk;
    this.element = h('article', { class: 'shot', id: `shot-${shot.shot.id}`, tabindex: -1 });
    this.#outline();
  }

  get isFilled(): boolean {
    return this.#together !== null;
  }

  /** Takes what is new of the shot, and shows it if it is on the screen. */
  update(shot: Shot): void {
    this.shot = shot;
    this.refresh();
  }

  /** Shows the shot as it is by now. */
  refresh(): void {
    const wasFilled = this.isFilled;
    this.empty();
    if (wasFilled) this.fill();
    else this.#outline();
  }

  /** Makes the content, if it is not there. */
  fill(): void {
    if (this.isFilled) return;
    const { variants } = this.shot.shot;
    const shown = chosenTakeOf(this.shot, this.#desk.choices());
    if (!shown) return;
    this.#cells = variants.flatMap((variant) => variant.takes.map((take) => this.#cell({ variant, take })));
    let ruler: Ruler | null = null;
    this.#together = new Together(
      this.#cells.map(({ player }) => player),
      (seconds) => ruler?.tell(seconds),
    );
    ruler = new Ruler(shown, this.#together);
    const cells = [...boardCell(shown), ...this.#cells.map(({ element }) => element)];
    const strip = h('div', { class: 'strip' }, ...cells);
    setAttributes(this.element, { 'data-cells': Math.min(cells.length, 4), 'data-tall': isTall(this.shot) });
    this.#outline(
      h('div', { class: 'media' }, strip, ruler.element),
      h('div', { class: 'text' }, ...shotText(this.shot)),
    );
  }

  /** Forgets the content and whatever its clips hold. */
  empty(): void {
    this.#together?.pause();
    for (const { player } of this.#cells) player.unload();
    this.#cells = [];
    this.#together = null;
  }

  /** It is on the screen: clips without a still show a frame. */
  see(): void {
    for (const { player } of this.#cells) player.show();
  }

  /** It has gone far from the screen: its clips are let go. */
  leave(): void {
    this.#together?.pause();
    for (const { player } of this.#cells) player.unload();
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

  #cell({ variant, take }: Pick<Parameters<typeof takeCell>[0], 'variant' | 'take'>): TakeCell {
    const { line } = this.shot.shot;
    const chosen = chosenTake(variant, line ? this.#desk.choices().takes.get(line.id) : undefined);
    const canChoose = line !== null && this.#desk.canChoose();
    return takeCell({
      ...{ variant, take, isChosen: take === chosen },
      onChoose: canChoose ? () => this.#desk.take(this.shot, take.take) : null,
    });
  }

  #outline(...content: readonly HTMLElement[]): void {
    const { shot, states } = this.shot;
    const title = h('h3', { id: `title-${shot.id}` }, shot.id);
    setAttributes(this.element, { 'aria-labelledby': title.id });
    const marks = [...states].map((state) => h('span', { class: `state state-${state}` }, STATES[state]));
    const head = h('header', { class: 'shot-head' }, title, ...marks, this.#flag(), this.#approval());
    this.element.replaceChildren(head, ...content);
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
      label: approval === 'yes' ? `Take back the approval of ${line.id}` : `Approve ${line.id}`,
      onClick: () => this.#desk.approve(this.shot),
    });
    made.setAttribute('aria-pressed', String(approval === 'yes'));
    return made;
  }
}

const WORDS = { no: 'Approve', yes: 'Approved', stale: 'Changed since it was approved' } as const;

/** The take whose times and words stand for the shot. */
export function chosenTakeOf({ shot: { variants, line } }: Shot, choices: Choices) {
  const [first] = variants;
  return first && chosenTake(first, line ? choices.takes.get(line.id) : undefined);
}

function isTall({ parts }: Shot): boolean {
  const media = parts.find(({ clip }) => clip)?.clip?.media;
  return media !== undefined && media.width < media.height;
}
