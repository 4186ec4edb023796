import type { PagePart, PageTake } from '../page-data.js';
import { partLength } from './film.js';

interface Reel {
  readonly src: string;
  readonly poster: string | null;
  /** Seconds into the take. */
  readonly start: number;
  readonly length: number;
}

/** One take in one video element: the clips of a split shot are played one after the other. Loads nothing by itself. */
export class Player {
  readonly video: HTMLVideoElement;
  /** Seconds; 0 where no clip is here. */
  readonly length: number;
  readonly #reels: readonly Reel[];
  #reel: Reel | null = null;
  #wanted: number | null = null;

  constructor({ parts }: PageTake, video: HTMLVideoElement) {
    this.video = video;
    this.#reels = reelsOf(parts);
    this.length = this.#reels.reduce((sum, { length }) => sum + length, 0);
    video.muted = true;
    video.addEventListener('ended', () => void this.#next());
    video.addEventListener('seeked', () => this.#seekOn());
  }

  get isHere(): boolean {
    return this.#reels.length > 0;
  }

  get isPlaying(): boolean {
    return !this.video.paused && !this.video.ended;
  }

  /** Seconds into the take. */
  get time(): number {
    return this.#reel ? this.#reel.start + (this.#wanted ?? this.video.currentTime) : 0;
  }

  /** Shows a frame where there is no still, without playing. */
  show(): void {
    if (this.#reel === null && this.#reels[0]?.poster === null) this.#load(this.#reels[0], 'metadata');
  }

  /** Lets go of what was loaded: out of sight, nothing is kept decoded. */
  unload(): void {
    if (this.#reel === null || this.isPlaying) return;
    this.#reel = null;
    this.#wanted = null;
    this.video.removeAttribute('src');
    this.video.load();
  }

  async play(): Promise<void> {
    const [first] = this.#reels;
    if (!first) return;
    if (this.#reel === null) this.#load(first, 'auto');
    // A browser may refuse to play with sound before the page was touched, and a clip may be gone.
    await this.video.play().catch(() => {});
  }

  pause(): void {
    this.video.pause();
  }

  /** Goes to a time; while it is still on its way to another, the last one asked for wins. */
  seek(time: number): void {
    const reel = this.#reels.findLast(({ start }) => start <= time) ?? this.#reels[0];
    if (!reel) return;
    if (reel !== this.#reel) this.#load(reel, 'auto');
    // The very end is the frame after the last.
    this.#wanted = Math.max(0, Math.min(time - reel.start, reel.length - 0.04));
    if (!this.video.seeking) this.#seekOn();
  }

  #seekOn(): void {
    if (this.#wanted === null) return;
    const to = this.#wanted;
    this.#wanted = null;
    if (Math.abs(this.video.currentTime - to) > 0.01) this.video.currentTime = to;
  }

  async #next(): Promise<void> {
    const at = this.#reel ? this.#reels.indexOf(this.#reel) : -1;
    const next = this.#reels[at + 1] ?? this.#reels[0];
    if (!next) return;
    if (next === this.#reel) this.video.currentTime = 0;
    else this.#load(next, 'auto');
    await this.play();
  }

  #load(reel: Reel, preload: 'metadata' | 'auto'): void {
    const { video } = this;
    this.#reel = reel;
    this.#wanted = null;
    video.preload = preload;
    // Safari shows no frame of what was only loaded, unless it is asked for one.
    video.src = preload === 'metadata' ? `${reel.src}#t=0.001` : reel.src;
  }
}

function reelsOf(parts: readonly PagePart[]): readonly Reel[] {
  const reels: Reel[] = [];
  let start = 0;
  for (const part of parts) {
    if (!part.clip) continue;
    const length = partLength(part);
    reels.push({ src: part.clip.src, poster: part.stills.middle, start, length });
    start += length;
  }
  return reels;
}
