import type { PagePart, PageTake } from '../page-data.js';
import { partLength } from './film.js';

/** A clip of a take. */
interface Reel {
  readonly src: string;
  readonly poster: string | null;
  /** Time in the take at which the clip begins, seconds. */
  readonly start: number;
  /** Seconds. */
  readonly length: number;
}

/** Plays one take in one video element; the clips of a split shot follow one another. Loads nothing by itself. */
export class Player {
  readonly video: HTMLVideoElement;
  /** Seconds; 0 without a clip. */
  readonly length: number;
  readonly #reels: readonly Reel[];
  #reel: Reel | null = null;
  /** Time in the clip to seek to next, seconds. */
  #wanted: number | null = null;

  constructor({ parts }: PageTake, video: HTMLVideoElement) {
    this.video = video;
    this.#reels = reelsOf(parts);
    this.length = this.#reels.reduce((sum, { length }) => sum + length, 0);
    video.muted = true;
    video.addEventListener('ended', () => void this.#playNext());
    video.addEventListener('seeked', () => this.#seekToWanted());
  }

  get hasClip(): boolean {
    return this.#reels.length > 0;
  }

  get isPlaying(): boolean {
    return !this.video.paused && !this.video.ended;
  }

  /** Current time in the take, seconds. */
  get time(): number {
    return this.#reel ? this.#reel.start + (this.#wanted ?? this.video.currentTime) : 0;
  }

  /** Shows a frame of a clip that has no still, without playing. */
  showFrame(): void {
    if (this.#reel === null && this.#reels[0]?.poster === null) this.#load(this.#reels[0], 'metadata');
  }

  /** Frees the loaded clip, unless it plays. */
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
    // A browser may refuse to play sound before the first click or key, and the clip may be gone.
    await this.video.play().catch(() => {});
  }

  pause(): void {
    this.video.pause();
  }

  /** Seeks to a time in the take, seconds. During a seek, only the last request is kept. */
  seek(time: number): void {
    const reel = this.#reels.findLast(({ start }) => start <= time) ?? this.#reels[0];
    if (!reel) return;
    if (reel !== this.#reel) this.#load(reel, 'auto');
    // The exact end is after the last frame.
    this.#wanted = Math.max(0, Math.min(time - reel.start, reel.length - 0.04));
    if (!this.video.seeking) this.#seekToWanted();
  }

  #seekToWanted(): void {
    if (this.#wanted === null) return;
    const to = this.#wanted;
    this.#wanted = null;
    if (Math.abs(this.video.currentTime - to) > 0.01) this.video.currentTime = to;
  }

  async #playNext(): Promise<void> {
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
    // Safari shows no frame of a loaded clip without a time in its address.
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

/** Difference above which a take that plays with others is corrected, seconds: three frames. */
const MAX_DRIFT = 0.125;

/** Scrubs and plays the takes of a shot together. Calls `onTime` with the current time while they play. */
export class TakesPlayer {
  readonly players: readonly Player[];
  readonly length: number;
  readonly #onTime: (seconds: number) => void;
  #frame = 0;

  constructor(players: readonly Player[], onTime: (seconds: number) => void) {
    this.players = players.filter(({ hasClip }) => hasClip);
    this.length = Math.max(0, ...this.players.map(({ length }) => length));
    this.#onTime = onTime;
    for (const { video } of this.players) {
      video.addEventListener('play', () => this.#onNextFrame());
      video.addEventListener('pause', () => this.#reportTime());
    }
  }

  get isPlaying(): boolean {
    return this.players.some(({ isPlaying }) => isPlaying);
  }

  /** Time of the take that is furthest, seconds. */
  get time(): number {
    const playing = this.players.filter(({ isPlaying }) => isPlaying);
    return Math.max(0, ...(playing.length > 0 ? playing : this.players).map(({ time }) => time));
  }

  seek(time: number): void {
    for (const player of this.players) player.seek(time);
    this.#onTime(time);
  }

  async play(): Promise<void> {
    const { time } = this;
    for (const player of this.players) player.seek(time);
    await Promise.all(this.players.map((player) => player.play()));
  }

  pause(): void {
    for (const player of this.players) player.pause();
  }

  #onNextFrame(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#reportTime();
      this.#correctDrift();
      if (this.isPlaying) this.#onNextFrame();
    });
  }

  #reportTime(): void {
    this.#onTime(this.time);
  }

  /** Keeps takes of the same length with the first one; a shorter take repeats by itself. */
  #correctDrift(): void {
    const playing = this.players.filter(({ isPlaying }) => isPlaying);
    const [leader, ...others] = playing;
    if (!leader || playing.length < this.players.length) return;
    for (const other of others) {
      const isSameLength = Math.abs(other.length - leader.length) < MAX_DRIFT;
      if (isSameLength && Math.abs(other.time - leader.time) > MAX_DRIFT) other.seek(leader.time);
    }
  }
}
