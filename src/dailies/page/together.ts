import type { Player } from './player.js';

/** How far takes that play together may drift apart before one is set right, seconds: three frames. */
const DRIFT = 0.125;

/** The takes of a shot, scrubbed and played together. Tells `onTime` where they are while they play. */
export class Together {
  readonly players: readonly Player[];
  readonly length: number;
  readonly #onTime: (seconds: number) => void;
  #frame = 0;

  constructor(players: readonly Player[], onTime: (seconds: number) => void) {
    this.players = players.filter(({ isHere }) => isHere);
    this.length = Math.max(0, ...this.players.map(({ length }) => length));
    this.#onTime = onTime;
    for (const { video } of this.players) {
      video.addEventListener('play', () => this.#follow());
      video.addEventListener('pause', () => this.#tell());
    }
  }

  get isPlaying(): boolean {
    return this.players.some(({ isPlaying }) => isPlaying);
  }

  /** Seconds: where the one is that is furthest. */
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

  #follow(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#tell();
      this.#setRight();
      if (this.isPlaying) this.#follow();
    });
  }

  #tell(): void {
    this.#onTime(this.time);
  }

  /** All that play are kept with the first of them; a shorter one that begins again is left alone. */
  #setRight(): void {
    const playing = this.players.filter(({ isPlaying }) => isPlaying);
    const [leader, ...others] = playing;
    if (!leader || playing.length < this.players.length) return;
    for (const other of others) {
      const isSameLength = Math.abs(other.length - leader.length) < DRIFT;
      if (isSameLength && Math.abs(other.time - leader.time) > DRIFT) other.seek(leader.time);
    }
  }
}
