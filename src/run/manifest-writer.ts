import type { Manifest } from '../manifest/manifest.js';
import { writeManifest } from '../manifest/manifest-file.js';
import type { Sleep } from './waits.js';

/** Least time between two writes, milliseconds. */
const INTERVAL = 1000;

export interface ManifestWriterOptions {
  readonly path: string;
  readonly make: () => Manifest;
  /** Rejects if the file is now another run's to write. Called before each write. */
  readonly permit: () => Promise<void>;
  readonly sleep: Sleep;
  /** Called once, if the manifest cannot be written. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps a manifest file up to date during a run: one write at a time, at most one a second. */
export class ManifestWriter {
  readonly #options: ManifestWriterOptions;
  #isOver = false;
  #isChanged = false;
  #working: Promise<void> | null = null;
  /** Ends the pause after a write. */
  #pause = new AbortController();

  constructor(options: ManifestWriterOptions) {
    this.#options = options;
  }

  /** Schedules a write. */
  changed(): void {
    this.#isChanged = true;
    if (!this.#isOver) this.#working ??= this.#work();
  }

  /** Writes the last manifest and returns it. Rejects with the file system's error, or with the error of `permit`. */
  async finish(): Promise<Manifest> {
    this.#end();
    await this.#working;
    return this.#write();
  }

  async #work(): Promise<void> {
    while (this.#isChanged && !this.#isOver) {
      this.#isChanged = false;
      try {
        await this.#write();
      } catch (error) {
        this.#end();
        this.#options.onFailure(error);
      }
      await this.#rest();
    }
    this.#working = null;
  }

  async #rest(): Promise<void> {
    if (this.#isOver) return;
    this.#pause = new AbortController();
    await this.#options.sleep(INTERVAL, this.#pause.signal);
  }

  async #write(): Promise<Manifest> {
    const { path, make, permit } = this.#options;
    await permit();
    const manifest = make();
    await writeManifest(path, manifest);
    return manifest;
  }

  #end(): void {
    this.#isOver = true;
    this.#pause.abort();
  }
}
