import type { PagePart } from '../page-data.js';
import { button, create, setAttributes, setShare } from './dom.js';
import { endOf, filmLength, type Piece } from './film.js';
import { formatTime, STATE_NAMES } from './format.js';

/** Largest zoom, as a multiple of the window: 500 shots are then about 60 pixels each. */
const MAX_ZOOM = 32;

/** Maximum of clips in a film whose timeline shows pictures: with more, each would be too narrow. */
const MAX_PICTURES = 60;

/**
 * Timeline of the whole film, to scale. Clips alternate between two lanes, so that the unused ends of a clip do not cover
 * its neighbours.
 */
export class Timeline {
  readonly element: HTMLElement;
  readonly #track: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #length: HTMLElement;
  readonly #onGo: (piece: Piece) => void;
  #pieces: readonly Piece[] = [];
  #blocks: HTMLElement[] = [];
  #zoom = 1;
  #span: Span = { from: 0, to: 1 };

  /** `onGo` is called with a piece that the user clicks. */
  constructor(onGo: (piece: Piece) => void) {
    this.#onGo = onGo;
    this.#track = create('div', { class: 'track' });
    this.#length = create('span', { class: 'film-length' });
    const zoom = create(
      'div',
      { class: 'zoom' },
      this.#length,
      button('−', { label: 'Show more of the film', onClick: () => this.#zoomBy(0.5) }),
      button('+', { label: 'Show the film larger', onClick: () => this.#zoomBy(2) }),
    );
    this.#scroller = create('div', { class: 'scroller' }, this.#track);
    this.element = create(
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
    this.#length.textContent = formatTime(filmLength(pieces));
    this.#blocks = pieces.map((piece, index) => this.#block(piece, index));
    const scenes = sceneMarks(pieces, this.#span);
    this.#track.replaceChildren(...timeMarks(this.#span, this.#zoom), ...scenes, ...this.#blocks);
    this.element.hidden = pieces.length === 0;
  }

  /** Marks the pieces of the current shot; dims those for which `isShown` is false. */
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
    this.#scrollTo(this.#blocks[first]);
  }

  #block(piece: Piece, index: number): HTMLElement {
    const { part, shot } = piece;
    const used = create('span', { class: 'used' }, create('span', { class: 'name' }, part.id));
    this.#picture(used, part);
    const times = `${formatTime(piece.at)} to ${formatTime(endOf(piece))}`;
    const block = button(used, {
      class: `piece state-${part.state}${shot.isFlagged ? ' flagged' : ''}`,
      label: `${part.id}, ${times}, ${STATE_NAMES[part.state]}`,
      onClick: () => this.#onGo(piece),
    });
    block.dataset.lane = String(index % 2);
    // The block is the whole clip; its inner part is the range that the cut uses.
    const whole = piece.length;
    setShare(block, '--at', shareOf(piece.at - piece.from, this.#span));
    setShare(block, '--wide', whole / (this.#span.to - this.#span.from));
    setShare(block, '--from', piece.from / whole);
    setShare(block, '--used', (piece.to - piece.from) / whole);
    return block;
  }

  /** Shows a still or the board if the film is short enough. */
  #picture(used: HTMLElement, { stills, board, clip }: PagePart): void {
    const isShort = this.#pieces.length <= MAX_PICTURES;
    const picture = isShort ? (stills.middle ?? stills.first ?? (clip ? board?.src : null)) : null;
    if (!picture) return;
    used.classList.add('pictured');
    used.style.setProperty('--still', `url("${new URL(picture, document.baseURI).href}")`);
  }

  #zoomBy(factor: number): void {
    this.#zoom = Math.max(1, Math.min(MAX_ZOOM, this.#zoom * factor));
    this.#track.style.setProperty('--zoom', String(this.#zoom));
    for (const mark of this.#track.querySelectorAll('.mark')) mark.remove();
    this.#track.prepend(...timeMarks(this.#span, this.#zoom));
    this.#scrollTo(this.#track.querySelector<HTMLElement>('[aria-current]') ?? undefined);
  }

  /** Scrolls the timeline to a block; the page itself does not move. */
  #scrollTo(block: HTMLElement | undefined): void {
    if (!block || this.#zoom === 1) return;
    const { scrollLeft, clientWidth } = this.#scroller;
    const { offsetLeft, offsetWidth } = block;
    if (offsetLeft >= scrollLeft && offsetLeft + offsetWidth <= scrollLeft + clientWidth) return;
    this.#scroller.scrollLeft = offsetLeft - (clientWidth - offsetWidth) / 2;
  }

  /** Moves the focus with the arrow keys, so that the whole film is one stop of the Tab key. */
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

/** Range of the film that is drawn, seconds. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Range of the film with the unused ends of all clips. */
function spanOf(pieces: readonly Piece[]): Span {
  const starts = pieces.map(({ at, from }) => at - from);
  const ends = pieces.map(({ at, from, length }) => at - from + length);
  return { from: Math.min(0, ...starts), to: Math.max(0.1, ...ends) };
}

function shareOf(seconds: number, { from, to }: Span): number {
  return (seconds - from) / (to - from);
}

/** Time marks along the film, about ten in a window. */
function timeMarks(span: Span, zoom: number): readonly HTMLElement[] {
  const length = span.to;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((one) => length / one <= 12 * zoom) ?? 1800;
  const made: HTMLElement[] = [];
  for (let at = 0; at < length; at += step) {
    // The length of the film is shown there.
    if (zoom === 1 && shareOf(at, span) > 0.88) break;
    const mark = create('span', { class: 'mark', 'aria-hidden': 'true' }, formatTime(at).replace(/\.0$/, ''));
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
      const mark = create('span', { class: 'scene-mark', 'aria-hidden': 'true' }, shot.scene.id ?? '');
      setShare(mark, '--at', shareOf(at, span));
      return mark;
    });
}
