import type { Manifest } from '../manifest/manifest.js';
import { writeManifest } from '../manifest/write.js';
import type { Sleep } from './pace.js';

/** Time between writes as a multiple of what the last one took: five hundredths of the run at most. */
const SPACING = 20;
/** Least time between writes, milliseconds. */
const LEAST_SPACING = 200;

export interface ManifestWriterOptions {
  readonly path: string;
  readonly make: () => Manifest;
  readonly deps: { readonly now: () => number; readonly sleep: Sleep };
  /** Told once, when it cannot be written. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps a manifest file up with a run: one write at a time, changes gathered, spaced so that it costs little. */
export class ManifestWriter {
  readonly #options: ManifestWriterOptions;
  readonly #ending = new AbortController();
  #changed = false;
  #working: Promise<void> | null = null;

  constructor(options: ManifestWriterOptions) {
    this.#options = options;
  }

  /** Something changed: it will be written soon. */
  touch(): void {
    this.#changed = true;
    if (!this.#ending.signal.aborted) this.#working ??= this.#work();
  }

  /** Writes what is left, at once. Rejects with the file system's error. */
  async finish(): Promise<void> {
    this.#ending.abort();
    await this.#working;
    await writeManifest(this.#options.path, this.#options.make());
  }

  async #work(): Promise<void> {
    const { now, sleep } = this.#options.deps;
    try {
      while (this.#changed && !this.#ending.signal.aborted) {
        this.#changed = false;
        const began = now();
        await writeManifest(this.#options.path, this.#options.make());
        await sleep(Math.max(LEAST_SPACING, (now() - began) * SPACING), this.#ending.signal);
      }
    } catch (error) {
      this.#ending.abort();
      this.#options.onFailure(error);
    }
    this.#working = null;
  }
}
