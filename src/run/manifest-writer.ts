import { writeDurably, writeWhole } from '../base/durable-file.js';
import type { Manifest } from '../manifest/manifest.js';
import { formatManifest, ManifestText, writeUnlessSame } from '../manifest/write.js';
import type { Sleep } from './waits.js';

/** Time between writes as a multiple of what the last one took: a hundredth of the run at most. */
const SPACING = 100;
/** Least time between writes that nobody waits for, milliseconds. */
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
 * Keeps a manifest file up with a run: one write at a time, changes gathered, spaced so that it costs little. Who cannot
 * wait for that says how long they can, and shares the next write with all others.
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
  /** When the last write began, and what it took, milliseconds. */
  #began = 0;
  #took = 0;
  /** How long after the last write the next one may begin, milliseconds; Infinity where nobody minds. */
  #patience = Number.POSITIVE_INFINITY;
  /** Ends the pause between two writes, which may then be a shorter one. */
  #hurry = new AbortController();

  constructor(options: ManifestWriterOptions) {
    this.#options = options;
  }

  /** Something changed: it will be written soon. */
  touch(): void {
    this.#changed = true;
    if (!this.#over) this.#working ??= this.#work();
  }

  /** Something changed that is worth a write of its own, so many milliseconds after the last one at most. */
  touchWithin(patience: number): void {
    this.#patience = Math.min(this.#patience, patience);
    this.#hurry.abort();
    this.touch();
  }

  /**
   * Resolves when a manifest made after this call is on disk, or will not be written: `onFailure` heard why. Waits for
   * others to share it with, `patience` milliseconds after the last one at most.
   */
  written(patience: number): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.touchWithin(patience);
    });
  }

  /** Writes what is left, at once; the last manifest. Rejects with the file system's error, or with what `permit` says. */
  async finish(): Promise<Manifest> {
    this.#end();
    await this.#working;
    return this.#write({ last: true });
  }

  async #work(): Promise<void> {
    const { now } = this.#options.deps;
    while (this.#changed && !this.#over) {
      this.#changed = false;
      this.#patience = Number.POSITIVE_INFINITY;
      const waiting = this.#waiting.splice(0);
      this.#began = now();
      try {
        await this.#write();
      } catch (error) {
        this.#end();
        this.#options.onFailure(error);
      }
      // Only after that: who waited has to see that nothing may be sent.
      for (const resolve of waiting) resolve();
      this.#took = now() - this.#began;
      await this.#rest();
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#working = null;
  }

  /** Until the next write is due, which may come to be sooner meanwhile. */
  async #rest(): Promise<void> {
    const { now, sleep } = this.#options.deps;
    while (!this.#over) {
      const cheap = this.#took * SPACING;
      const isAwaited = Number.isFinite(this.#patience);
      const pause = isAwaited ? Math.min(cheap, this.#patience) : Math.max(cheap, LEAST_SPACING);
      const left = this.#began + pause - now();
      if (left <= 0) return;
      this.#hurry = new AbortController();
      await sleep(left, this.#hurry.signal);
    }
  }

  async #write({ last } = { last: false }): Promise<Manifest> {
    const { path, make, permit } = this.#options;
    await permit();
    const manifest = make();
    const news = this.#text.format(manifest);
    // The first may differ from a former run's in nothing that matters; then the file is ours, and written often.
    // What a loss of power takes of it the journal has, until the last.
    if (!this.#begun) await writeUnlessSame(path, news ?? [formatManifest(manifest)]);
    else if (last && (this.#unsynced || news)) await writeDurably(path, news ?? formatManifest(manifest));
    else if (news) await writeWhole(path, news);
    this.#unsynced = this.#begun && !last;
    this.#begun = true;
    return manifest;
  }

  #end(): void {
    this.#over = true;
    this.#hurry.abort();
  }
}
