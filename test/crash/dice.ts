import { createHash } from 'node:crypto';

/** Random numbers that depend on the seed and the number of throws alone, so every run of a test has the same ones. */
export class Dice {
  readonly #seed: string;
  #throws = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** At least 0, below 1. */
  chance(): number {
    this.#throws += 1;
    return createHash('sha256').update(`${this.#seed}:${this.#throws}`).digest().readUInt32BE(0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.chance() * (most - least + 1));
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }
}
