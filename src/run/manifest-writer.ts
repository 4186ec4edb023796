import { writeDurably, writeWhole } from '../durable-file.js';
import type { Manifest } from '../manifest/manifest.js';
import { formatManifest, ManifestText, writeUnlessSame } from '../manifest/write.js';
import type { Sleep } from './pace.js';

/** Time between writes as a multiple of what the last one took: five hundredths of the run at most. */
const SPACING = 20;
/** Least time between writes, milliseconds. */
const LEAST_SPACING = 200;

export interface ManifestWriterOptions {
  readonly path: string;
  readonly make: () => Manifest;
  /** Rejects when the file is another run's to write. Asked before each write. */
  readonly permit: () => Promise<void>;
  readonly deps: { readonly now: () => number; readonly sleep: Sleep };
  /** Told once, when it cannot be written. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps a manifest file up with a run: one write at a time, changes gathered, spaced so that it costs little. Where
 * somebody waits for it there is no spacing, but all who wait share the next write.
 */
export class ManifestWriter {
  readonly #options: ManifestWriterOptions;
  #over = false;
  #changed = false;
  #waiting: (() => void)[] = [];
  #working: Promise<void> | null = null;
  readonly #text = new ManifestText();
  /** Whether the file is ours already. */
  #begun = false;
  /** Whether a loss of power may still take it. */
  #unsynced = false;
  /** Ends the pause between two writes. */
  #hurry = new AbortController();

  constructor(options: ManifestWriterOptions) {
    this.#options = options;
  }

  /** Something changed: it will be written soon. */
  touch(): void {
    this.#changed = true;
    if (!this.#over) this.#working ??= this.#work();
  }

  /** Something changed that cannot wait: it is written as soon as the disk has taken the one before. */
  touchAtOnce(): void {
    this.#hurry.abort();
    this.touch();
  }

  /** Resolves when a manifest made after this call is on disk, or will not be written: `onFailure` heard why. */
  written(): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.touchAtOnce();
    });
  }

  /** Writes what is left, at once. Rejects with the file system's error, or with what `permit` says. */
  async finish(): Promise<void> {
    this.#end();
    await this.#working;
    await this.#write({ last: true });
  }

  async #work(): Promise<void> {
    const { now, sleep } = this.#options.deps;
    while (this.#changed && !this.#over) {
      this.#changed = false;
      this.#hurry = new AbortController();
      const waiting = this.#waiting.splice(0);
      const began = now();
      try {
        await this.#write();
      } catch (error) {
        this.#end();
        this.#options.onFailure(error);
      }
      // Only after that: who waited has to see that nothing may be sent.
      for (const resolve of waiting) resolve();
      if (this.#waiting.length > 0) continue;
      await sleep(Math.max(LEAST_SPACING, (now() - began) * SPACING), this.#hurry.signal);
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#working = null;
  }

  async #write({ last } = { last: false }): Promise<void> {
    const { path, make, permit } = this.#options;
    await permit();
    const manifest = make();
    const news = this.#text.format(manifest);
    // The first may differ from a former run's in nothing that matters; then the file is ours, and written often.
    // What a loss of power takes of it the journal has, until the last.
    if (!this.#begun) await writeUnlessSame(path, news ? Buffer.concat(news) : formatManifest(manifest));
    else if (last && (this.#unsynced || news)) await writeDurably(path, news ?? formatManifest(manifest));
    else if (news) await writeWhole(path, news);
    this.#unsynced = this.#begun && !last;
    this.#begun = true;
  }

  #end(): void {
    this.#over = true;
    this.#hurry.abort();
  }
}
