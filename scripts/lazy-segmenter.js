// Stands in for `Intl.Segmenter` in the bundle. The first that is made takes 15 ms, and libraries that measure text make
// theirs as they are loaded; here it is made by the first text that has to be divided.

// By its own name the bundler would put this very class.
const { Segmenter } = Intl;

export class LazySegmenter {
  /** @type {Intl.Segmenter | undefined} */
  #real;
  /** @type {ConstructorParameters<typeof Intl.Segmenter>} */
  #options;

  /** @param {ConstructorParameters<typeof Intl.Segmenter>} options */
  constructor(...options) {
    this.#options = options;
  }

  /** @param {string} text */
  segment(text) {
    this.#real ??= new Segmenter(...this.#options);
    return this.#real.segment(text);
  }
}
