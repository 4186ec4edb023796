import type { PageTake } from '../page-data.js';
import { h, setAttributes, setShare } from './dom.js';
import { partLength } from './film.js';
import type { Together } from './together.js';
import { inSeconds } from './words.js';

/** The time of a shot: its beats to scale, what the cut leaves out, and where its takes are. Scrubs them all. */
export class Ruler {
  readonly element: HTMLElement;
  readonly #length: number;
  readonly #playhead: HTMLElement;

  constructor(take: PageTake, together: Together) {
    const asked = take.parts.reduce((sum, part) => sum + partLength(part), 0);
    this.#length = Math.max(together.length, asked, 0.1);
    this.#playhead = h('span', { class: 'playhead', hidden: together.length === 0 });
    this.element = h('div', { class: 'ruler' });
    this.element.append(scale(this.#length), beats(take, this.#length), this.#playhead);
    if (together.length > 0) this.#listen(together);
    this.tell(0);
  }

  /** Shows where the takes are. */
  tell(seconds: number): void {
    setShare(this.#playhead, '--at', Math.min(1, seconds / this.#length));
    if (!this.element.hasAttribute('role')) return;
    setAttributes(this.element, {
      'aria-valuenow': seconds.toFixed(2),
      'aria-valuetext': inSeconds(seconds),
    });
  }

  #listen(together: Together): void {
    setAttributes(this.element, {
      role: 'slider',
      tabindex: 0,
      'aria-label': 'Scrub all takes of this shot',
      'aria-valuemin': 0,
      'aria-valuemax': together.length.toFixed(2),
    });
    const seek = (event: PointerEvent) => {
      const { left, width } = this.element.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, (event.clientX - left) / width));
      together.seek(Math.min(share * this.#length, together.length));
    };
    this.element.addEventListener('pointerdown', (event) => {
      this.element.setPointerCapture(event.pointerId);
      together.pause();
      seek(event);
    });
    // A mouse scrubs as it passes; a finger has to be down.
    this.element.addEventListener('pointermove', (event) => {
      if (event.pointerType !== 'mouse' && event.buttons === 0) return;
      together.pause();
      seek(event);
    });
    this.element.addEventListener('keydown', (event) => {
      const by = STEPS[event.key];
      if (by === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      together.pause();
      together.seek(Math.max(0, Math.min(together.length, together.time + by * (event.shiftKey ? 10 : 1))));
    });
  }
}

/** Seconds that a key goes: one frame of 24 a second; a second; to either end. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1 / 24,
  ArrowRight: 1 / 24,
  PageUp: -1,
  PageDown: 1,
  Home: -1e6,
  End: 1e6,
};

/** Numbers that fit beside each other on a ruler. */
const MOST_LABELS = 10;

function scale(length: number): HTMLElement {
  const marks = h('div', { class: 'scale', 'aria-hidden': 'true' });
  const step = [1, 2, 5, 10, 30, 60].find((one) => length / one <= MOST_LABELS) ?? 300;
  for (let second = 0; second <= length; second += step) {
    // At the very end it stands before its line, where the page still is.
    const mark = h('span', { class: second / length > 0.97 ? 'end' : null }, String(second));
    setShare(mark, '--at', second / length);
    marks.append(mark);
  }
  return marks;
}

/** Segments, or each clip as one where there are none; what `use` leaves out is hatched. */
function beats({ parts }: PageTake, length: number): HTMLElement {
  const made = h('div', { class: 'beats', 'aria-hidden': 'true' });
  let start = 0;
  let number = 1;
  for (const part of parts) {
    const whole = partLength(part);
    const segments = part.segments.length > 0 ? part.segments : [{ prompt: '', seconds: whole }];
    let at = start;
    for (const { prompt, seconds } of segments) {
      const beat = h(
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
      const handle = h('span', { class: 'handle' });
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
