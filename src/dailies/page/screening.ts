import { button, create } from './dom.js';
import { endOf, filmLength, type Piece } from './film.js';
import { formatTime } from './format.js';

/** Plays the film: the used range of each chosen take, with crossfades. Pieces without a clip are skipped. */
export class Screening {
  readonly element: HTMLDialogElement;
  readonly #videos: readonly [HTMLVideoElement, HTMLVideoElement];
  readonly #name = create('span', { class: 'screening-name' });
  readonly #time = create('span', { class: 'screening-time' });
  readonly #onShot: (piece: Piece) => void;
  #pieces: readonly Piece[] = [];
  /** Position of the current piece. */
  #at = 0;
  #animationFrame = 0;
  #length = 0;
  /** Position of the piece that fades in, or null. */
  #fadingIn: number | null = null;

  constructor(onShot: (piece: Piece) => void) {
    this.#onShot = onShot;
    const video = () => create('video', { playsinline: true, preload: 'auto' });
    this.#videos = [video(), video()];
    const foot = create(
      'div',
      { class: 'screening-foot' },
      this.#name,
      this.#time,
      button('Close', { onClick: () => this.element.close() }),
    );
    const screen = create('div', { class: 'screening-picture' }, ...this.#videos);
    this.element = create('dialog', { class: 'screening', 'aria-label': 'The film' }, screen, foot);
    this.element.addEventListener('close', () => this.#stop());
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    screen.addEventListener('click', () => this.#toggle());
  }

  /** Plays the film from the current shot. */
  play(pieces: readonly Piece[], current: number): void {
    this.#length = filmLength(pieces);
    this.#pieces = pieces.filter(({ part }) => part.clip);
    if (this.#pieces.length === 0) return;
    const found = this.#pieces.findIndex(({ shot }) => shot.index >= current);
    this.element.showModal();
    this.#go(Math.max(0, found));
  }

  get #video(): HTMLVideoElement {
    return this.#videos[this.#at % 2 === 0 ? 0 : 1];
  }

  #go(index: number): void {
    const piece = this.#pieces[index];
    if (!piece) {
      this.element.close();
      return;
    }
    this.#at = index;
    const video = this.#video;
    if (this.#fadingIn !== index) this.#load(video, piece);
    this.#fadingIn = null;
    for (const one of this.#videos) {
      one.classList.toggle('shown', one === video);
      one.classList.remove('coming');
      one.style.opacity = '';
      one.volume = 1;
      if (one !== video) one.pause();
    }
    this.#name.textContent = piece.part.id;
    this.#onShot(piece);
    void video.play().catch(() => {});
    const next = this.#pieces[index + 1];
    // Preloading the next clip keeps the cut smooth.
    if (next) this.#load(this.#nextVideo, next);
    this.#onNextFrame();
  }

  /** Video element that preloads the next piece. */
  get #nextVideo(): HTMLVideoElement {
    return this.#videos[this.#at % 2 === 0 ? 1 : 0];
  }

  /** Fades the next piece in, picture and sound, during the last `transition` seconds of this one. */
  #fade(piece: Piece, time: number): void {
    const next = this.#pieces[this.#at + 1];
    if (!next || next.transition === 0) return;
    // A skipped piece between the two takes the crossfade away.
    const follows = Math.abs(next.at + next.transition - endOf(piece)) < 0.001;
    const share = 1 - (piece.to - time) / next.transition;
    if (!follows || share < 0) return;
    const [video, other] = [this.#video, this.#nextVideo];
    if (this.#fadingIn === null) {
      this.#fadingIn = this.#at + 1;
      other.classList.add('coming');
      void other.play().catch(() => {});
    }
    other.style.opacity = String(Math.min(1, share));
    other.volume = Math.min(1, share);
    video.volume = Math.max(0, 1 - share);
  }

  #load(video: HTMLVideoElement, { part, from }: Piece): void {
    const src = part.clip?.src ?? '';
    if (video.getAttribute('src') !== src) video.src = src;
    video.currentTime = from;
  }

  #onNextFrame(): void {
    cancelAnimationFrame(this.#animationFrame);
    this.#animationFrame = requestAnimationFrame(() => {
      const piece = this.#pieces[this.#at];
      if (!piece || !this.element.open) return;
      const { currentTime, ended, error } = this.#video;
      this.#time.textContent = `${formatTime(piece.at + currentTime - piece.from)} / ${formatTime(this.#length)}`;
      if (ended || error || currentTime >= piece.to) this.#go(this.#at + 1);
      else {
        this.#fade(piece, currentTime);
        this.#onNextFrame();
      }
    });
  }

  #toggle(): void {
    const playing = this.#fadingIn === null ? [this.#video] : this.#videos;
    const isPaused = this.#video.paused;
    for (const video of playing) {
      if (isPaused) void video.play().catch(() => {});
      else video.pause();
    }
  }

  #onKey(event: KeyboardEvent): void {
    const by = { j: 1, k: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by !== undefined) this.#go(Math.max(0, Math.min(this.#pieces.length - 1, this.#at + by)));
    else if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) this.#toggle();
    else return;
    event.preventDefault();
  }

  #stop(): void {
    cancelAnimationFrame(this.#animationFrame);
    this.#fadingIn = null;
    for (const video of this.#videos) {
      video.pause();
      video.removeAttribute('src');
      video.load();
    }
  }
}
