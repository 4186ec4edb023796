import type { PageTake } from '../page-data.js';
import { create, setAttributes, setShare } from './dom.js';
import { partLength } from './film.js';
import { formatLength } from './format.js';
import type { TakesPlayer } from './player.js';

/** Time scale of a shot: its segments, the parts that the cut leaves out, and the current time. Scrubs all takes. */
export class Ruler {
  readonly element: HTMLElement;
  readonly #length: number;
  readonly #playhead: HTMLElement;

  constructor(take: PageTake, players: TakesPlayer) {
    const asked = take.parts.reduce((sum, part) => sum + partLength(part), 0);
    this.#length = Math.max(players.length, asked, 0.1);
    this.#playhead = create('span', { class: 'playhead', hidden: players.length === 0 });
    this.element = create('div', { class: 'ruler' });
    this.element.append(scale(this.#length), segmentBlocks(take, this.#length), this.#playhead);
    if (players.length > 0) this.#listen(players);
    this.showTime(0);
  }

  /** Shows the current time of the takes. */
  showTime(seconds: number): void {
    setShare(this.#playhead, '--at', Math.min(1, seconds / this.#length));
    if (!this.element.hasAttribute('role')) return;
    setAttributes(this.element, {
      'aria-valuenow': seconds.toFixed(2),
      'aria-valuetext': formatLength(seconds),
    });
  }

  #listen(players: TakesPlayer): void {
    setAttributes(this.element, {
      role: 'slider',
      tabindex: 0,
      'aria-label': 'Scrub all takes of this shot',
      'aria-valuemin': 0,
      'aria-valuemax': players.length.toFixed(2),
    });
    const seek = (event: PointerEvent) => {
      const { left, width } = this.element.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, (event.clientX - left) / width));
      players.seek(Math.min(share * this.#length, players.length));
    };
    this.element.addEventListener('pointerdown', (event) => {
      this.element.setPointerCapture(event.pointerId);
      players.pause();
      seek(event);
    });
    // A mouse scrubs as it moves over the ruler; a finger must touch it.
    this.element.addEventListener('pointermove', (event) => {
      if (event.pointerType !== 'mouse' && event.buttons === 0) return;
      players.pause();
      seek(event);
    });
    this.element.addEventListener('keydown', (event) => {
      const by = STEPS[event.key];
      if (by === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      players.pause();
      players.seek(Math.max(0, Math.min(players.length, players.time + by * (event.shiftKey ? 10 : 1))));
    });
  }
}

/** Seconds that each key moves by: one frame at 24 frames a second, one second, or to the start or end. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1 / 24,
  ArrowRight: 1 / 24,
  PageUp: -1,
  PageDown: 1,
  Home: -1e6,
  End: 1e6,
};

/** Maximum of numbers on a ruler. */
const MOST_LABELS = 10;

function scale(length: number): HTMLElement {
  const marks = create('div', { class: 'scale', 'aria-hidden': 'true' });
  const step = [1, 2, 5, 10, 30, 60].find((one) => length / one <= MOST_LABELS) ?? 300;
  for (let second = 0; second <= length; second += step) {
    // The last number is on the left of its line, to stay inside the ruler.
    const mark = create('span', { class: second / length > 0.97 ? 'end' : null }, String(second));
    setShare(mark, '--at', second / length);
    marks.append(mark);
  }
  return marks;
}

/** Blocks for the segments, or one for a clip without segments. Hatched blocks cover what `use` leaves out. */
function segmentBlocks({ parts }: PageTake, length: number): HTMLElement {
  const made = create('div', { class: 'beats', 'aria-hidden': 'true' });
  let start = 0;
  let number = 1;
  for (const part of parts) {
    const whole = partLength(part);
    const segments = part.segments.length > 0 ? part.segments : [{ prompt: '', seconds: whole }];
    let at = start;
    for (const { prompt, seconds } of segments) {
      const beat = create(
        'span',
        { class: 'beat', dir: 'auto' },
        segments.length * parts.length > 1 ? `${number}  ${prompt}` : '',
      );
      place(beat, { from: at, to: Math.min(at + seconds, start + whole), length });
      made.append(beat);
      at += seconds;
      number += 1;
    }
    const [from, to] = part.use ?? [0, whole];
    for (const [left, right] of [
      [0, Math.min(from, whole)],
      [Math.min(to, whole), whole],
    ] as const) {
      if (right - left < 0.01) continue;
      const handle = create('span', { class: 'handle' });
      place(handle, { from: start + left, to: start + right, length });
      made.append(handle);
    }
    start += whole;
  }
  return made;
}

function place(
  element: HTMLElement,
  { from, to, length }: { readonly from: number; readonly to: number; readonly length: number },
): void {
  setShare(element, '--at', from / length);
  setShare(element, '--wide', (to - from) / length);
}
