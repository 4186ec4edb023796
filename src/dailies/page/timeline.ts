import type { PagePart } from '../page-data.js';
import { button, h, setAttributes, setShare } from './dom.js';
import { endOf, filmLength, type Piece } from './film-layout.js';
import { inMinutes, STATES } from './words.js';

export interface TimelineOptions {
  readonly onGo: (piece: Piece) => void;
}

/** Widest the film is drawn, as a multiple of the window: 500 shots are then some 60 pixels each. */
const WIDEST = 32;

/** Clips that are shown with a picture on the timeline: more would be too narrow to tell. */
const MOST_PICTURES = 60;

/**
 * The whole film to scale. Two lanes, taken in turn, as on an editing bench: so a clip's handles, which lie beside what
 * the cut uses of it, do not cover its neighbours.
 */
export class Timeline {
  readonly element: HTMLElement;
  readonly #track: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #length: HTMLElement;
  readonly #options: TimelineOptions;
  #pieces: readonly Piece[] = [];
  #blocks: HTMLElement[] = [];
  #zoom = 1;
  #span: Span = { from: 0, to: 1 };

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#track = h('div', { class: 'track' });
    this.#length = h('span', { class: 'film-length' });
    const zoom = h(
      'div',
      { class: 'zoom' },
      this.#length,
      button('−', { label: 'Show more of the film', onClick: () => this.#zoomBy(0.5) }),
      button('+', { label: 'Show the film larger', onClick: () => this.#zoomBy(2) }),
    );
    this.#scroller = h('div', { class: 'scroller' }, this.#track);
    this.element = h(
      'section',
      { class: 'timeline', 'aria-label': 'Timeline of the film' },
      this.#scroller,
      zoom,
    );
    this.#track.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(pieces: readonly Piece[]): void {
    this.#pieces = pieces;
    this.#span = spanOf(pieces);
    this.#length.textContent = inMinutes(filmLength(pieces));
    this.#blocks = pieces.map((piece, index) => this.#block(piece, index));
    const scenes = sceneMarks(pieces, this.#span);
    this.#track.replaceChildren(...marks(this.#span, this.#zoom), ...scenes, ...this.#blocks);
    this.element.hidden = pieces.length === 0;
  }

  /** Marks where somebody is; `isShown` says of each shot whether the filter leaves it. */
  mark(current: number, isShown: (piece: Piece) => boolean): void {
    for (const [index, block] of this.#blocks.entries()) {
      const piece = this.#pieces[index];
      if (!piece) continue;
      const isCurrent = piece.shot.index === current;
      block.classList.toggle('dimmed', !isShown(piece));
      setAttributes(block, { 'aria-current': isCurrent ? 'true' : null });
    }
    const first = this.#pieces.findIndex(({ shot }) => shot.index === current);
    for (const [index, block] of this.#blocks.entries())
      block.tabIndex = index === Math.max(0, first) ? 0 : -1;
    this.#bring(this.#blocks[first]);
  }

  #block(piece: Piece, index: number): HTMLElement {
    const { part, shot } = piece;
    const used = h('span', { class: 'used' }, h('span', { class: 'name' }, part.id));
    this.#picture(used, part);
    const times = `${inMinutes(piece.at)} to ${inMinutes(endOf(piece))}`;
    const block = button(used, {
      class: `piece state-${part.state}${shot.isFlagged ? ' flagged' : ''}`,
      label: `${part.id}, ${times}, ${STATES[part.state]}`,
      onClick: () => this.#options.onGo(piece),
    });
    block.dataset.lane = String(index % 2);
    // The block is the whole clip; what the cut uses stands inside it, where the film has it.
    const whole = piece.length;
    setShare(block, '--at', shareOf(piece.at - piece.from, this.#span));
    setShare(block, '--wide', whole / (this.#span.to - this.#span.from));
    setShare(block, '--from', piece.from / whole);
    setShare(block, '--used', (piece.to - piece.from) / whole);
    return block;
  }

  /** Only where there is room for it, and never the whole board of each of hundreds. */
  #picture(used: HTMLElement, { stills, board, clip }: PagePart): void {
    const isFew = this.#pieces.length <= MOST_PICTURES;
    const picture = isFew ? (stills.middle ?? stills.first ?? (clip ? board?.src : null)) : null;
    if (!picture) return;
    used.classList.add('pictured');
    used.style.setProperty('--still', `url("${new URL(picture, document.baseURI).href}")`);
  }

  #zoomBy(factor: number): void {
    this.#zoom = Math.max(1, Math.min(WIDEST, this.#zoom * factor));
    this.#track.style.setProperty('--zoom', String(this.#zoom));
    for (const mark of this.#track.querySelectorAll('.mark')) mark.remove();
    this.#track.prepend(...marks(this.#span, this.#zoom));
    this.#bring(this.#track.querySelector<HTMLElement>('[aria-current]') ?? undefined);
  }

  /** Scrolls along the film alone: the page stays where it is, under whoever is about to click. */
  #bring(block: HTMLElement | undefined): void {
    if (!block || this.#zoom === 1) return;
    const { scrollLeft, clientWidth } = this.#scroller;
    const { offsetLeft, offsetWidth } = block;
    if (offsetLeft >= scrollLeft && offsetLeft + offsetWidth <= scrollLeft + clientWidth) return;
    this.#scroller.scrollLeft = offsetLeft - (clientWidth - offsetWidth) / 2;
  }

  /** Arrows go from clip to clip, so that the whole film is one stop of the Tab key. */
  #onKey(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    const at = this.#blocks.indexOf(document.activeElement as HTMLElement);
    const next = this.#blocks[at + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Seconds of the film that are drawn: the first clip's handle lies before it, the last one's after it. */
function spanOf(pieces: readonly Piece[]): Span {
  const starts = pieces.map(({ at, from }) => at - from);
  const ends = pieces.map(({ at, from, length }) => at - from + length);
  return { from: Math.min(0, ...starts), to: Math.max(0.1, ...ends) };
}

function shareOf(seconds: number, { from, to }: Span): number {
  return (seconds - from) / (to - from);
}

/** Times along the film, about ten to a window. */
function marks(span: Span, zoom: number): readonly HTMLElement[] {
  const length = span.to;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((one) => length / one <= 12 * zoom) ?? 1800;
  const made: HTMLElement[] = [];
  for (let at = 0; at < length; at += step) {
    // There the film's length stands.
    if (zoom === 1 && shareOf(at, span) > 0.88) break;
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' }, inMinutes(at).replace(/\.0$/, ''));
    setShare(mark, '--at', shareOf(at, span));
    made.push(mark);
  }
  return made;
}

function sceneMarks(pieces: readonly Piece[], span: Span): readonly HTMLElement[] {
  const starts = pieces.filter(({ shot }, index) => shot.scene !== pieces[index - 1]?.shot.scene);
  return starts
    .filter(({ shot }) => shot.scene.id !== null)
    .map(({ shot, at }) => {
      const mark = h('span', { class: 'scene-mark', 'aria-hidden': 'true' }, shot.scene.id ?? '');
      setShare(mark, '--at', shareOf(at, span));
      return mark;
    });
}
